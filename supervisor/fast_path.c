/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path.h"

#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fast_path_code.h"
#include "fast_path_memory.h"
#include "fast_path_threads.h"
#include "proc_status.h"
#include "tracee_mem.h"

enum {
	PLACES = 16, /* of a process */
	REGIONS = 3,
	/*
	 * Stops of a place before memory is made for it, which costs as much as five, and before it is led elsewhere if that is there,
	 * which costs less than one.
	 */
	WORTH_MEMORY = 6,
	WORTH_IT = 3,
};

struct place {
	uint64_t ip; /* behind its system call instruction */
	unsigned stops; /* that the fast path would have spared */
	bool is_settled; /* led, or it cannot be */
};

/* A call of ours in place of the asked one, after which the thread stops at once, see FAST_PATH_ANSWER. */
enum asked {
	ASKED_NOTHING,
	ASKED_MEMORY, /* mmap of the gate and all behind it */
	ASKED_PROTECTION, /* mprotect of it: executable, and no longer writable */
	ASKED_REGION, /* mmap */
};

/* Of a process, since its last exec. */
struct fast_path {
	struct place places[PLACES];
	size_t n_places;
	bool has_memory, is_given_up, has_loaded_filter;
	bool has_go; /* the first cell is in use */
	size_t cells_used; /* of the others */
	struct {
		uint64_t address;
		size_t ramps_used;
	} regions[REGIONS];
	size_t n_regions;
	struct fast_path_text text; /* that the last place is in */
	enum asked asked;
	pid_t asking;
	struct fast_path_place place; /* that it is asked for */
	uint64_t ramp; /* that is ready for it; 0: none is near */
};

static struct fast_path_check check;
/* What is written to FAST_PATH_GATE; of a place's words there are those of the last that was written so. */
static struct fast_path_memory memory;
static bool is_on;
/* That gvtrace was started with; -1: this kernel tells no number. */
static long filters_before;

int fast_path_init(
	const struct rule_set *rules, const struct syscall_set *logged, struct filter *filter)
{
	/* Others only ask: so libseccomp does, without a filter or with flags for the strict mode, at the start of each program. */
	static const struct arg_condition confines[] = { { 0, UINT32_MAX, SECCOMP_SET_MODE_STRICT },
		{ 1, UINT32_MAX, 0 }, { .arg = -1 } };
	static const struct arg_condition filters[] = { { 0, UINT32_MAX, SECCOMP_SET_MODE_FILTER },
		{ 2, 0, 0 }, { .arg = -1 } };
	static const struct arg_condition sets_seccomp[] = { { 0, UINT32_MAX, PR_SET_SECCOMP },
		{ .arg = -1 } };

	is_on = fast_path_code_is_possible() && fast_path_check_make(rules, logged, &check) &&
		fast_path_make_memory(&check, &memory);
	if (!is_on)
		return 0;
	filters_before = proc_status_number(getpid(), "Seccomp_filters");
	filter_allow_gate(filter, &check.calls);
	int r = filter_add(filter, SYS_seccomp, confines);
	r = r ? r : filter_add(filter, SYS_seccomp, filters);
	return r ? r : filter_add(filter, SYS_prctl, sets_seccomp);
}

/*
 * Whether a filter might do anything about a call of ours: there are more than ours and those that gvtrace itself was started
 * with. gVisor (2022 to 2026) tells no number; what is seen there is a program that loads one, fast_path_notice().
 */
static bool has_filter_of_its_own(const struct process *process)
{
	long ours = 1 + process->has_second_filter + process->has_late_filter;

	return filters_before >= 0 &&
	       proc_status_number(process->tgid, "Seccomp_filters") > filters_before + ours;
}

/* Whether a process that has not executed a program may have a filter, or other things, of a parent that we do not know. */
static bool is_of_unknown_parent(const struct process *process)
{
	const struct process *parent =
		process_find((pid_t)proc_status_number(process->tgid, "PPid"));

	return !parent || (parent->fast_path && parent->fast_path->has_loaded_filter);
}

/* An outsider that has executed a program is shown another /proc, by links as well. */
static bool must_give_up(struct tracee *tracee)
{
	const struct process *process = tracee->process;

	return process->every_call || process->outsider != OUTSIDER_NOT ||
	       has_filter_of_its_own(process) ||
	       (!process->has_executed && is_of_unknown_parent(process)) ||
	       fast_path_names_program(&check, tracee_program(tracee));
}

/* NULL: no memory. */
static struct fast_path *of_process(struct stop *stop)
{
	struct process *process = tracee_process(stop->tracee);

	if (process && !process->fast_path)
		process->fast_path = calloc(1, sizeof(*process->fast_path));
	return process ? process->fast_path : NULL;
}

/* Or tries to. libseccomp asks without a filter for what the kernel knows. */
static bool loads_filter(const struct stop *stop)
{
	uint32_t operation = (uint32_t)stop_asked(stop, 0);

	switch (stop_syscall(stop)) {
	case SYS_seccomp:
		/* With flags the strict mode is an invalid argument: so libseccomp asks whether there is such a call. */
		return (operation == SECCOMP_SET_MODE_STRICT &&
			       (uint32_t)stop_asked(stop, 1) == 0) ||
		       (operation == SECCOMP_SET_MODE_FILTER && stop_asked(stop, 2) != 0);
	case SYS_prctl:
		return operation == PR_SET_SECCOMP &&
		       (stop_asked(stop, 1) != SECCOMP_MODE_FILTER || stop_asked(stop, 2) != 0);
	default:
		return false;
	}
}

void fast_path_notice(struct stop *stop)
{
	struct fast_path *fast = is_on && loads_filter(stop) ? of_process(stop) : NULL;

	if (!fast)
		return;
	fast->is_given_up = fast->has_loaded_filter = true;
	tracee_keep_process(stop->tracee);
}

/* NULL: it is not to be looked at (yet). */
static struct place *worthy_place(struct fast_path *fast, uint64_t ip)
{
	size_t i = 0;

	while (i < fast->n_places && fast->places[i].ip != ip)
		i++;
	if (i == PLACES)
		return NULL;
	if (i == fast->n_places)
		fast->places[fast->n_places++].ip = ip;
	struct place *place = &fast->places[i];
	unsigned worth = fast->has_memory ? WORTH_IT : WORTH_MEMORY;
	return place->is_settled || ++place->stops < worth ? NULL : place;
}

/* Where the thread makes the asked call anew. */
static uint64_t begin_of(const struct fast_path *fast)
{
	return fast->place.is_go ? fast->place.call : fast->place.address;
}

/* The call in flight becomes one of ours, on the memory at address, and next the thread is at ip. */
static bool ask(struct stop *stop, struct fast_path *fast, enum asked asked, long nr,
	uint64_t address, size_t length, int protection, uint64_t ip)
{
	const uint64_t args[SYSCALL_ARGS] = { address, length, (uint64_t)protection,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, (uint64_t)-1, 0 };
	struct regs regs = stop->asked;

	fast->asked = asked;
	fast->asking = stop->tracee->tid;
	stop->detour = DETOUR_FAST_PATH;
	regs_set_syscall(&regs, nr);
	for (int i = 0; i < SYSCALL_ARGS; i++)
		regs_set_arg(&regs, i, args[i]);
	regs_set_instruction_pointer(&regs, ip);
	return regs_write(stop->tracee->tid, &regs) == 0;
}

/* From where the place can jump. 0: nowhere. */
static uint64_t find_ramp(struct fast_path *fast)
{
	uint8_t jump[FAST_PATH_JUMP_BYTES], padding[FAST_PATH_JUMP_BYTES];

	for (size_t i = 0; i < fast->n_regions; i++) {
		uint64_t ramp = fast->regions[i].address +
				(1 + fast->regions[i].ramps_used) * FAST_PATH_RAMP_BYTES;
		if (fast->regions[i].ramps_used == FAST_PATH_RAMPS ||
			!fast_path_make_jump(&fast->place, ramp, jump, padding))
			continue;
		fast->regions[i].ramps_used++;
		return ramp;
	}
	return 0;
}

static bool has_cell(const struct fast_path *fast)
{
	return fast->place.is_go ? !fast->has_go : fast->cells_used < FAST_PATH_CELLS - 1;
}

/* The words for the place, whose cell is taken. Their number. */
static size_t take_words(
	struct fast_path *fast, struct fast_path_word ret_words[FAST_PATH_WORDS_MAX])
{
	size_t cell = fast->place.is_go ? 0 : ++fast->cells_used;

	fast->has_go |= fast->place.is_go;
	return fast_path_make_words(&fast->place, &check, cell, fast->ramp, ret_words);
}

/* While it is writable: all that is the same for all, and the place, if it is near. */
static int write_memory(struct stop *stop, struct fast_path *fast)
{
	struct fast_path_word words[FAST_PATH_WORDS_MAX];

	fast->regions[fast->n_regions++].address = FAST_PATH_FIRST_REGION;
	fast->ramp = find_ramp(fast);
	size_t n = fast->ramp ? take_words(fast, words) : 0;
	for (size_t i = 0; i < n; i++)
		memcpy((uint8_t *)&memory + (words[i].address - FAST_PATH_GATE), &words[i].value,
			sizeof(words[i].value));
	return tracee_mem_write(stop->tracee->tid, FAST_PATH_GATE, &memory, sizeof(memory));
}

static int poke_words(struct stop *stop, struct fast_path *fast)
{
	struct fast_path_word words[FAST_PATH_WORDS_MAX];
	size_t n = take_words(fast, words);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = tracee_mem_poke(stop->tracee->tid, words[i].address, &words[i].value,
			sizeof(words[i].value));
	return r;
}

/* Leads the place to its ramp. */
static int lead(struct stop *stop, const struct fast_path *fast)
{
	const struct fast_path_place *place = &fast->place;
	uint8_t jump[FAST_PATH_JUMP_BYTES], padding[FAST_PATH_JUMP_BYTES];
	int r = 0;

	if (!fast_path_make_jump(place, fast->ramp, jump, padding))
		return -ENOSPC;
	fast_path_is_used_now();
	if (place->is_go)
		r = tracee_mem_poke(
			stop->tracee->tid, place->padding, padding, FAST_PATH_PADDING_BYTES);
	return r ? r : fast_path_replace(stop->tracee->tid, place->address, jump, place->length);
}

static bool is_in_text(const struct fast_path *fast, const struct fast_path_place *place)
{
	uint64_t end = place->is_go ? place->padding + FAST_PATH_PADDING_BYTES
				    : place->call + FAST_PATH_CALL_BYTES;

	return place->address >= fast->text.start && end <= fast->text.end;
}

/* Code that others see, too, or that the program makes itself, is not to be written to. */
static bool may_be_led(
	struct stop *stop, struct fast_path *fast, const struct fast_path_place *place)
{
	return (fast->has_memory && is_in_text(fast, place)) ||
	       (fast_path_find_text(stop, place->call, &fast->text) == 0 &&
		       is_in_text(fast, place));
}

/* The program may have other memory there by now. */
static bool is_memory_there(const struct stop *stop, const struct fast_path *fast)
{
	uint64_t region = fast->ramp - fast->ramp % FAST_PATH_REGION_BYTES;

	return fast_path_is_region(stop->tracee->tid, FAST_PATH_FIRST_REGION) &&
	       (region == FAST_PATH_FIRST_REGION || fast_path_is_region(stop->tracee->tid, region));
}

/* There is memory. The place is led, or cannot be, or a region is needed first. True: that call. */
static bool settle(struct stop *stop, struct fast_path *fast)
{
	if (!has_cell(fast))
		return false;
	fast->ramp = find_ramp(fast);
	if (!fast->ramp && fast->n_regions < REGIONS && fast->text.gap)
		return ask(stop, fast, ASKED_REGION, SYS_mmap, fast->text.gap,
			FAST_PATH_REGION_BYTES, PROT_READ | PROT_EXEC, FAST_PATH_STUB);
	if (fast->ramp)
		fast->is_given_up = !is_memory_there(stop, fast) || poke_words(stop, fast) != 0 ||
				    lead(stop, fast) != 0;
	return false;
}

bool fast_path_asks(struct stop *stop)
{
	long nr = stop_syscall(stop);
	uint8_t bytes[FAST_PATH_BEFORE + FAST_PATH_BEHIND];

	if (!is_on || !syscall_set_has(&check.calls, nr))
		return false;
	const char *path = stop_path_text(stop, fast_path_arg(nr));
	if (!path || !fast_path_cannot_match(&check, nr, path, stop_asked(stop, 3)))
		return false;
	struct fast_path *fast = of_process(stop);
	/* Where a thread executes a program, what is written might be written to that: see tracee_was_replaced(). */
	if (!fast || fast->is_given_up || stop->tracee->process->n_executing > 0)
		return false;
	if (fast->asked) {
		/* Its call may or may not have been made. */
		fast->is_given_up = !tracee_find(fast->asking);
		return false;
	}
	uint64_t ip = regs_instruction_pointer(&stop->asked);
	struct place *place = worthy_place(fast, ip);
	if (!place)
		return false;
	place->is_settled = true;
	if (tracee_mem_read(stop->tracee->tid, ip - FAST_PATH_BEFORE, bytes, sizeof(bytes)) ||
		!fast_path_find_place(bytes, ip, nr, &fast->place) ||
		!may_be_led(stop, fast, &fast->place))
		return false;
	if (fast->has_memory)
		return settle(stop, fast);
	fast->is_given_up = !fast->text.gate_is_free || must_give_up(stop->tracee);
	return !fast->is_given_up &&
	       ask(stop, fast, ASKED_MEMORY, SYS_mmap, FAST_PATH_GATE, sizeof(memory),
		       PROT_READ | PROT_WRITE,
		       fast->place.is_systrap ? fast->place.address : fast->place.call);
}

/* What was asked for is there, or not, and what is next: true: another call. */
static bool go_on(struct stop *stop, struct fast_path *fast, const struct regs *regs, bool may_ask)
{
	int64_t result = (int64_t)regs_arg(regs, FAST_PATH_STUB_ARG);
	enum asked asked = fast->asked;

	fast->asked = ASKED_NOTHING;
	fast->is_given_up |= !may_ask || stop->tracee->process->n_executing > 0;
	if (fast->is_given_up)
		return false;
	switch (asked) {
	case ASKED_MEMORY:
		/* A place that brings its own number does not tell the result; but nothing else was there. */
		fast->is_given_up =
			(!fast->place.is_systrap && regs_syscall(regs) != FAST_PATH_ANSWER) ||
			write_memory(stop, fast) != 0;
		return !fast->is_given_up &&
		       ask(stop, fast, ASKED_PROTECTION, SYS_mprotect, FAST_PATH_GATE,
			       sizeof(memory), PROT_READ | PROT_EXEC, FAST_PATH_STUB);
	case ASKED_PROTECTION:
		fast->has_memory = true;
		fast->is_given_up = result != 0;
		if (fast->is_given_up || !fast->ramp)
			return !fast->is_given_up && settle(stop, fast);
		fast->is_given_up = lead(stop, fast) != 0;
		return false;
	case ASKED_REGION:
		fast->is_given_up = result != (int64_t)fast->text.gap ||
				    tracee_mem_poke(stop->tracee->tid, fast->text.gap,
					    fast_path_magic, sizeof(fast_path_magic)) != 0;
		if (fast->is_given_up)
			return false;
		fast->regions[fast->n_regions++].address = fast->text.gap;
		fast->text.gap = 0;
		return settle(stop, fast);
	case ASKED_NOTHING:
		break;
	}
	return false;
}

/* The thread is where it was before it made the call, which it now makes once more. */
static void make_again(struct stop *stop, const struct fast_path *fast)
{
	struct regs regs;

	regs_rewind_to(&regs, &stop->asked);
	regs_set_instruction_pointer(&regs, begin_of(fast));
	if (regs_write(stop->tracee->tid, &regs) == 0)
		stop_end(stop->tracee);
}

static bool is_asking(const struct tracee *tracee)
{
	return tracee->stop && tracee->stop->detour == DETOUR_FAST_PATH;
}

/* NULL: it is forgotten. */
static struct fast_path *of_asking(const struct tracee *tracee)
{
	struct fast_path *fast = tracee->process ? tracee->process->fast_path : NULL;

	return fast && fast->asking == tracee->tid ? fast : NULL;
}

bool fast_path_answered(struct tracee *tracee, const struct regs *regs, bool may_ask)
{
	struct fast_path *fast = is_asking(tracee) ? of_asking(tracee) : NULL;

	if (!fast)
		return false;
	if (!go_on(tracee->stop, fast, regs, may_ask))
		make_again(tracee->stop, fast);
	return true;
}

int fast_path_interrupted(struct tracee *tracee, int signal)
{
	struct fast_path *fast = is_asking(tracee) ? of_asking(tracee) : NULL;
	struct regs regs;

	if (!fast || regs_read(tracee->tid, &regs))
		return signal;
	fast->asked = ASKED_NOTHING;
	fast->is_given_up = true;
	make_again(tracee->stop, fast);
	/* The code that was not made executable. */
	return signal == SIGSEGV && regs_instruction_pointer(&regs) == FAST_PATH_STUB ? 0 : signal;
}

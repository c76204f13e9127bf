/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "area.h"
#include "fast_path_code.h"
#include "fast_path_memory.h"
#include "fast_path_threads.h"
#include "own_filters.h"
#include "proc_status.h"
#include "tracee_mem.h"

enum {
	PLACES = 16, /* of a process */
	REGIONS = 3,
	/*
	 * Stops of a place before it is led elsewhere, which costs as much as five in gVisor. Programs that run for a moment make some
	 * ten such calls in all: ld.so's, and a look at a few files. In Go one place makes all, and a program that has made two makes
	 * many: a runc some hundred.
	 */
	WORTH_IT = 20,
	WORTH_IT_IN_GO = 2,
};

/* An area (area.h) is made by the same mmap as the gate: most processes that are led need one, and each call of ours is three stops. */
enum {
	AREA_BYTES = AREA_SLOTS * AREA_SLOT_BYTES,
	AREA_BEFORE_GATE = FAST_PATH_GATE - AREA_BYTES,
};

enum gate {
	GATE_NONE,
	GATE_WRITABLE, /* mapped, and nothing in it yet */
	GATE_READY, /* executable, and no longer writable */
};

struct place {
	uint64_t ip; /* behind its system call instruction */
	unsigned stops; /* that the fast path would have spared */
	unsigned needed; /* stops before it is looked at */
	bool is_settled; /* led, or it cannot be */
	bool forgets_args;
};

/* Of a process, since its last exec. */
struct fast_path {
	struct place places[PLACES];
	size_t n_places;
	enum gate gate;
	bool is_given_up, has_loaded_filter;
	size_t slots_used;
	struct {
		uint64_t address;
		size_t cells_used;
	} regions[REGIONS];
	size_t n_regions;
	struct fast_path_text text; /* that the last place is in */
	uint64_t prepared_ip, prepared_cell; /* the place whose cell is there, but not yet led to */
	/* The call of ours that is in flight: in which thread, and what it is. */
	pid_t asking;
	uint64_t call_nr, call_address;
};

static struct fast_path_check check;
static bool is_on;
/* That gvtrace was started with; -1: this kernel tells no number. */
static long filters_before;

void fast_path_init(
	const struct rule_set *rules, const struct syscall_set *logged, struct filter *filter)
{
	is_on = fast_path_code_is_possible() && fast_path_check_make(rules, logged, &check);
	if (!is_on)
		return;
	filters_before = proc_status_number(getpid(), "Seccomp_filters");
	filter_allow_gate(filter, &check.calls);
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

void fast_path_notice(struct stop *stop)
{
	struct fast_path *fast = is_on ? of_process(stop) : NULL;

	if (!fast)
		return;
	fast->is_given_up = fast->has_loaded_filter = true;
	tracee_keep_process(stop->tracee);
}

/* n_places: it is none of them. */
static size_t index_of_place(const struct fast_path *fast, uint64_t ip)
{
	size_t i = 0;

	while (i < fast->n_places && fast->places[i].ip != ip)
		i++;
	return i;
}

/* NULL: it is not to be looked at (yet). */
static struct place *worthy_place(struct fast_path *fast, uint64_t ip)
{
	size_t i = index_of_place(fast, ip);

	if (i == PLACES)
		return NULL;
	if (i == fast->n_places)
		fast->places[fast->n_places++] =
			(struct place){ .ip = ip, .needed = WORTH_IT_IN_GO };
	struct place *place = &fast->places[i];
	return place->is_settled || ++place->stops < place->needed ? NULL : place;
}

/* The call in flight becomes one of ours, on the memory at address. */
static bool ask_for(struct stop *stop, struct fast_path *fast, long nr, uint64_t address,
	size_t length, int protection)
{
	const uint64_t args[SYSCALL_ARGS] = { address, length, (uint64_t)protection,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, (uint64_t)-1, 0 };

	fast->asking = stop->tracee->tid;
	fast->call_nr = (uint64_t)nr;
	fast->call_address = address;
	stop_reset(stop);
	stop->detour = DETOUR_FAST_PATH;
	stop_send_syscall(stop, nr);
	for (int i = 0; i < (nr == SYS_mprotect ? 3 : SYSCALL_ARGS); i++)
		stop_send_arg(stop, i, args[i]);
	return true;
}

static void add_region(struct fast_path *fast, uint64_t address)
{
	fast->regions[fast->n_regions].address = address;
	fast->regions[fast->n_regions++].cells_used = 0;
}

/* A kernel that does not know MAP_FIXED_NOREPLACE maps elsewhere. */
void fast_path_call_has_run(struct stop *stop, int64_t result)
{
	struct process *process = tracee_process(stop->tracee);
	struct fast_path *fast = process ? process->fast_path : NULL;

	if (!fast || fast->asking != stop->tracee->tid)
		return;
	fast->asking = 0;
	if (fast->call_nr == SYS_mprotect) {
		fast->is_given_up = result != 0;
		fast->gate = GATE_READY;
	} else if (result != (int64_t)fast->call_address) {
		fast->is_given_up = true;
	} else if (fast->call_address == AREA_BEFORE_GATE) {
		fast->gate = GATE_WRITABLE;
		area_add(process, result);
	} else {
		fast->is_given_up = tracee_mem_poke(stop->tracee->tid, fast->call_address,
					    fast_path_magic, sizeof(fast_path_magic)) != 0;
		add_region(fast, fast->call_address);
	}
}

typedef int write_t(pid_t tid, uint64_t address, const void *data, size_t length);

/* Makes a cell for the place. 0, -ENOSPC when another region may do, or another -errno. */
static int prepare(struct stop *stop, struct fast_path *fast, const struct fast_path_place *place,
	size_t region, write_t *write)
{
	struct fast_path_slot slots[FAST_PATH_PLACE_SLOTS];
	struct fast_path_cell cell;
	uint8_t jump[FAST_PATH_JUMP_BYTES], padding[FAST_PATH_JUMP_BYTES];
	uint64_t address = fast->regions[region].address +
			   (1 + fast->regions[region].cells_used) * FAST_PATH_CELL_BYTES;

	if (fast->regions[region].cells_used == FAST_PATH_CELLS ||
		!fast_path_make_jump(place, address, jump, padding))
		return -ENOSPC;
	/* The program may have other memory there by now. */
	if (!fast_path_is_region(stop->tracee->tid, fast->regions[region].address))
		return -EFAULT;
	size_t length = fast_path_make_cell(place, &check, address, fast->slots_used, &cell);
	size_t n_slots = fast_path_make_slots(place, &check, slots);
	if (length == 0 || fast->slots_used + n_slots > FAST_PATH_SLOTS)
		return -E2BIG;
	int r = write(stop->tracee->tid, FAST_PATH_GATE + fast->slots_used * FAST_PATH_SLOT_BYTES,
		slots, n_slots * sizeof(slots[0]));
	if (r == 0)
		r = write(stop->tracee->tid, address, &cell, length);
	fast->slots_used += n_slots;
	fast->regions[region].cells_used++;
	fast->prepared_ip = place->call + FAST_PATH_CALL_BYTES;
	fast->prepared_cell = address;
	return r;
}

/* While it is writable, which is quicker than word by word. */
static int prepare_gate(
	struct stop *stop, struct fast_path *fast, const struct fast_path_place *place)
{
	pid_t tid = stop->tracee->tid;
	int r = tracee_mem_write(tid, FAST_PATH_NAMES, &check.names, sizeof(check.names));

	if (r == 0)
		r = tracee_mem_write(
			tid, FAST_PATH_FIRST_REGION, fast_path_magic, sizeof(fast_path_magic));
	add_region(fast, FAST_PATH_FIRST_REGION);
	if (r == 0)
		r = prepare(stop, fast, place, 0, tracee_mem_write);
	return r == -ENOSPC ? 0 : r;
}

/* Leads the place to its cell. */
static int lead(struct stop *stop, struct fast_path *fast, const struct fast_path_place *place)
{
	uint8_t jump[FAST_PATH_JUMP_BYTES], padding[FAST_PATH_JUMP_BYTES];
	int r = 0;

	if (!fast_path_make_jump(place, fast->prepared_cell, jump, padding))
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
	return is_in_text(fast, place) ||
	       (fast_path_find_text(stop, place->call, &fast->text) == 0 &&
		       is_in_text(fast, place));
}

/*
 * The place is led, or cannot be, or a call of ours is needed first. True: that call. It is made in place of the program's, which is
 * then made again and comes here anew, up to three times for one place: mmap of the gate (GATE_NONE becomes GATE_WRITABLE), mprotect of
 * what has been written there (GATE_READY), and mmap of another region where no cell is free near the place.
 */
static bool settle(struct stop *stop, struct fast_path *fast, struct place *place)
{
	uint8_t bytes[FAST_PATH_BEFORE + FAST_PATH_BEHIND];
	struct fast_path_place found;
	int r = fast->prepared_ip == place->ip ? 0 : -ENOSPC; /* 0: its cell is there */

	place->is_settled = tracee_mem_read(stop->tracee->tid, place->ip - FAST_PATH_BEFORE, bytes,
				    sizeof(bytes)) ||
			    !fast_path_find_place(bytes, place->ip, stop_syscall(stop), &found);
	if (place->is_settled)
		return false;
	place->forgets_args = found.forgets_args;
	if (!found.is_go && place->stops < WORTH_IT) {
		place->needed = WORTH_IT;
		return false;
	}
	if (fast->gate == GATE_NONE)
		fast->is_given_up = must_give_up(stop->tracee);
	if (fast->is_given_up)
		return false;
	place->is_settled = !may_be_led(stop, fast, &found);
	if (place->is_settled)
		return false;
	if (fast->gate == GATE_NONE)
		return ask_for(stop, fast, SYS_mmap, AREA_BEFORE_GATE,
			AREA_BYTES + FAST_PATH_GATE_AND_REGION_BYTES, PROT_READ | PROT_WRITE);
	if (fast->gate == GATE_WRITABLE && prepare_gate(stop, fast, &found) == 0)
		return ask_for(stop, fast, SYS_mprotect, FAST_PATH_GATE,
			FAST_PATH_GATE_AND_REGION_BYTES, PROT_READ | PROT_EXEC);
	if (fast->gate != GATE_READY) {
		fast->is_given_up = true;
		return false;
	}
	for (size_t i = 0; i < fast->n_regions && r == -ENOSPC; i++)
		r = prepare(stop, fast, &found, i, tracee_mem_poke);
	if (r == -ENOSPC && fast->n_regions < REGIONS &&
		fast_path_find_text(stop, place->ip, &fast->text) == 0 && fast->text.gap)
		return ask_for(stop, fast, SYS_mmap, fast->text.gap, FAST_PATH_REGION_BYTES,
			PROT_READ | PROT_EXEC);
	place->is_settled = true;
	if (r == 0 && lead(stop, fast, &found) != 0)
		fast->is_given_up = true;
	return false;
}

bool fast_path_forgets_args(const struct stop *stop)
{
	const struct process *process = stop->tracee->process;
	const struct fast_path *fast = process ? process->fast_path : NULL;
	size_t i = fast ? index_of_place(fast, regs_instruction_pointer(&stop->asked)) : 0;

	return fast && i < fast->n_places && fast->places[i].forgets_args;
}

bool fast_path_wants_call(struct stop *stop)
{
	long nr = stop_syscall(stop);

	if (!is_on || !syscall_set_has(&check.calls, nr))
		return false;
	const char *path = stop_path_text(stop, fast_path_arg(nr));
	if (!path || (!fast_path_cannot_match(&check, nr, path, stop_asked(stop, 3)) &&
			     !fast_path_result_tells(&check, nr, path, stop_asked(stop, 2))))
		return false;
	struct fast_path *fast = of_process(stop);
	/* Where a thread executes a program, what is written might be written to that: see tracee_was_replaced(). */
	if (!fast || fast->is_given_up || stop->tracee->process->n_executing > 0)
		return false;
	if (fast->asking) {
		/* Its call may or may not have been made. */
		fast->is_given_up = !tracee_find(fast->asking);
		return false;
	}
	struct place *place = worthy_place(fast, regs_instruction_pointer(&stop->asked));
	return place && settle(stop, fast, place);
}

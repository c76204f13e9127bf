/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "call.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "area.h"
#include "detached.h"
#include "errand.h"
#include "fast_path.h"
#include "fast_path_threads.h"
#include "follow.h"
#include "foreign_call.h"
#include "grow.h"
#include "link_told.h"
#include "looked_at.h"
#include "lookup.h"
#include "mem_thread.h"
#include "namespaces.h"
#include "next_event.h"
#include "own_filters.h"
#include "plan.h"
#include "record.h"
#include "signals.h"
#include "stop.h"
#include "strict_mode.h"
#include "tracee_mem.h"

static const struct supervise_options *options;

static int write_regs(const struct tracee *tracee, const struct regs *regs)
{
	return tracee_was_replaced(tracee) ? -ESRCH : regs_write(tracee->tid, regs);
}

void call_init(const struct supervise_options *with)
{
	options = with;
	stop_use_rules(options->rules);
}

bool call_stops_always(const struct tracee *tracee)
{
	const struct process *process = tracee->process;

	if (options->every_call || looked_at_stops(tracee) || tracee->restart != RESTART_NONE)
		return true;
	/* A call that no rule names was put off for an errand: its second begin would not stop by itself. */
	if (tracee->replays && tracee->stop && tracee->stop->detour == DETOUR_ERRAND)
		return true;
	return process && (process->n_followed > 0 || process->every_call || process->errand);
}

/*
 * A child made with CLONE_UNTRACED would leave us with the filter still on it: each call that the filter
 * stops would fail with ENOSYS. The bit means nothing to anybody else, so it is not put back.
 */
static void clear_untraced(const struct tracee *tracee, struct regs *regs)
{
	uint64_t flags = regs_arg(regs, 0);

	if (regs_syscall(regs) != SYS_clone || !(flags & CLONE_UNTRACED))
		return;
	regs_set_arg(regs, 0, flags & ~(uint64_t)CLONE_UNTRACED);
	if (write_regs(tracee, regs))
		return;
}

/* False: it stays, as the memory cannot be written. */
static bool clear_untraced_clone3(struct stop *stop)
{
	uint64_t flags, address = stop_asked(stop, 0);

	if (stop_syscall(stop) != SYS_clone3 || stop_read(stop, address, &flags, sizeof(flags)) ||
		!(flags & CLONE_UNTRACED))
		return true;
	flags &= ~(uint64_t)CLONE_UNTRACED;
	return stop_write(stop, address, &flags, sizeof(flags)) == 0;
}

/*
 * Between the rewind of a call and its new entry the thread is in user mode, where a signal handler could
 * make calls of its own: signals wait that long.
 */
static void block_signals(struct tracee *tracee)
{
	uint64_t all = ~UINT64_C(0);

	if (tracee->replays || tracee_was_replaced(tracee))
		return;
	if (ptrace(PTRACE_GETSIGMASK, tracee->tid, sizeof(tracee->blocked), &tracee->blocked) == 0)
		ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all), &all);
	tracee->replays = true;
}

static void unblock_signals(struct tracee *tracee)
{
	if (!tracee_was_replaced(tracee))
		ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(tracee->blocked), &tracee->blocked);
	tracee->replays = false;
}

/* The call in flight becomes an mmap of memory of ours; after it the asked call is made again. */
static enum call_state map_area(struct stop *stop)
{
	int tries = stop->tries + 1;

	stop_reset(stop);
	stop->tries = tries;
	stop->detour = DETOUR_MAP;
	stop_send_syscall(stop, SYS_mmap);
	for (int i = 0; i < SYSCALL_ARGS; i++)
		stop_send_arg(stop, i, area_mmap_args[i]);
	return CALL_WATCHED;
}

/*
 * A child of vfork(2) has made its areas in its parent's memory, where they would stay and add up: before it executes a program
 * they go. Not if one was made for this very call.
 */
static bool unmap_area(struct stop *stop)
{
	struct process *process = stop->tracee->process;
	bool is_exec = stop_syscall(stop) == SYS_execve || stop_syscall(stop) == SYS_execveat;
	uint64_t address = is_exec && stop->tries == 0 && process && !process->has_executed
				   ? area_take_away(process)
				   : 0;

	if (address == 0)
		return false;
	stop->detour = DETOUR_UNMAP;
	stop_send_syscall(stop, SYS_munmap);
	stop_send_arg(stop, 0, address);
	stop_send_arg(stop, 1, area_mmap_args[1]);
	return true;
}

static enum call_state run_rules(struct stop *stop)
{
	uint64_t args[SYSCALL_ARGS];
	size_t cursor = 0;
	const struct rule *rule;
	struct match_query query = { regs_syscall(&stop->asked), args, stop, stop_match_path,
		stop_match_program };

	for (int i = 0; i < SYSCALL_ARGS; i++)
		args[i] = regs_arg(&stop->asked, i);
	while (stop->info &&
		(rule = rules_match(options->rules, &query, &cursor, &stop->path_args))) {
		stop->rule = rule;
		enum verdict verdict = rule->emulation->on_enter(stop, rule->config);
		if (verdict == VERDICT_PASS)
			break;
		if (verdict == VERDICT_WATCH)
			return CALL_WATCHED;
		if (verdict == VERDICT_SEND)
			return CALL_SENT;
		if (verdict == VERDICT_DONE)
			return CALL_SKIPPED;
		if (verdict == VERDICT_AGAIN && stop->wants_area)
			return map_area(stop);
		if (record_is_log_rule(rule))
			stop->log_rule = rule;
		stop->rule = NULL;
	}
	if (!stop->rule && !stop->edited && link_told(stop))
		return CALL_SKIPPED;
	return stop->edited ? CALL_WATCHED : CALL_PASSES;
}

/* The kernel is not to run the call. */
static void skip(struct regs *regs, int64_t result)
{
	regs_set_syscall(regs, -1);
	regs_set_result(regs, result);
}

/* Sends the registers as the emulation left them. */
static enum call_state send(struct stop *stop, enum call_state state)
{
	if (state == CALL_SKIPPED) {
		stop->skipped = true;
		skip(&stop->now, stop->result);
		stop->edited = true;
	}
	if (stop->edited && write_regs(stop->tracee, &stop->now))
		return CALL_GONE;
	return state;
}

/* In place of the asked call, made again for this, the one that an emulation wants. */
static enum call_state run_call(struct stop *stop)
{
	stop->wants_run = false;
	stop->running = true;
	/* What the log shows as sent stays the call that was sent first. */
	struct regs run = stop->asked;
	regs_set_syscall(&run, stop->run_nr);
	for (int i = 0; i < SYSCALL_ARGS; i++)
		regs_set_arg(&run, i, stop->run_args[i]);
	return write_regs(stop->tracee, &run) ? CALL_GONE : CALL_WATCHED;
}

static void begin_again(struct stop *stop)
{
	int tries = stop->tries;

	stop_reset(stop);
	stop->tries = tries;
}

static bool is_same_call(const struct stop *stop, const struct regs *regs)
{
	if (regs_syscall(regs) != regs_syscall(&stop->asked))
		return false;
	for (int i = 0; i < SYSCALL_ARGS; i++)
		if (regs_arg(regs, i) != regs_arg(&stop->asked, i))
			return false;
	return true;
}

/* What besides rules has an interest in the call. */
static enum call_state look_besides(struct stop *stop, enum call_state state)
{
	lookup_notice(stop);
	if (own_filters_are_loaded(stop)) {
		own_filters_notice(stop);
		fast_path_notice(stop);
	}
	if (state == CALL_SKIPPED)
		return state;
	state = follow_enter(stop, state);
	if (state == CALL_SKIPPED || stop->detour)
		return state;
	bool is_watched = namespaces_enter(stop) || signals_enter(stop) || detached_enter(stop);
	stop->grows = stop->must_grow = grow_enter(stop);
	return is_watched || stop->grows ? CALL_WATCHED : state;
}

/* The call is not there. */
static enum call_state lack(struct stop *stop)
{
	stop_set_result(stop, -ENOSYS);
	return CALL_SKIPPED;
}

/* A call begins that is not one of ours. Where io_uring_setup stops, the filter did not refuse it. */
static enum call_state begin(struct stop *stop)
{
	if (errand_waits(stop->tracee)) {
		errand_begin(stop);
		return CALL_WATCHED;
	}
	if (unmap_area(stop))
		return CALL_WATCHED;
	/* In memory that cannot be written; C libraries then use clone(2). */
	if (!clear_untraced_clone3(stop))
		return lack(stop);
	if (stop_syscall(stop) == SYS_io_uring_setup && plan_refuses_io_uring(options->rules))
		return lack(stop);
	/* Where there is no filter of ours, the kernel has that mode. */
	if (!options->every_call && strict_mode_is_asked(stop) &&
		strict_mode_send(stop) == -EAGAIN && stop->wants_area)
		return map_area(stop);
	return run_rules(stop);
}

static bool refuse(pid_t tid, struct regs *regs)
{
	const struct syscall_info *info = syscall_info(regs_syscall(regs));

	if (!regs_is_native(regs) || !info || !(info->classes & SYSCALL_FILE))
		return false;
	skip(regs, -ENOMEM);
	return regs_write(tid, regs) == 0;
}

void call_refuse(pid_t tid)
{
	struct regs regs;

	if (regs_read(tid, &regs) == 0)
		refuse(tid, &regs);
}

/* A filter of the program's own leaves the call to a tracer that is not there. */
static enum call_state skip_left(const struct tracee *tracee, struct regs *regs)
{
	skip(regs, -ENOSYS);
	return write_regs(tracee, regs) ? CALL_GONE : CALL_SKIPPED;
}

void call_judged(const struct tracee *tracee)
{
	struct regs regs;

	if (own_filters_leave(tracee) && regs_read(tracee->tid, &regs) == 0)
		skip_left(tracee, &regs);
}

enum call_state call_enter(struct tracee *tracee, bool at_seccomp)
{
	struct regs regs;
	enum call_state state;

	tracee_ends_exec(tracee);
	if (regs_read(tracee->tid, &regs))
		return CALL_GONE;
	bool is_left = at_seccomp && own_filters_leave(tracee);
	/* Its seccomp stop is its only one: a result would have to be set now, and rules find out about theirs at the exit. */
	if (at_seccomp && regs_is_vsyscall(&regs))
		return is_left && skip_left(tracee, &regs) == CALL_GONE ? CALL_GONE : CALL_ALONE;
	bool is_in_gate = fast_path_hide(tracee, &regs);
	if (is_left && !regs_is_native(&regs))
		return skip_left(tracee, &regs);
	if (!regs_is_native(&regs) ||
		(!options->order.entry_repeats &&
			foreign_call_is_made(tracee, regs_syscall(&regs), at_seccomp))) {
		if (foreign_call_may_make_dead_memory(regs_syscall(&regs)))
			mem_thread_use();
		record_foreign_abi(tracee);
		tracee_begins_exec(tracee);
		return CALL_PASSES;
	}
	if (regs_syscall(&regs) == SYS_execve || regs_syscall(&regs) == SYS_execveat) {
		tracee_begins_exec(tracee);
		/* An exec in gVisor would wait for what has ended but has not been taken. Perhaps this thread has, too, and
		 * its number may then be another's. */
		next_event_collect();
		if (regs_read(tracee->tid, &regs))
			return CALL_GONE;
	}

	bool again = tracee->replays && tracee->stop && is_same_call(tracee->stop, &regs);
	if (tracee->replays)
		unblock_signals(tracee);
	if (again && tracee->stop->wants_run)
		return run_call(tracee->stop);
	if (again) {
		begin_again(tracee->stop);
	} else {
		stop_end(tracee);
		clear_untraced(tracee, &regs);
		if (!stop_begin(tracee, &regs))
			return refuse(tracee->tid, &regs) ? CALL_SKIPPED : CALL_PASSES;
	}

	struct stop *stop = tracee->stop;
	state = is_left ? lack(stop) : begin(stop);
	if (stop->detour)
		return send(stop, state);
	state = look_besides(stop, state);
	if (stop->detour)
		return send(stop, state);
	if (record_wants(stop)) {
		record_enter(stop);
		state = state == CALL_SKIPPED ? state : CALL_WATCHED;
	}
	stop->edited |= is_in_gate && state != CALL_PASSES;
	/* What was pushed is the call's until its exit. */
	if (state == CALL_SENT &&
		(stop->area || call_stops_always(tracee) || !fast_path_forgets_args(stop)))
		state = CALL_WATCHED;
	if (state == CALL_PASSES && at_seccomp && fast_path_wants_call(stop))
		return send(stop, CALL_WATCHED);
	if (state != CALL_PASSES)
		state = send(stop, state);
	if (state == CALL_SENT)
		state = CALL_PASSES;
	if (state == CALL_SKIPPED)
		record_exit(stop, stop->result);
	/* Where its exit stop comes all the same, the result has to be set once more there. */
	if (state == CALL_PASSES || (state == CALL_SKIPPED && !call_stops_always(tracee)))
		stop_end(tracee);
	return state;
}

/* Puts the call back as it was asked, and makes the thread make it again. */
static void rewind_call(struct stop *stop)
{
	struct tracee *tracee = stop->tracee;
	struct regs regs;

	block_signals(tracee);
	regs_rewind_to(&regs, &stop->asked);
	if (write_regs(tracee, &regs))
		stop_end(tracee);
}

/*
 * Every argument register is put back: the ABI says that they survive, and a restarted call reads them. A call
 * that was only watched has them as they should be; rt_sigreturn(2), all others than were asked.
 */
static void give(struct stop *stop, struct regs *regs, int64_t result)
{
	struct regs given = *regs;

	if (!stop->edited && result == regs_result(regs))
		return;
	for (int i = 0; i < SYSCALL_ARGS; i++)
		regs_set_arg(&given, i, regs_arg(&stop->asked, i));
	regs_set_syscall(&given, regs_syscall(&stop->asked));
	regs_set_result(&given, result);
	if (memcmp(&given, regs, sizeof(given)) != 0 && write_regs(stop->tracee, &given))
		return;
}

void call_exit(struct tracee *tracee)
{
	struct stop *stop = tracee->stop;
	struct regs regs;

	tracee_ends_exec(tracee);
	if (!stop)
		return;
	if (regs_read(tracee->tid, &regs)) {
		stop_end(tracee);
		return;
	}
	stop_has_run(stop);
	int64_t result = regs_result(&regs);
	switch (stop->detour) {
	case DETOUR_NONE:
		break;
	case DETOUR_MAP:
		/* If there is none now, stop_push will say -ENOMEM. */
		if (tracee_process(tracee))
			area_add(tracee->process, result);
		rewind_call(stop);
		return;
	case DETOUR_UNMAP:
		rewind_call(stop);
		return;
	case DETOUR_ERRAND:
		errand_end(tracee);
		rewind_call(stop);
		return;
	case DETOUR_FAST_PATH:
		fast_path_call_has_run(stop, result);
		rewind_call(stop);
		return;
	case DETOUR_OFFSET:
		stop->knows_offset = true;
		stop->offset = result;
		rewind_call(stop);
		return;
	}
	if (stop->skipped) {
		give(stop, &regs, stop->result);
		stop_end(tracee);
		return;
	}
	stop->result = result;
	if (!stop->running)
		stop->kernel_result = result;
	bool growing = stop->growing != GROW_BEGINS;
	if (!growing && stop->rule && stop->rule->emulation->on_exit) {
		enum exit_verdict verdict =
			stop->rule->emulation->on_exit(stop, stop->rule->config);
		stop->step++;
		if (verdict == EXIT_RUN && stop->wants_run) {
			rewind_call(stop);
			return;
		}
	}
	if ((stop->grows || stop->grows_late) && grow_exit(stop) == EXIT_RUN) {
		rewind_call(stop);
		return;
	}
	follow_exit(stop);
	namespaces_exit(stop);
	detached_exit(stop);
	give(stop, &regs, stop->result);
	record_exit(stop, stop->result);
	stop_end(tracee);
}

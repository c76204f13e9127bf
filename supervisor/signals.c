/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "signals.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "clock.h"
#include "next_event.h"

/* A call that sends a signal does not wait for anything; its thread may have to wait for a processor. */
enum { PATIENCE_MS = 20 };

static const struct {
	long nr;
	int arg; /* the signal's number */
} senders[] = {
	{ SYS_kill, 1 },
	{ SYS_tkill, 1 },
	{ SYS_tgkill, 2 },
	{ SYS_rt_sigqueueinfo, 1 },
	{ SYS_rt_tgsigqueueinfo, 2 },
};

static bool overlooks;
static unsigned long n_sent;
/* Threads whose call was not made in that time: until each has stopped again, or ended, a signal may come at any moment. */
static unsigned n_sending;

void signals_init(const struct stop_order *order)
{
	overlooks = order->overlooks_signals;
}

/* What a signal of a process's own may come from at any moment. */
static const long timers[] = { SYS_setitimer, SYS_alarm, SYS_timer_settime };

int signals_plan(struct filter *filter)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(timers) && r == 0; i++)
		r = filter_add(filter, timers[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++)
		/* A number that differs from SIGURG does so in one of its bits. */
		for (uint64_t bit = 1; bit <= 64 && r == 0; bit <<= 1) {
			struct arg_condition differs[] = { { senders[i].arg, bit, ~SIGURG & bit },
				{ .arg = -1 } };
			r = filter_add(filter, senders[i].nr, differs);
		}
	return r;
}

static bool sends(const struct stop *stop)
{
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++)
		if (stop_syscall(stop) == senders[i].nr)
			return true;
	return false;
}

static void notice_timer(const struct stop *stop)
{
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		if (stop_syscall(stop) != timers[i])
			continue;
		struct process *process = tracee_keep_process(stop->tracee);
		if (process)
			process->has_timer = true;
	}
}

bool signals_enter(struct stop *stop)
{
	if (overlooks)
		notice_timer(stop);
	return overlooks && sends(stop);
}

/* How many ticks are a millisecond: measured when this is called later again. Too few only make us look more often. */
static uint64_t learn_ticks_per_ms(uint64_t now)
{
	enum { LEAST = 1000 * 1000, MOST = 10 * LEAST, LONG_ENOUGH_NS = 10 * NS_PER_MS };
	static uint64_t first, learnt;
	static int64_t first_ns;

	if (learnt)
		return learnt;
	int64_t ns = clock_ns(CLOCK_MONOTONIC);
	if (!first_ns) {
		first = now;
		first_ns = ns;
	} else if (ns - first_ns > LONG_ENOUGH_NS) {
		uint64_t per_ms = (now - first) / (uint64_t)((ns - first_ns) / NS_PER_MS);
		learnt = MIN(MAX(per_ms, LEAST), MOST);
	}
	return LEAST;
}

/*
 * Whether another thread of the process takes a signal that is sent to the process: one that was last seen to block none, and
 * has gone on since long enough to be in no stop that we do not know of yet. gVisor wakes any thread that is in none.
 */
static bool another_listens(const struct tracee *tracee, uint64_t now, uint64_t ticks_per_ms)
{
	enum { QUIET_MS = 5 };
	const struct process *process = tracee->process;

	for (size_t i = 0; process && i < ARRAY_SIZE(process->listeners); i++) {
		const struct tracee *other = process->listeners[i];
		if (other && other != tracee && !other->is_stopped &&
			now - other->resumed_ticks > QUIET_MS * ticks_per_ms)
			return true;
	}
	return false;
}

/* The two of a process that were last seen to block nothing. */
static void listens(struct tracee *tracee)
{
	struct process *process = tracee_process(tracee);

	if (!process || process->listeners[0] == tracee)
		return;
	process->listeners[1] = process->listeners[0];
	process->listeners[0] = tracee;
}

static void listens_no_more(const struct tracee *tracee)
{
	struct process *process = tracee->process;

	for (size_t i = 0; process && i < ARRAY_SIZE(process->listeners); i++)
		if (process->listeners[i] == tracee)
			process->listeners[i] = NULL;
}

static void has_looked(struct tracee *tracee, uint64_t now)
{
	tracee->signals_noticed = n_sent;
	tracee->ends_noticed = next_event_ends();
	tracee->noticed_ticks = now;
}

/*
 * Whether a signal may have come since the thread was made to look the last time. Those that timers, terminals and processes
 * outside send to the process are not seen. For timers' it is so at each stop, but of a thread that stops more often than each
 * millisecond. For the others', and where another thread takes all those, as it takes a child's death, it is so seldom.
 */
static bool may_have_come(struct tracee *tracee)
{
	enum { SELDOM_MS = 16 };
	static uint64_t often_ticks;
	uint64_t now = clock_ticks(), since = now - tracee->noticed_ticks;
	bool has_timer = !tracee->process || tracee->process->has_timer,
	     none_has_died = tracee->ends_noticed == next_event_ends();

	if (n_sending == 0 && tracee->signals_noticed == n_sent &&
		((none_has_died && since < (has_timer ? 1 : SELDOM_MS) * often_ticks) ||
			(since < SELDOM_MS * often_ticks &&
				another_listens(tracee, now, often_ticks))))
		return false;
	often_ticks = learn_ticks_per_ms(now);
	has_looked(tracee, now);
	return true;
}

void signals_looks_itself(struct tracee *tracee)
{
	if (overlooks)
		has_looked(tracee, clock_ticks());
}

void signals_notice(struct tracee *tracee)
{
	const uint64_t never_blocked = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);
	uint64_t blocked, all = ~UINT64_C(0);

	/* Between a rewind and the call's new entry signals are blocked; what ends that makes the kernel look. */
	if (!overlooks || tracee->replays || !may_have_come(tracee) ||
		ptrace(PTRACE_GETSIGMASK, tracee->tid, sizeof(blocked), &blocked))
		return;
	if (blocked)
		listens_no_more(tracee);
	else
		listens(tracee);
	/* As around a clone: it looks when the thread itself lets them come. */
	if ((blocked | never_blocked) == all)
		return;
	/* It looks when a signal is no longer blocked. */
	ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(all), &all);
	ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(blocked), &blocked);
}

void signals_stopped(struct tracee *tracee)
{
	tracee->is_stopped = true;
}

void signals_goes_on(struct tracee *tracee)
{
	tracee->is_stopped = false;
	if (overlooks)
		tracee->resumed_ticks = clock_ticks();
}

void signals_tracee_ended(struct tracee *tracee)
{
	listens_no_more(tracee);
}

void signals_notice_at_exit(struct tracee *tracee)
{
	enum { EXITS = 64 };

	/* After the stop that an interruption makes, the kernel looks. */
	if (overlooks && !tracee->replays && ++tracee->n_exits % EXITS == 0)
		ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
}

void signals_wait_for_sender(struct tracee *tracee)
{
	if (!overlooks || !tracee->stop || !sends(tracee->stop))
		return;
	if (!next_event_await(tracee->tid, PATIENCE_MS)) {
		tracee->sends_late = true;
		n_sending++;
	}
	n_sent++;
}

void signals_sender_stopped(struct tracee *tracee)
{
	if (!tracee->sends_late)
		return;
	tracee->sends_late = false;
	n_sending--;
	n_sent++;
}

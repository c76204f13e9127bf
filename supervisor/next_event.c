/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waitpid(-1) looks at every tracee, the newest first: 100 us for 5,000 of them on Linux 6.18. So where they are
 * many, SIGCHLD tells who has stopped, and only that one is asked. The signal is not queued: of two that come
 * before the first was taken, one is lost. Therefore all are looked at now and then as well, so seldom that it
 * takes a twentieth of the time, but after 50 ms at the latest, and always before there is nothing more to wait for.
 *
 * A tracee that was let go a moment ago often stops again at once, as programs open files one after the other. To fall
 * asleep and be woken on another processor costs 40 us by then, where the stop itself costs 10 (Linux 6.18): so it is looked for
 * for a moment first, unless that has been in vain lately.
 */
#include "next_event.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>

#include "clock.h"
#include "helper.h"
#include "tracee.h"
#include "util.h"

enum { LUCK_MAX = 8, TRY_EVERY = 16, MOMENT_NS = 30000, SCAN_WAIT_MAX_NS = 50000000 };
enum { LAST_MS = 500, MANY = 200, SCAN_SHARE = 20, FOUND_MAX = 128, FAIR_EVERY = 16 };

static bool may_look; /* see look_a_moment() */
static bool is_dear; /* a system call is */
static sigset_t child_signal;
/* A signal may have been lost since all were looked at. */
static bool may_have_lost = true;
static int64_t next_scan_ns;

/* What the last look at all has found, and is not given yet: all at once, before anybody is resumed. */
static struct {
	pid_t tid;
	int status;
} found[FOUND_MAX];
static size_t n_found, n_given;
static unsigned n_asked;
static unsigned long n_ends;

/*
 * Looking is cheaper than to be woken where there is a processor for it, and system calls cost nothing like those of gVisor. There a
 * look keeps the tracees from theirs: 63 us a stop became 96 (2024). How long a call takes does not tell: 0.7 us at best there.
 */
static bool may_look_a_moment(void)
{
	cpu_set_t processors;

	return !is_dear && !sched_getaffinity(0, sizeof(processors), &processors) &&
	       CPU_COUNT(&processors) > 1;
}

void next_event_init(bool calls_are_dear)
{
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_signal, NULL);
	is_dear = calls_are_dear;
	may_look = may_look_a_moment();
}

/* Not a thread's, as far as we know. */
static bool is_end_of_process(pid_t tid)
{
	const struct tracee *tracee = tracee_find(tid);

	return !tracee || !tracee->process || tracee->process->tgid == tid;
}

/* The only waitpid for tracees. */
static pid_t take(pid_t tid, int *ret_status, int flags)
{
	pid_t reported = waitpid(tid, ret_status, __WALL | flags);

	if (reported > 0 && !WIFSTOPPED(*ret_status)) {
		n_ends += is_end_of_process(reported);
		helper_ended(reported);
	}
	return reported;
}

/* look() for one that has something to report: its tid, or 0. */
static pid_t look_a_moment(pid_t (*look)(int *ret_status), int *ret_status)
{
	static unsigned luck = LUCK_MAX, n_unlucky;

	if (!may_look || (luck == 0 && ++n_unlucky % TRY_EVERY != 0))
		return 0;
	int64_t end = clock_ns(CLOCK_MONOTONIC) + MOMENT_NS;
	do {
		pid_t tid = look(ret_status);
		if (tid != 0) {
			luck = MIN(luck + 1, (unsigned)LUCK_MAX);
			return tid;
		}
	} while (clock_ns(CLOCK_MONOTONIC) < end);
	luck -= luck > 0;
	return 0;
}

static pid_t look_at_all(int *ret_status)
{
	return take(-1, ret_status, WNOHANG);
}

unsigned long next_event_ends(void)
{
	return n_ends;
}

/* Makes room where all that was found is given. */
static void forget_given(void)
{
	if (n_given == n_found)
		n_found = n_given = 0;
}

/* Adds all to what was found. -1 when there are none any more, as waitpid(2). */
static pid_t collect(void)
{
	pid_t tid = 0;

	forget_given();
	while (n_found < FOUND_MAX && (tid = take(-1, &found[n_found].status, WNOHANG)) > 0)
		found[n_found++].tid = tid;
	return tid;
}

void next_event_collect(void)
{
	collect();
	may_have_lost = true;
}

/* Looks at all, when all that was found is given. False when there are none any more. */
static bool scan(bool are_many)
{
	int64_t begin = are_many ? clock_ns(CLOCK_MONOTONIC) : 0;
	pid_t tid = collect();
	int64_t end = are_many ? clock_ns(CLOCK_MONOTONIC) : 0;
	may_have_lost = n_found > 0;
	/* Bounded, as others may have had the processor meanwhile; its own time gVisor counts in hundredths of a second. */
	next_scan_ns = end + MIN(SCAN_SHARE * (end - begin), SCAN_WAIT_MAX_NS);
	return tid >= 0 || n_found > 0;
}

/* What the one that SIGCHLD names has to report: its tid, or 0. */
static pid_t take_named(pid_t tid, int *ret_status)
{
	may_have_lost = true;
	pid_t reported = take(tid, ret_status, WNOHANG);
	return MAX(reported, 0);
}

static pid_t look_for_signal(int *ret_status)
{
	static const struct timespec none;
	siginfo_t info;

	if (sigtimedwait(&child_signal, &info, &none) < 0)
		return 0;
	return take_named(info.si_pid, ret_status);
}

/* The one that SIGCHLD names; 0 when none came in time, or that one has nothing to report; -EINTR. */
static pid_t wait_for_signal(int *ret_status)
{
	int64_t left = may_have_lost ? MAX(next_scan_ns - clock_ns(CLOCK_MONOTONIC), 0) : 0;
	struct timespec timeout = { left / NS_PER_S, left % NS_PER_S };
	siginfo_t info;
	pid_t tid = look_a_moment(look_for_signal, ret_status);
	if (tid != 0)
		return tid;
	int signal = may_have_lost ? sigtimedwait(&child_signal, &info, &timeout)
				   : sigwaitinfo(&child_signal, &info);

	if (signal < 0)
		return errno == EINTR ? -EINTR : 0;
	return take_named(info.si_pid, ret_status);
}

bool next_event_await(pid_t tid, int milliseconds)
{
	const int64_t end = clock_ns(CLOCK_MONOTONIC) + milliseconds * NS_PER_MS;
	int status;

	forget_given();
	/* A place is kept: scan() comes only when all that was found is given. */
	while (n_found < FOUND_MAX) {
		pid_t reported = take(tid, &status, WNOHANG);
		int64_t left = end - clock_ns(CLOCK_MONOTONIC);

		if (reported > 0) {
			found[n_found].tid = reported;
			found[n_found++].status = status;
		}
		if (reported != 0 || left <= 0)
			return reported != 0;
		/* Whose it is does not matter: all are looked at. */
		struct timespec timeout = { 0, left };
		sigtimedwait(&child_signal, NULL, &timeout);
		may_have_lost = true;
	}
	return false;
}

bool next_event_is_there(pid_t tid)
{
	for (size_t i = n_given; i < n_found; i++)
		if (found[i].tid == tid)
			return true;
	siginfo_t info = { 0 };
	if (waitid(P_PID, (id_t)tid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) == 0)
		return info.si_pid != 0;
	return errno == ECHILD || next_event_await(tid, 0);
}

/*
 * No tracee is known. If there is none, a helper that cannot be killed must keep nobody waiting; but one that is not known
 * yet may be on its way to its first stop. As take(), within LAST_MS.
 */
static pid_t take_last(int *ret_status)
{
	const int64_t end = clock_ns(CLOCK_MONOTONIC) + LAST_MS * NS_PER_MS;

	for (;;) {
		pid_t tid = take(-1, ret_status, WNOHANG);
		int64_t left = end - clock_ns(CLOCK_MONOTONIC);

		if (tid != 0)
			return tid < 0 ? -errno : tid;
		if (left <= 0)
			return -ECHILD;
		struct timespec timeout = { left / NS_PER_S, left % NS_PER_S };
		sigtimedwait(&child_signal, NULL, &timeout);
	}
}

pid_t next_event(size_t n, int *ret_status)
{
	for (;;) {
		pid_t tid;

		if (n_given < n_found) {
			*ret_status = found[n_given].status;
			return found[n_given++].tid;
		}
		if (n < MANY) {
			if (n == 0 && helper_any())
				return take_last(ret_status);
			/* A busy newer one would keep an older one from its turn for ever; but gVisor keeps them in no order. */
			if (!is_dear && ++n_asked % FAIR_EVERY == 0) {
				if (!scan(false))
					return -ECHILD;
				continue;
			}
			tid = look_a_moment(look_at_all, ret_status);
			if (tid == 0)
				tid = take(-1, ret_status, 0);
			may_have_lost = true;
			return tid < 0 ? -errno : tid;
		}
		if (may_have_lost && clock_ns(CLOCK_MONOTONIC) >= next_scan_ns) {
			if (!scan(true))
				return -ECHILD;
			continue;
		}
		tid = wait_for_signal(ret_status);
		if (tid != 0)
			return tid;
	}
}

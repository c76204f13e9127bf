/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "errand.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "proc_status.h"

enum {
	/* A process that waits for its vfork child cannot be interrupted, and the child would be held for it. */
	PATIENCE_SECONDS = 2,
};

static void (*go_on)(struct tracee *tracee);
static size_t n_held;
/* The time of those that are held is over. */
static volatile sig_atomic_t is_due;

/* 0: no more. It goes on, since the signal may come when nobody waits. */
static void set_timer(time_t seconds)
{
	const struct itimerval timer = { { seconds ? 1 : 0, 0 }, { seconds, 0 } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

struct search {
	pid_t tgid;
	struct process *process;
};

static void is_of_process(struct tracee *tracee, void *data)
{
	struct search *search = data;
	struct process *process = tracee_process(tracee);

	if (process && process->tgid == search->tgid)
		search->process = process;
}

static void interrupt(struct tracee *tracee, void *data)
{
	if (tracee->process == data)
		ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
}

void stop_make_parent_reap(struct stop *stop)
{
	struct search search = { .tgid = (pid_t)proc_status_number(stop->tracee->tid, "PPid") };

	if (search.tgid > 0)
		tracee_each(is_of_process, &search);
	/* Nobody's child, or of a process that is not ours. */
	if (!search.process || search.process->reaps)
		return;
	stop->tracee->held_for = search.tgid;
	/* Not anew for each: who asks again and again would have the others held for ever. */
	if (n_held++ == 0)
		set_timer(PATIENCE_SECONDS);
	if (search.process->errand == ERRAND_NONE) {
		search.process->errand = ERRAND_WAITS;
		tracee_each(interrupt, search.process);
	}
}

bool errand_waits(const struct tracee *tracee)
{
	return tracee->process && tracee->process->errand == ERRAND_WAITS;
}

void errand_begin(struct stop *stop)
{
	stop->detour = DETOUR_ERRAND;
	stop->tracee->process->errand = ERRAND_RUNS;
	stop_send_syscall(stop, SYS_prctl);
	stop_send_arg(stop, 0, PR_SET_CHILD_SUBREAPER);
	stop_send_arg(stop, 1, 1);
	for (int i = 2; i < SYSCALL_ARGS; i++)
		stop_send_arg(stop, i, 0);
}

static void let_go(struct tracee *tracee, void *data)
{
	const pid_t *tgid = data;

	if (tracee->held_for == 0 || (tgid && tracee->held_for != *tgid))
		return;
	tracee->held_for = 0;
	n_held--;
	go_on(tracee);
}

void errand_end(struct tracee *tracee)
{
	tracee->process->errand = ERRAND_NONE;
	tracee->process->reaps = true;
	tracee_each(let_go, &tracee->process->tgid);
}

void errand_tracee_ended(const struct tracee *tracee)
{
	if (tracee->held_for)
		n_held--;
}

void errand_process_ended(pid_t tgid)
{
	if (n_held > 0)
		tracee_each(let_go, &tgid);
}

static void give_up(struct tracee *tracee, void *data)
{
	if (tracee->process)
		tracee->process->errand = ERRAND_NONE;
}

void errand_expire(void)
{
	if (!is_due)
		return;
	is_due = 0;
	if (n_held == 0) {
		set_timer(0);
		return;
	}
	tracee_each(give_up, NULL);
	tracee_each(let_go, NULL);
}

static void expire(int signal)
{
	is_due = 1;
}

void errand_init(void (*resume)(struct tracee *tracee))
{
	struct sigaction action = { .sa_handler = expire };

	go_on = resume;
	sigaction(SIGALRM, &action, NULL);
}

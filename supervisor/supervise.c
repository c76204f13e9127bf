/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervise.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "call.h"
#include "diag.h"
#include "errand.h"
#include "fake_written.h"
#include "fast_path_threads.h"
#include "follow.h"
#include "grow.h"
#include "launch.h"
#include "looked_at.h"
#include "lookup.h"
#include "magic_links.h"
#include "namespace_identity.h"
#include "namespaces.h"
#include "next_event.h"
#include "outsiders.h"
#include "plan.h"
#include "record.h"
#include "restarts.h"
#include "signals.h"
#include "stop.h"
#include "tracee.h"
#include "wait_event.h"

static const struct supervise_options *options;
/* The command's exec has been seen: what came before it were our own calls. */
static bool started;
static bool command_has_ended;

static void kill_tracee(struct tracee *tracee, void *data)
{
	kill(tracee->tid, SIGKILL);
}

static void command_ended(void)
{
	command_has_ended = true;
	launch_command_ended();
	if (options->kill_on_exit)
		tracee_each(kill_tracee, NULL);
	/* Daemons that live on must not keep a reader of the command's error output waiting. */
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0)
		return;
	dup2(null_fd, STDERR_FILENO);
	if (options->logs_to_stderr)
		dup2(null_fd, options->log_fd);
	close(null_fd);
}

static void remove_if_gone(struct tracee *tracee, void *data)
{
	const struct tracee *leader = data;

	/* That of another process need not be asked for. */
	if (tracee->process && leader->process && tracee->process != leader->process)
		return;
	if (tracee != leader && kill(tracee->tid, 0) && errno == ESRCH)
		tracee_remove(tracee);
}

/*
 * ptrace(2), "execve(2) under ptrace": the thread that called it has become the leader. Its former number
 * vanishes without a word. The event's message says it only in the tracee's pid namespace in gVisor
 * (2022 to 2026), so a number that differs only means that there may be one to look for.
 */
static void thread_became_leader(struct tracee *tracee)
{
	unsigned long former;

	if (ptrace(PTRACE_GETEVENTMSG, tracee->tid, 0, &former) == 0 &&
		(pid_t)former != tracee->tid)
		tracee_each(remove_if_gone, tracee);
}

static void exec_succeeded(struct tracee *tracee)
{
	struct regs regs;

	thread_became_leader(tracee);
	if (tracee->stop && stop_syscall(tracee->stop) == SYS_execve)
		record_exit(tracee->stop, 0);
	stop_end(tracee);
	tracee->replays = false;
	tracee->has_executed = true;
	tracee->begun_at = 0;
	looked_at_exec(tracee);
	tracee->restart = RESTART_NONE;
	if (tracee->process) {
		process_exec(tracee->process);
		outsiders_exec(tracee->process);
		follow_recheck(tracee);
	}
	if (tracee->tid == options->command)
		started = true;
	tracee->phase = call_stops_always(tracee) ? PHASE_SYSCALL : PHASE_USER;
	record_exec(tracee);
	if (regs_read(tracee->tid, &regs) == 0 && !regs_is_native(&regs)) {
		record_foreign_abi(tracee);
		tracee_exec_is_unseen();
	}
}

/* A call begins. at_seccomp: this is its seccomp stop, not its entry stop. */
static void begins(struct tracee *tracee, bool at_seccomp)
{
	/* What restarts_begins() says is of the calls behind this one. */
	bool stops_always = call_stops_always(tracee);
	enum call_state state = started ? call_enter(tracee, at_seccomp) : CALL_PASSES;

	stops_always |= call_stops_always(tracee);
	if (state == CALL_GONE || state == CALL_ALONE)
		return;
	bool is_made_again = restarts_begins(tracee, state != CALL_SKIPPED);
	if (state == CALL_PASSES && !is_made_again && !stops_always)
		return;
	/* gVisor goes from a skipped call straight to the exit: the entry is not repeated. */
	bool repeats = at_seccomp && options->order.entry_repeats && state != CALL_SKIPPED;
	tracee->phase = repeats ? PHASE_ENTRY_REPEATS : PHASE_SYSCALL;
	if (state == CALL_SKIPPED && !stops_always)
		tracee->phase = PHASE_USER;
}

/*
 * gVisor (2022 to 2026) asks filters before it reports an entry, and of a call that one refuses it reports the exit
 * alone. At an entry the result register holds -ENOSYS; where that is what the filter says, the next stop tells: the
 * exit of a call is where its entry was.
 */
static bool is_exit_alone(struct tracee *tracee)
{
	struct regs regs;

	tracee->begun_at = 0;
	if (!options->order.entry_repeats || regs_read(tracee->tid, &regs))
		return false;
	if (regs_result(&regs) != -ENOSYS)
		return true;
	/* What our own filter refuses. */
	if (!options->every_call && plan_refuses(regs_syscall(&regs)))
		return true;
	/* A call in the gate may be let go on from elsewhere. */
	fast_path_hide(tracee, &regs);
	if (regs_syscall(&regs) != SYS_rt_sigreturn)
		tracee->begun_at = regs_instruction_pointer(&regs);
	return false;
}

static bool is_elsewhere(const struct tracee *tracee)
{
	struct regs regs;

	if (!tracee->begun_at || regs_read(tracee->tid, &regs))
		return false;
	fast_path_hide(tracee, &regs);
	return regs_instruction_pointer(&regs) != tracee->begun_at;
}

static void syscall_stop(struct tracee *tracee)
{
	if (tracee->phase == PHASE_SYSCALL && is_elsewhere(tracee)) {
		stop_end(tracee);
		tracee->phase = PHASE_USER;
	}
	switch (tracee->phase) {
	case PHASE_USER:
		if (!is_exit_alone(tracee))
			begins(tracee, false);
		break;
	case PHASE_ENTRY_REPEATS:
		tracee->phase = PHASE_SYSCALL;
		break;
	case PHASE_SYSCALL:
		tracee->phase = PHASE_USER;
		restarts_ends(tracee);
		call_exit(tracee);
		looked_at_exit(tracee);
		signals_notice_at_exit(tracee);
		break;
	}
}

/*
 * An event in a call, clone(2) or vfork(2), whose entry did not stop; if by now all calls stop, what another process or thread has opened
 * meanwhile may be why, the next stop is its exit.
 */
static void is_in_call(struct tracee *tracee)
{
	if (tracee->phase == PHASE_USER && call_stops_always(tracee))
		tracee->phase = PHASE_SYSCALL;
}

static int resume_request(struct tracee *tracee)
{
	return tracee->phase != PHASE_USER || call_stops_always(tracee) ? PTRACE_SYSCALL
									: PTRACE_CONT;
}

static void resume(struct tracee *tracee)
{
	signals_notice(tracee);
	signals_goes_on(tracee);
	/* -ESRCH: it was killed meanwhile; waitpid will say so. */
	ptrace(resume_request(tracee), tracee->tid, 0, 0);
}

static void tracee_ends(struct tracee *tracee)
{
	signals_sender_stopped(tracee);
	signals_tracee_ended(tracee);
	errand_tracee_ended(tracee);
	namespaces_tracee_ended(tracee);
	stop_end(tracee);
}

static void process_ends(struct process *process)
{
	follow_process_ended(process);
	errand_process_ended(process->tgid);
	grow_process_ended(process);
	outsiders_process_ended(process);
	fake_written_process_ended();
}

/*
 * The signal that is to be delivered; 0: none.
 * gVisor's systrap (2024, 2026; sysmsg/sighandler_amd64.c, switch_context_amd64()) runs a program's thread by turns on threads of its
 * own. One that is given a thread only to hear that it is interrupted takes the vector registers of its own last turn for the
 * thread's from then on. Where any register is written in the stop that follows, all are restored. It is seen once in thousands of
 * such stops, so there is no experiment for it.
 */
static int signal_stop(struct tracee *tracee, int signal)
{
	struct regs regs, before;
	bool loses_vectors = options->order.entry_repeats;

	if (regs_read(tracee->tid, &regs))
		return signal;
	before = regs;
	restarts_notice(tracee, &regs, signal);
	signal = fast_path_at_signal(tracee, &regs, signal);
	if (!loses_vectors && memcmp(&regs, &before, sizeof(regs)) == 0)
		return signal;
	return regs_write(tracee->tid, &regs) ? 0 : signal;
}

/* As tracee_was_replaced(). What is known of a signal its sender says, who may say that it is an exec: that has a report of its own. */
static bool was_replaced(const struct tracee *tracee, struct wait_event event)
{
	siginfo_t info;

	if (event.kind == WAIT_EXEC || !tracee_was_replaced(tracee))
		return false;
	if (event.kind != WAIT_SIGNAL || event.value != SIGTRAP)
		return true;
	return ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &info) || next_event_is_there(tracee->tid);
}

static void dispatch(pid_t tid, struct wait_event event)
{
	struct tracee *tracee = tracee_find(tid);
	bool is_new = !tracee;
	int signal = 0;

	if (event.kind == WAIT_EXITED || event.kind == WAIT_KILLED) {
		if (tracee)
			tracee_remove(tracee);
		else
			namespaces_unknown_ended();
		if (tid == options->command)
			command_ended();
		return;
	}
	/* A child may stop before its parent's event tells of it. */
	if (!tracee) {
		tracee = tracee_add(tid);
		if (!tracee) {
			diag_once("out of memory: thread %d runs on without rules", tid);
			if (event.kind == WAIT_SECCOMP)
				call_refuse(tid);
			ptrace(PTRACE_CONT, tid, 0, event.kind == WAIT_SIGNAL ? event.value : 0);
			return;
		}
		/* One that was made before, and has had no processor until now. */
		if (command_has_ended && options->kill_on_exit)
			kill(tid, SIGKILL);
		grow_new_tracee(tracee);
		outsiders_new_tracee(tracee);
		follow_new_tracee(tracee);
		namespaces_new_tracee(tracee);
	}

	signals_stopped(tracee);
	signals_sender_stopped(tracee);
	if (was_replaced(tracee, event))
		return;
	switch (event.kind) {
	case WAIT_SECCOMP:
		tracee->begun_at = 0;
		if (tracee->phase == PHASE_USER)
			begins(tracee, true);
		else if (tracee->phase == PHASE_SYSCALL) /* the entry stop came first */
			call_judged(tracee);
		break;
	case WAIT_SYSCALL:
		syscall_stop(tracee);
		break;
	case WAIT_EXEC:
		exec_succeeded(tracee);
		break;
	case WAIT_SIGNAL:
		signal = signal_stop(tracee, event.value);
		break;
	case WAIT_GROUP_STOP:
		restarts_group_stop(tracee);
		ptrace(PTRACE_LISTEN, tid, 0, 0);
		return;
	case WAIT_NEW_CHILD:
		grow_made_child(tracee);
		outsiders_made_child(tracee);
		is_in_call(tracee);
		break;
	case WAIT_ATTACHED:
		/* A new one was in no call that we have interrupted. */
		if (!is_new)
			signal_stop(tracee, 0);
		break;
	case WAIT_OTHER_EVENT:
		is_in_call(tracee);
		break;
	case WAIT_EXITED:
	case WAIT_KILLED:
		break;
	}
	if (tracee->held_for || was_replaced(tracee, event))
		return;
	/* After these two kinds of stops the kernel looks by itself; before its call runs the third has another stop. */
	if (event.kind == WAIT_SIGNAL || event.kind == WAIT_ATTACHED)
		signals_looks_itself(tracee);
	else if (tracee->phase != PHASE_ENTRY_REPEATS)
		signals_notice(tracee);
	signals_goes_on(tracee);
	ptrace(resume_request(tracee), tid, 0, signal);
	if (tracee->phase == PHASE_SYSCALL)
		signals_wait_for_sender(tracee);
}

void supervise_init(const struct supervise_options *with)
{
	options = with;
	call_init(options);
	record_init(options);
	signals_init(&options->order);
	restarts_init(&options->order);
	tracee_on_end(tracee_ends, process_ends);
	next_event_init(options->order.entry_repeats);
	errand_init(resume);
	lookup_init();
	magic_links_init(options->rules, &options->order);
	namespace_identity_init(options->command);
	if (options->every_call)
		ptrace(PTRACE_INTERRUPT, options->command, 0, 0);
}

void supervise(void)
{
	int status;

	for (;;) {
		if (tracee_count() == 0)
			lookup_end();
		pid_t tid = next_event(tracee_count(), &status);
		if (tid > 0)
			dispatch(tid, wait_event_from_status(status));
		else if (tid != -EINTR)
			break;
		errand_expire();
	}
}

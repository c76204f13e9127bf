/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restarts.h"

#include <signal.h>
#include <sys/syscall.h>

#include "clock.h"
#include "tracee_mem.h"

/* include/linux/errno.h. The second says EINTR if any handler runs, and else makes the call again. */
enum { ERESTARTSYS = 512, ERESTARTNOHAND = 514 };

static bool loses;

void restarts_init(const struct stop_order *order)
{
	loses = order->loses_restarts;
}

static bool is_of_socket(long nr)
{
	static const long calls[] = { SYS_connect, SYS_accept, SYS_accept4, SYS_recvfrom,
		SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg, SYS_sendmmsg };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i] == nr)
			return true;
	return false;
}

/* A call that is never made again by the kernel. */
struct wait_call {
	long nr;
	int timeout; /* the argument that says how long it waits; -1: none */
	bool is_timespec; /* that is a pointer to one, or NULL for ever; else it is milliseconds, less than 0 for ever */
};
static const struct wait_call wait_calls[] = {
	{ SYS_epoll_wait, 3, false },
	{ SYS_epoll_pwait, 3, false },
	{ SYS_epoll_pwait2, 3, true },
	{ SYS_rt_sigtimedwait, 2, true },
	{ SYS_semop, -1, false },
	{ SYS_semtimedop, 3, true },
};

static const struct wait_call *find(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(wait_calls); i++)
		if (wait_calls[i].nr == nr)
			return &wait_calls[i];
	return NULL;
}

/* How long the call is to wait, in nanoseconds; INT64_MAX: for ever. */
static int64_t timeout_of(pid_t tid, const struct wait_call *call, const struct regs *regs)
{
	struct timespec time;

	if (call->timeout < 0)
		return INT64_MAX;
	uint64_t value = regs_arg(regs, call->timeout);
	if (!call->is_timespec)
		return (int)value < 0 ? INT64_MAX : (int)value * NS_PER_MS;
	if (value == 0 || tracee_mem_read(tid, value, &time, sizeof(time)) ||
		time.tv_sec >= INT64_MAX / NS_PER_S)
		return INT64_MAX;
	return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/*
 * Whether the call has waited long enough. Its begin was not seen, so it counts from its first interruption. A later one is of
 * the same call, as far as can be told, if that could still be waiting.
 */
static bool is_over(struct tracee *tracee, const struct regs *regs, int64_t timeout)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t place = regs_instruction_pointer(regs) ^ regs_stack_pointer(regs);

	if (timeout == INT64_MAX)
		return false;
	if (place != tracee->restarts_place || now - tracee->restarted_ns > timeout) {
		tracee->restarts_place = place;
		tracee->restarts_since_ns = now;
	}
	tracee->restarted_ns = now;
	if (now - tracee->restarts_since_ns < timeout)
		return false;
	tracee->restarts_place = 0;
	return true;
}

/* Untraced, a signal that stops the process or lets it go on interrupts, too. */
static bool is_of_job_control(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU ||
	       signal == SIGCONT;
}

void restarts_group_stop(struct tracee *tracee)
{
	tracee->was_stopped = true;
}

/* A thread that was not in a call has no number of one in its registers, in gVisor as in Linux. */
void restarts_notice(struct tracee *tracee, struct regs *regs, int signal)
{
	bool was_stopped = tracee->was_stopped;
	const struct wait_call *call;

	tracee->was_stopped = was_stopped && signal != 0;
	if (regs_result(regs) != -EINTR || !regs_is_native(regs))
		return;
	if (loses && is_of_socket(regs_syscall(regs)))
		regs_set_result(regs, -ERESTARTSYS);
	call = find(regs_syscall(regs));
	if (!call || is_of_job_control(signal) || (was_stopped && signal == 0))
		return;
	if (!is_over(tracee, regs, timeout_of(tracee->tid, call, regs)))
		regs_set_result(regs, -ERESTARTNOHAND);
}

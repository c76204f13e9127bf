/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restarts.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "tracee_mem.h"

/* include/linux/errno.h. The second says EINTR if any handler runs, and else makes the call again. */
enum { ERESTARTSYS = 512, ERESTARTNOHAND = 514 };

static bool loses;

void restarts_init(const struct stop_order *order)
{
	loses = order->loses_restarts;
}

static bool is_among(long nr, const long calls[])
{
	for (; *calls >= 0; calls++)
		if (*calls == nr)
			return true;
	return false;
}

static const long socket_calls[] = { SYS_connect, SYS_accept, SYS_accept4, SYS_recvfrom,
	SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, -1 };
/* They may be made on one. */
static const long file_calls[] = { SYS_read, SYS_readv, SYS_write, SYS_writev, -1 };
/* Of both, for which SO_SNDTIMEO counts; SO_RCVTIMEO for the others. */
static const long sending_calls[] = { SYS_connect, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, SYS_write,
	SYS_writev, -1 };

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
	{ SYS_io_getevents, 4, true },
};

static const struct wait_call *find(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(wait_calls); i++)
		if (wait_calls[i].nr == nr)
			return &wait_calls[i];
	return NULL;
}

static int64_t ns_of(int64_t seconds, int64_t ns)
{
	return seconds >= INT64_MAX / NS_PER_S ? INT64_MAX : seconds * NS_PER_S + ns;
}

/* The timeout of a socket of the thread's; 0: it cannot be had (before Linux 5.6; gVisor). */
static int64_t timeout_of_socket(struct tracee *tracee, int fd, int option)
{
	struct timeval time;
	socklen_t size = sizeof(time);
	const struct process *process = tracee_process(tracee);
	cleanup_close int pidfd = process ? (int)syscall(SYS_pidfd_open, process->tgid, 0) : -1;
	cleanup_close int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (copy < 0 || getsockopt(copy, SOL_SOCKET, option, &time, &size))
		return 0;
	int64_t timeout = ns_of(time.tv_sec, time.tv_usec * NS_PER_US);
	return timeout ? timeout : INT64_MAX;
}

/* Of a call on a descriptor; 0: of none that is never made again. */
static int64_t timeout_of_fd(struct tracee *tracee, const struct regs *regs)
{
	char path[48], link[32] = "";
	int fd = (int)regs_arg(regs, 0);

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, fd);
	if (readlink(path, link, sizeof(link) - 1) <= 0 || strncmp(link, "socket:", 7) != 0)
		return 0;
	return timeout_of_socket(tracee, fd,
		is_among(regs_syscall(regs), sending_calls) ? SO_SNDTIMEO : SO_RCVTIMEO);
}

/* How long a call that is never made again by the kernel is to wait, in nanoseconds; INT64_MAX: for ever; 0: it is another call. */
static int64_t timeout_of(struct tracee *tracee, const struct regs *regs)
{
	const struct wait_call *call = find(regs_syscall(regs));
	struct timespec time;

	if (!call)
		return is_among(regs_syscall(regs), socket_calls) ||
				       is_among(regs_syscall(regs), file_calls)
			       ? timeout_of_fd(tracee, regs)
			       : 0;
	if (call->timeout < 0)
		return INT64_MAX;
	uint64_t value = regs_arg(regs, call->timeout);
	if (!call->is_timespec)
		return (int)value < 0 ? INT64_MAX : (int)value * NS_PER_MS;
	return value && tracee_mem_read(tracee->tid, value, &time, sizeof(time)) == 0
		       ? ns_of(time.tv_sec, time.tv_nsec)
		       : INT64_MAX;
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

	tracee->was_stopped = was_stopped && signal != 0;
	if (regs_result(regs) != -EINTR || !regs_is_native(regs))
		return;
	if (loses && is_among(regs_syscall(regs), socket_calls)) {
		regs_set_result(regs, -ERESTARTSYS);
		return;
	}
	if (is_of_job_control(signal) || (was_stopped && signal == 0))
		return;
	int64_t timeout = timeout_of(tracee, regs);
	if (timeout > 0 && !is_over(tracee, regs, timeout))
		regs_set_result(regs, -ERESTARTNOHAND);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restarts.h"

#include <linux/io_uring.h>
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

/* include/uapi/linux/io_uring.h: the first of Linux 6.12, the second of 6.13. */
enum { ENTER_ABS_TIMER = 1 << 5, ENTER_EXT_ARG_REG = 1 << 6 };

static bool loses;

void restarts_init(const struct stop_order *order)
{
	loses = order->loses_restarts;
}

/* A call that may be made on a socket, with a timeout; which argument that is. */
struct socket_call {
	long nr;
	int receives, sends; /* for which SO_RCVTIMEO, and SO_SNDTIMEO, counts; -1: none */
	bool is_always; /* it is made on nothing else */
};
static const struct socket_call socket_calls[] = {
	{ SYS_connect, -1, 0, true },
	{ SYS_accept, 0, -1, true },
	{ SYS_accept4, 0, -1, true },
	{ SYS_recvfrom, 0, -1, true },
	{ SYS_recvmsg, 0, -1, true },
	{ SYS_recvmmsg, 0, -1, true },
	{ SYS_sendto, -1, 0, true },
	{ SYS_sendmsg, -1, 0, true },
	{ SYS_sendmmsg, -1, 0, true },
	{ SYS_read, 0, -1, false },
	{ SYS_readv, 0, -1, false },
	{ SYS_preadv2, 0, -1, false },
	{ SYS_write, -1, 0, false },
	{ SYS_writev, -1, 0, false },
	{ SYS_pwritev2, -1, 0, false },
	{ SYS_sendfile, -1, 0, false },
	{ SYS_splice, 0, 2, false },
};

/* A call that is never made again by the kernel. */
struct wait_call {
	long nr;
	int timeout; /* the argument that says how long it waits; -1: none */
	bool is_timespec; /* that is a pointer to one, or NULL for ever; else it is milliseconds, less than 0 for ever */
	int over; /* its result when that time is over */
};
static const struct wait_call wait_calls[] = {
	{ SYS_epoll_wait, 3, false, 0 },
	{ SYS_epoll_pwait, 3, false, 0 },
	{ SYS_epoll_pwait2, 3, true, 0 },
	{ SYS_rt_sigtimedwait, 2, true, -EAGAIN },
	{ SYS_semop, -1, true, 0 },
	{ SYS_semtimedop, 3, true, -EAGAIN },
	{ SYS_io_getevents, 4, true, 0 },
};

/* How long a call that the kernel never makes again is to wait. */
struct wait {
	int64_t timeout; /* in nanoseconds; INT64_MAX: for ever; 0: it is another call, or not known */
	int over; /* its result then */
};
static const struct wait no_wait = { 0, 0 };

static const struct socket_call *find_socket_call(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(socket_calls); i++)
		if (socket_calls[i].nr == nr)
			return &socket_calls[i];
	return NULL;
}

static const struct wait_call *find_wait_call(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(wait_calls); i++)
		if (wait_calls[i].nr == nr)
			return &wait_calls[i];
	return NULL;
}

/* The argument that says in milliseconds how long the call waits; -1: none does. */
static int ms_arg(long nr)
{
	const struct wait_call *call = find_wait_call(nr);

	return call && !call->is_timespec ? call->timeout : -1;
}

static int64_t ns_of(int64_t seconds, int64_t ns)
{
	return seconds >= INT64_MAX / NS_PER_S ? INT64_MAX : seconds * NS_PER_S + ns;
}

/* A pointer of the program's, or NULL for ever. */
static int64_t ns_of_timespec(const struct tracee *tracee, uint64_t address)
{
	struct timespec time;

	return address && tracee_mem_read(tracee->tid, address, &time, sizeof(time)) == 0
		       ? ns_of(time.tv_sec, time.tv_nsec)
		       : INT64_MAX;
}

/* What connect(2) says when its time is over: it goes on without us, unless there is no room in a queue of the other end. */
static int over_of_connect(int fd)
{
	int domain = 0;
	socklen_t size = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX
		       ? -EAGAIN
		       : -EINPROGRESS;
}

/* A socket of the thread's cannot be asked before Linux 5.6, nor in gVisor. */
static struct wait wait_of_socket(struct tracee *tracee, long nr, int fd, int option)
{
	struct timeval time;
	socklen_t size = sizeof(time);
	const struct process *process = tracee_process(tracee);
	cleanup_close int pidfd = process ? (int)syscall(SYS_pidfd_open, process->tgid, 0) : -1;
	cleanup_close int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (copy < 0 || getsockopt(copy, SOL_SOCKET, option, &time, &size))
		return no_wait;
	int64_t timeout = ns_of(time.tv_sec, time.tv_usec * NS_PER_US);
	return (struct wait){ timeout ? timeout : INT64_MAX,
		nr == SYS_connect ? over_of_connect(copy) : -EAGAIN };
}

static bool is_socket(const struct tracee *tracee, int fd)
{
	char path[48], link[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, fd);
	return readlink(path, link, sizeof(link) - 1) > 0 && strncmp(link, "socket:", 7) == 0;
}

static struct wait wait_of_fd(
	struct tracee *tracee, const struct regs *regs, const struct socket_call *call)
{
	int in = call->receives < 0 ? -1 : (int)regs_arg(regs, call->receives);
	int out = call->sends < 0 ? -1 : (int)regs_arg(regs, call->sends);

	if (in >= 0 && is_socket(tracee, in))
		return wait_of_socket(tracee, call->nr, in, SO_RCVTIMEO);
	if (out >= 0 && is_socket(tracee, out))
		return wait_of_socket(tracee, call->nr, out, SO_SNDTIMEO);
	return no_wait;
}

/* The kernel itself knows when a time that is a moment is over; one that is in memory of the io_uring's cannot be had. */
static struct wait wait_of_io_uring(const struct tracee *tracee, const struct regs *regs)
{
	uint32_t flags = (uint32_t)regs_arg(regs, 3);
	struct io_uring_getevents_arg more;

	if (flags & ENTER_EXT_ARG_REG)
		return no_wait;
	if (!(flags & IORING_ENTER_EXT_ARG) || (flags & ENTER_ABS_TIMER) ||
		tracee_mem_read(tracee->tid, regs_arg(regs, 4), &more, sizeof(more)))
		return (struct wait){ INT64_MAX, 0 };
	return (struct wait){ ns_of_timespec(tracee, more.ts), -ETIME };
}

static struct wait wait_of(struct tracee *tracee, const struct regs *regs)
{
	long nr = regs_syscall(regs);
	const struct socket_call *socket_call = find_socket_call(nr);
	const struct wait_call *call = find_wait_call(nr);

	if (socket_call)
		return wait_of_fd(tracee, regs, socket_call);
	if (nr == SYS_io_uring_enter)
		return wait_of_io_uring(tracee, regs);
	if (!call)
		return no_wait;
	if (call->timeout < 0)
		return (struct wait){ INT64_MAX, 0 };
	uint64_t value = regs_arg(regs, call->timeout);
	if (call->is_timespec)
		return (struct wait){ ns_of_timespec(tracee, value), call->over };
	return (struct wait){ (int)value < 0 ? INT64_MAX : (int)value * NS_PER_MS, call->over };
}

static uint64_t place_of(const struct regs *regs)
{
	return regs_instruction_pointer(regs) ^ regs_stack_pointer(regs);
}

/* Its begin was not seen, so the time counts from the first interruption. */
static void make_again(
	struct tracee *tracee, struct regs *regs, const struct wait *wait, bool is_made_again)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	tracee->restart = RESTART_NONE;
	if (wait->timeout == INT64_MAX) {
		regs_set_result(regs, -ERESTARTNOHAND);
		return;
	}
	if (!is_made_again)
		tracee->restart_since_ns = now;
	if (now - tracee->restart_since_ns >= wait->timeout) {
		regs_set_result(regs, wait->over);
		return;
	}
	regs_set_result(regs, -ERESTARTNOHAND);
	tracee->restart = RESTART_ASKED;
	tracee->restart_place = place_of(regs);
}

bool restarts_begins(struct tracee *tracee, bool will_run)
{
	struct regs regs;

	if (tracee->restart == RESTART_NONE)
		return false;
	bool is_it = will_run && tracee->restart == RESTART_ASKED &&
		     regs_read(tracee->tid, &regs) == 0 && place_of(&regs) == tracee->restart_place;
	tracee->restart = is_it ? RESTART_RUNS : RESTART_NONE;
	if (!is_it)
		return false;
	int arg = ms_arg(regs_syscall(&regs));
	if (arg < 0)
		return true;
	/* How long it waits is in a register: it need not begin anew. */
	uint64_t asked = regs_arg(&regs, arg);
	int64_t left =
		(int)asked * NS_PER_MS + tracee->restart_since_ns - clock_ns(CLOCK_MONOTONIC);
	regs_set_arg(&regs, arg, left > 0 ? (uint64_t)((left + NS_PER_MS - 1) / NS_PER_MS) : 0);
	tracee->restart_asked = asked;
	return regs_write(tracee->tid, &regs) == 0;
}

void restarts_ends(struct tracee *tracee)
{
	struct regs regs, before;

	if (tracee->restart != RESTART_RUNS)
		return;
	tracee->restart = RESTART_NONE;
	if (regs_read(tracee->tid, &regs))
		return;
	before = regs;
	int arg = ms_arg(regs_syscall(&regs));
	if (arg >= 0)
		regs_set_arg(&regs, arg, tracee->restart_asked);
	if (regs_result(&regs) == -EINTR)
		tracee->restart = RESTART_INTERRUPTED;
	/* One that is made again, and whose time is over, says something else than the first. */
	if (regs_syscall(&regs) == SYS_connect && regs_result(&regs) == -EALREADY)
		regs_set_result(&regs, -EINPROGRESS);
	if (memcmp(&regs, &before, sizeof(regs)) != 0 && regs_write(tracee->tid, &regs))
		return;
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
	const struct socket_call *call = find_socket_call(regs_syscall(regs));
	if (loses && call && call->is_always) {
		regs_set_result(regs, -ERESTARTSYS);
		return;
	}
	if (is_of_job_control(signal) || (was_stopped && signal == 0))
		return;
	struct wait wait = wait_of(tracee, regs);
	if (wait.timeout > 0)
		make_again(tracee, regs, &wait, tracee->restart == RESTART_INTERRUPTED);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calibrate.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "filter.h"
#include "regs.h"
#include "wait_event.h"

/*
 * The child has this process's memory: a fork would cost milliseconds in gVisor. Even errno is common, so
 * that the child makes no call that may fail while this process does.
 */
struct experiment {
	int release
		[2]; /* a pipe whose end lets the child begin; stays as it is: the child reads it */
	int pair[2]; /* sockets, on which nobody sends */
	int load_error; /* 0 or -errno */
	alignas(16) char stack[16384];
};

/* if (nr == getppid) trace; else allow */
static int load_filter(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | FILTER_TRACE_DATA),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog program = { ARRAY_SIZE(code), code };
	bool no_new_privs;

	return filter_load(&program, &no_new_privs);
}

static int run_child(void *data)
{
	struct experiment *experiment = data;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(experiment->release[1]);
	while (read(experiment->release[0], &byte, 1) < 0 && errno == EINTR)
		;
	experiment->load_error = load_filter();
	if (experiment->load_error) /* a stop all the same, see watch_unfiltered() */
		syscall(SYS_tkill, syscall(SYS_gettid), SIGSTOP);
	syscall(SYS_getppid);
	syscall(SYS_getppid);
	syscall(SYS_recvfrom, experiment->pair[0], &byte, 1, 0, NULL, NULL);
	return 0;
}

/* The next stop of the child, as an event; WAIT_EXITED when it is gone. */
static struct wait_event next_stop(pid_t child)
{
	int status;

	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			return (struct wait_event){ WAIT_KILLED, 0 };
	return wait_event_from_status(status);
}

/*
 * The child goes on to recvfrom(2), where a signal waits for it when it begins: what does the call say? The signal is one
 * that is ignored, so that the call should be made again. A kernel that has no such stops does not get there.
 */
static bool says_eintr(pid_t child)
{
	enum { STOPS = 8 };
	const uint64_t none = 0, all = ~none;
	struct regs regs;

	for (int i = 0; i < STOPS; i++) {
		if (ptrace(PTRACE_SYSCALL, child, 0, 0))
			return false;
		struct wait_event event = next_stop(child);
		if (event.kind == WAIT_EXITED || event.kind == WAIT_KILLED ||
			regs_read(child, &regs))
			return false;
		if (event.kind == WAIT_SYSCALL && regs_syscall(&regs) == SYS_recvfrom)
			break;
	}
	return regs_syscall(&regs) == SYS_recvfrom && regs_result(&regs) == -ENOSYS &&
	       ptrace(PTRACE_SETSIGMASK, child, sizeof(all), &all) == 0 &&
	       kill(child, SIGURG) == 0 &&
	       ptrace(PTRACE_SETSIGMASK, child, sizeof(none), &none) == 0 &&
	       ptrace(PTRACE_SYSCALL, child, 0, 0) == 0 && next_stop(child).kind == WAIT_SYSCALL &&
	       regs_read(child, &regs) == 0 && regs_result(&regs) == -EINTR;
}

/* The stopped child gets a signal, and goes on, to its second getppid(2): which of the two is reported first? */
static int send_signal(pid_t child, struct stop_order *ret_order, const char **ret_failed)
{
	const uint64_t none = 0;

	*ret_failed = "PTRACE_SETSIGMASK";
	if (ptrace(PTRACE_SETSIGMASK, child, sizeof(none), &none))
		return -errno;
	*ret_failed = "PTRACE_CONT";
	/* One that does nothing, even untraced. */
	if (kill(child, SIGURG) || ptrace(PTRACE_CONT, child, 0, 0))
		return -errno;
	ret_order->overlooks_signals = next_stop(child).kind == WAIT_SECCOMP;
	ret_order->loses_restarts = ret_order->overlooks_signals && says_eintr(child);
	return 0;
}

/*
 * Where no filter can be loaded: from the stop that the child asked for to the exit of its first getppid(2). If a signal
 * that comes there is overlooked, the next stop is the entry of the second.
 */
static void watch_unfiltered(pid_t child, struct stop_order *ret_order)
{
	const uint64_t none = 0;

	/* Not known. It makes us look whether what is reported as an entry is one, and on Linux it always is. */
	ret_order->entry_repeats = true;
	for (int stops = 0; stops < 2; stops++)
		if (ptrace(PTRACE_SYSCALL, child, 0, 0) || next_stop(child).kind != WAIT_SYSCALL)
			return;
	if (ptrace(PTRACE_SETSIGMASK, child, sizeof(none), &none) || kill(child, SIGURG) ||
		ptrace(PTRACE_SYSCALL, child, 0, 0))
		return;
	ret_order->overlooks_signals = next_stop(child).kind == WAIT_SYSCALL;
	ret_order->loses_restarts = ret_order->overlooks_signals && says_eintr(child);
}

static int watch(const struct experiment *experiment, pid_t child, int *release_fd,
	struct stop_order *ret_order, const char **ret_failed)
{
	struct regs regs;

	*ret_failed = "PTRACE_SEIZE";
	if (ptrace(PTRACE_SEIZE, child, 0,
		    PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD))
		return -errno;
	close(steal_fd(release_fd));

	struct wait_event event = next_stop(child);
	*ret_failed = CALIBRATE_FILTER;
	if (experiment->load_error) {
		watch_unfiltered(child, ret_order);
		return experiment->load_error;
	}
	*ret_failed = "SECCOMP_RET_TRACE";
	if (event.kind != WAIT_SECCOMP)
		return -ENOSYS;
	*ret_failed = "PTRACE_SYSCALL";
	if (ptrace(PTRACE_SYSCALL, child, 0, 0))
		return -errno;
	if (next_stop(child).kind != WAIT_SYSCALL)
		return -ENOSYS;
	*ret_failed = "PTRACE_GETREGS";
	int r = regs_read(child, &regs);
	if (r)
		return r;
	/* At an entry the result register holds -ENOSYS; getppid(2) itself never fails. */
	ret_order->entry_repeats = regs_result(&regs) == -ENOSYS;
	return send_signal(child, ret_order, ret_failed);
}

int calibrate(struct stop_order *ret_order, const char **ret_failed)
{
	/* Not on this stack: the child's is part of it. */
	static struct experiment experiment;

	experiment.load_error = 0;
	*ret_failed = "pipe";
	if (pipe2(experiment.release, O_CLOEXEC))
		return -errno;
	*ret_failed = "socketpair";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, experiment.pair)) {
		int error = errno;
		close(experiment.release[0]);
		close(experiment.release[1]);
		return -error;
	}
	*ret_failed = "clone";
	cleanup_close int begin_fd = experiment.release[0], release_fd = experiment.release[1];
	cleanup_close int one_fd = experiment.pair[0], other_fd = experiment.pair[1];
	pid_t child = clone(run_child, experiment.stack + sizeof(experiment.stack),
		CLONE_VM | SIGCHLD, &experiment);
	if (child < 0)
		return -errno;
	int r = watch(&experiment, child, &release_fd, ret_order, ret_failed);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, __WALL) > 0 || errno == EINTR)
		;
	return r;
}

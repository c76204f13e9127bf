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
#include <sys/syscall.h>
#include <sys/wait.h>

#include "filter.h"
#include "regs.h"
#include "wait_event.h"

/*
 * The child has this process's memory: a fork would cost milliseconds in gVisor. The two never make a call
 * that may fail at the same time, because even errno is common.
 */
struct experiment {
	int ready[2], release[2]; /* pipes: from the child, to it */
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
	char byte = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(experiment->ready[0]);
	close(experiment->release[1]);
	experiment->load_error = load_filter();
	close(experiment->ready[1]);
	/* Until the tracer is there: end of file. The call under test follows at once. */
	while (read(experiment->release[0], &byte, 1) < 0 && errno == EINTR)
		;
	syscall(SYS_getppid);
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

static int watch(struct experiment *experiment, pid_t child, struct stop_order *ret_order,
	const char **ret_failed)
{
	struct regs regs;
	char byte;

	while (read(experiment->ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	*ret_failed = "PTRACE_SEIZE";
	if (ptrace(PTRACE_SEIZE, child, 0,
		    PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD))
		return -errno;
	*ret_failed = "seccomp(SECCOMP_SET_MODE_FILTER)";
	if (experiment->load_error)
		return experiment->load_error;
	close(steal_fd(&experiment->release[1]));

	*ret_failed = "SECCOMP_RET_TRACE";
	if (next_stop(child).kind != WAIT_SECCOMP)
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
	return 0;
}

static void close_pipe(int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(steal_fd(&ends[i]));
}

int calibrate(struct stop_order *ret_order, const char **ret_failed)
{
	/* Not on this stack, which the child's would then be part of. */
	static struct experiment experiment;
	pid_t child = -1;
	int r = 0;

	experiment = (struct experiment){ { -1, -1 }, { -1, -1 } };
	*ret_failed = "pipe";
	if (pipe2(experiment.ready, O_CLOEXEC) || pipe2(experiment.release, O_CLOEXEC))
		r = -errno;
	if (r == 0) {
		*ret_failed = "clone";
		child = clone(run_child, experiment.stack + sizeof(experiment.stack),
			CLONE_VM | SIGCHLD, &experiment);
		r = child < 0 ? -errno : 0;
	}
	if (r == 0) {
		close(steal_fd(&experiment.ready[1]));
		r = watch(&experiment, child, ret_order, ret_failed);
	}
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, __WALL) > 0 || errno == EINTR)
			;
	}
	close_pipe(experiment.ready);
	close_pipe(experiment.release);
	return r;
}

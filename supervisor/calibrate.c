/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "calibrate.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "filter.h"
#include "regs.h"
#include "wait_event.h"

static _Noreturn void child_of_experiment(const struct sock_fprog *program, int ready_fd)
{
	bool no_new_privs;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int r = filter_load(program, &no_new_privs);
	if (r)
		_exit(-r);
	/* Until the tracer is there: end of file. The call under test follows at once. */
	while (read(ready_fd, &byte, 1) < 0 && errno == EINTR)
		;
	syscall(SYS_getppid);
	_exit(0);
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

static int watch(
	pid_t child, int *release_fd, struct stop_order *ret_order, const char **ret_failed)
{
	struct regs regs;

	*ret_failed = "PTRACE_SEIZE";
	if (ptrace(PTRACE_SEIZE, child, 0,
		    PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD))
		return -errno;
	close(steal_fd(release_fd));

	struct wait_event event = next_stop(child);
	*ret_failed = "seccomp(SECCOMP_SET_MODE_FILTER)";
	if (event.kind == WAIT_EXITED)
		return event.value ? -event.value : -ENOSYS;
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
	return 0;
}

int calibrate(struct stop_order *ret_order, const char **ret_failed)
{
	struct filter *filter = filter_create();
	const struct sock_fprog *program;
	int release[2] = { -1, -1 };

	*ret_failed = "making a filter";
	int r = filter ? filter_add(filter, SYS_getppid, NULL) : -ENOMEM;
	if (r == 0)
		r = filter_compile(filter, &program);
	if (r == 0 && pipe2(release, O_CLOEXEC))
		r = -errno;
	if (r) {
		filter_destroy(filter);
		return r;
	}

	*ret_failed = "fork";
	pid_t child = fork();
	if (child == 0) {
		close(release[1]);
		child_of_experiment(program, release[0]);
	}
	close(release[0]);
	r = child < 0 ? -errno : watch(child, &release[1], ret_order, ret_failed);
	if (release[1] >= 0)
		close(release[1]);
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, __WALL) > 0 || errno == EINTR)
			;
	}
	filter_destroy(filter);
	return r;
}

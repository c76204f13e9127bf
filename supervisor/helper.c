/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "clock.h"
#include "launch.h"

enum {
	LAST_MS = 20, /* that one takes to die; it is not in the way if it takes longer */
	FDS_MAX = 256,
	BUSY_S = 5, /* on a machine that is too busy to say whose fault it is */
};

static pid_t alive[HELPERS_MAX];
static size_t n_alive;

bool helper_is_runnable(pid_t tid)
{
	char name[32], text[64];

	snprintf(name, sizeof(name), "/proc/%d/stat", tid);
	cleanup_close int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	const char *name_end = strrchr(text, ')');
	return name_end && strncmp(name_end, ") R", 3) == 0;
}

bool helper_answers(int fd, bool (*is_busy)(void))
{
	const int64_t end = clock_ns(CLOCK_MONOTONIC) + BUSY_S * NS_PER_S;
	struct pollfd answers = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&answers, 1, HELPER_PATIENCE_MS);
	while ((n < 0 && errno == EINTR) ||
		(n == 0 && clock_ns(CLOCK_MONOTONIC) < end && is_busy()));
	return n > 0;
}

bool helper_any(void)
{
	return n_alive > 0;
}

void helper_ended(pid_t pid)
{
	for (size_t i = 0; i < n_alive; i++)
		if (alive[i] == pid) {
			alive[i] = alive[--n_alive];
			return;
		}
}

/* One that cannot be killed must keep nobody waiting for the end of what the supervisor writes to. */
static int keep_only(int fd)
{
	if (dup2(fd, STDIN_FILENO) < 0)
		return fd;
	/* Not ~0U, which gVisor (2022, 2024) takes for -1. Above FDS_MAX may be what programs have left open, but nothing of ours. */
	if (syscall(SYS_close_range, STDERR_FILENO + 1, (unsigned)INT_MAX, 0))
		for (int other = STDERR_FILENO + 1; other < FDS_MAX; other++)
			close(other);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	return STDIN_FILENO;
}

static void be_helper(int fd, pid_t supervisor, void (*run)(int fd, void *data), void *data)
{
	static const struct rlimit no_core = { 0, 0 };

	launch_pass_nothing_on();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	if (getppid() == supervisor)
		run(keep_only(fd), data);
	/* Not _exit(2): at that the address sanitizer has something to say of the supervisor's stack. */
	syscall(SYS_exit_group, 0);
}

int helper_start(struct helper *ret_helper, void (*run)(int fd, void *data), void *data)
{
	pid_t supervisor = getpid();
	int fds[2];

	if (n_alive == HELPERS_MAX)
		return -EAGAIN;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	cleanup_close int ours = fds[0], theirs = fds[1];
	pid_t child = fork();
	if (child == 0)
		be_helper(theirs, supervisor, run, data);
	if (child < 0)
		return -errno;
	alive[n_alive++] = child;
	*ret_helper = (struct helper){ child, steal_fd(&ours) };
	return 0;
}

/* What waitpid(2) says within LAST_MS. */
static pid_t wait_for(pid_t pid)
{
	cleanup_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	pid_t reported;

	if (pidfd >= 0)
		poll(&end, 1, LAST_MS);
	/* gVisor has no pidfds. */
	for (int ms = 0; (reported = waitpid(pid, NULL, __WALL | WNOHANG)) == 0 && pidfd < 0;
		ms++) {
		if (ms == LAST_MS)
			break;
		usleep(1000);
	}
	return reported;
}

void helper_stop(struct helper *helper)
{
	kill(helper->pid, SIGKILL);
	close(helper->fd);
	pid_t reported = wait_for(helper->pid);
	if (reported == helper->pid || (reported < 0 && errno == ECHILD))
		helper_ended(helper->pid);
	*helper = (struct helper){ .fd = -1 };
}

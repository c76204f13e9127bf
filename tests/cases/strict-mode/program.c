/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* seccomp(2)'s strict mode, which the kernel has for no process that has a filter, as all that are traced by one have. */
#include "case.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

enum { NOT_SET = 7 };

static int by_seccomp(void)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
}

/* What is behind the mode does not count. */
static int by_prctl(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 1, 2, 3);
}

static void count(int signal)
{
}

/* Reads, writes, handles a signal, and ends: what is allowed. */
static void keeps_to_it(int (*set)(void))
{
	int to[2], from[2];
	char byte = 'a';

	CHECK(pipe(to) == 0 && pipe(from) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (set() != 0)
			syscall(SYS_exit, NOT_SET);
		for (;;) {
			ssize_t n = read(to[0], &byte, 1);
			if (n == 1 && byte == 'e')
				syscall(SYS_exit, 3);
			if (n == 1)
				n = write(from[1], &byte, 1);
		}
	}
	close(to[0]);
	close(from[1]);
	/* It may have ended. */
	(void)!write(to[1], "a", 1);
	if (read(from[0], &byte, 1) == 1 && byte == 'a') {
		kill(pid, SIGUSR1);
		CHECK(write(to[1], "be", 2) == 2);
	}
	close(to[1]);
	close(from[0]);
	CHECK_EXITS(pid, 3);
}

static int make(int (*set)(void), long nr)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (set() != 0)
			syscall(SYS_exit, NOT_SET);
		syscall(nr, 0, 0, 0, 0, 0, 0);
		syscall(SYS_exit, NOT_SET);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static void *in_mode(void *data)
{
	*(int *)data = by_seccomp();
	syscall(SYS_exit, 0);
	return NULL;
}

int main(void)
{
	static int (*const ways[])(void) = { by_seccomp, by_prctl };
	static const long others[] = { SYS_getppid, SYS_openat, SYS_exit_group, SYS_clone3,
		SYS_prctl, SYS_seccomp };

	signal(SIGUSR1, count);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		keeps_to_it(ways[i]);
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
			int status = make(ways[i], others[j]);
			/* By the mode itself; by a filter in its place. */
			CHECK(WIFSIGNALED(status));
			CHECK(WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSYS);
		}
	}
	CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
	CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, ways), EINVAL);

	/* It is one thread's. */
	pthread_t thread;
	int result = -1;
	CHECK(pthread_create(&thread, NULL, in_mode, &result) == 0);
	CHECK(pthread_join(thread, NULL) == 0 && result == 0);
	CHECK(getppid() > 0);
	must_see_fake();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that keeps gvtrace busy in many ways until it is killed: processes, threads, fake files, exec. */
#ifndef GVTRACE_WORKLOAD_H
#define GVTRACE_WORKLOAD_H

#include "case.h"

#include <pthread.h>

static void *workload_thread(void *data)
{
	for (unsigned i = 0;; i++) {
		int fd = open("sys/vm/swappiness", i % 4 ? O_RDONLY : O_RDWR);
		if (fd >= 0 && i % 4 == 0 && write(fd, "117", 3) != 3)
			_exit(1);
		(void)!access("/proc/sys/vm/no-such-name", F_OK);
		close(fd);
	}
	return NULL;
}

static void *workload_forks(void *data)
{
	for (volatile unsigned i = 0;; i++) {
		pid_t pid = i % 2 ? fork() : vfork();
		if (pid == 0) {
			if (i % 3 == 0)
				execl("/bin/true", "true", NULL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

/* Never returns. argv[0] is executed again from time to time. */
static _Noreturn void worker(char **argv)
{
	pthread_t thread;

	(void)!chdir("/proc");
	pthread_create(&thread, NULL, workload_thread, NULL);
	pthread_create(&thread, NULL, workload_forks, NULL);
	for (int i = 0; i < 100; i++)
		(void)sees_fake();
	execv(argv[0], argv);
	_exit(9);
}

/* Never returns: some workers, one of them a daemon. */
__attribute__((unused)) static _Noreturn void workload(char **argv)
{
	for (int i = 0; i < 3; i++) {
		if (fork() != 0)
			continue;
		if (i == 2) {
			(void)!setsid();
			if (fork() != 0)
				_exit(0);
		}
		worker(argv);
	}
	(void)!chdir("/proc");
	workload_thread(NULL);
	_exit(0);
}

#endif

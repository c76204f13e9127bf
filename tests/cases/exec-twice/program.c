/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread among others executes a program, and that another one at once, while the supervisor has several hundred tracees. In gVisor
 * (2024 to 2026) an exec waits for ever for threads of the process that have ended, but whose end the tracer has not taken yet:
 * "D (disk sleep)". A shell in a container of runc does that, if it is busybox's, which executes itself.
 */
#include "case.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { ROUNDS = 100, THREADS = 8, SLEEPERS = 300, STACK_BYTES = 65536, PATIENCE_S = 20 };

static const char *const self = "/proc/self/exe";

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static void *execute(void *unused)
{
	execv(self, (char *[]){ "exec-twice", "once", NULL });
	_exit(9);
}

static void start(void *(*run)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	CHECK(pthread_create(&thread, &attributes, run, NULL) == 0);
}

/* Two that make calls that stop, and one with many threads. */
static void start_others(pid_t others[3])
{
	for (int i = 0; i < 3; i++) {
		others[i] = fork();
		if (others[i] > 0)
			continue;
		for (int n = 0; i == 2 && n < SLEEPERS; n++)
			start(sleep_for_ever);
		while (i < 2)
			close(open("/etc/hostname", O_RDONLY | O_CLOEXEC));
		sleep_for_ever(NULL);
	}
}

/* Whether it has ended well, in time. */
static bool ends(pid_t child)
{
	const struct timespec while_ = { 0, 2000000 };
	time_t end = time(NULL) + PATIENCE_S;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (time(NULL) > end)
			return false;
		nanosleep(&while_, NULL);
	}
	return status == 0;
}

int main(int argc, char *argv[])
{
	pid_t others[3];
	bool all = true;

	if (argc > 1 && strcmp(argv[1], "once") == 0)
		execv(self, (char *[]){ argv[0], "twice", NULL });
	if (argc > 1)
		return strcmp(argv[1], "twice") != 0;
	start_others(others);
	for (int round = 0; round < ROUNDS && all; round++) {
		pid_t child = fork();
		if (child == 0) {
			for (int i = 0; i < THREADS; i++)
				start(sleep_for_ever);
			start(execute);
			sleep_for_ever(NULL);
		}
		all = ends(child);
		if (!all) {
			printf("round %d has not ended\n", round);
			kill(child, SIGKILL);
		}
	}
	for (int i = 0; i < 3; i++)
		kill(others[i], SIGKILL);
	CHECK(all);
	return success();
}

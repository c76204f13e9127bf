/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * With so many threads that gvtrace waits for them in another way (next_event.c): programs are executed, and use fake files, as
 * ever. A stop that was told twice would be taken for another one.
 */
#include "case.h"

#include <pthread.h>

enum { THREADS = 230, RUNS = 60, STACK_BYTES = 64 * 1024 };

static void *sleeps(void *data)
{
	for (;;)
		pause();
	return NULL;
}

/* By a path that gvtrace has to write anew, whose first call in the process this is. */
static int run(void)
{
	CHECK(sees_fake());
	return 0;
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int status;

	if (argc > 1)
		return run();
	must_see_fake();
	CHECK(pthread_attr_init(&attributes) == 0);
	CHECK(pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&thread, &attributes, sleeps, NULL) == 0);
	for (int i = 0; i < RUNS; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			execl("/no-such-program", argv[0], "run", NULL);
			_exit(errno);
		}
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
		CHECK(status == 0);
	}
	return success();
}

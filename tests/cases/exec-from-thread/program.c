/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread that is not the leader executes another program, with others busy, again and again. */
#include "case.h"

#include <pthread.h>

static char **arguments;

static void *busy(void *data)
{
	for (;;)
		(void)sees_fake();
	return NULL;
}

static void *executes(void *data)
{
	execv(arguments[0], arguments);
	CHECK(!"execv");
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char left[16];
	int n = argc > 1 ? atoi(argv[1]) : 20;
	pid_t pid = argc > 2 ? atoi(argv[2]) : getpid();
	char pid_text[16];

	CHECK(getpid() == pid);
	CHECK(syscall(SYS_gettid) == pid);
	CHECK(sees_fake());
	if (n == 0)
		return success();
	snprintf(left, sizeof(left), "%d", n - 1);
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	char *next[] = { argv[0], left, pid_text, NULL };
	arguments = next;
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&thread, NULL, busy, NULL) == 0);
	CHECK(pthread_create(&thread, NULL, executes, NULL) == 0);
	if (n % 2)
		pthread_exit(NULL);
	for (;;)
		pause();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs replaced again and again, by a thread that is not the leader, while others use fake files and fork. */
#include "case.h"
#include "loops.h"

#include <pthread.h>

static char **arguments;

static void *use_files(void *data)
{
	for (;;) {
		int fd = open("sys/vm/swappiness", O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "117", 3) != 3)
			abort();
		close(fd);
		(void)sees_fake();
	}
	return NULL;
}

static void *forks(void *data)
{
	for (;;) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

static void *executes(void *data)
{
	usleep(*(unsigned *)data);
	execv(arguments[0], arguments);
	abort();
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int left = argc > 1 ? atoi(argv[1]) : 300 * loops();
	char text[16];
	unsigned wait_us = (unsigned)left * 7919 % 5000;

	CHECK(chdir("/proc") == 0);
	CHECK(sees_fake());
	if (left == 0)
		return success();
	snprintf(text, sizeof(text), "%d", left - 1);
	char *next[] = { argv[0], text, NULL };
	arguments = next;
	for (int i = 0; i < 5; i++)
		CHECK(pthread_create(&thread, NULL, i == 4 ? forks : use_files, NULL) == 0);
	/* Two at once: one of them wins. Linux makes no thread that shares a working directory with one that executes. */
	CHECK(pthread_create(&thread, NULL, executes, &wait_us) == 0);
	int error = pthread_create(&thread, NULL, executes, &wait_us);
	CHECK(error == 0 || error == EAGAIN);
	if (left % 3 == 0)
		pthread_exit(NULL);
	use_files(NULL);
}

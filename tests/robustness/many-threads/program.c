/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 500 threads open, read, write and close fake files at once, by paths for which gvtrace needs memory of its own. */
#include "case.h"
#include "loops.h"

#include <pthread.h>

enum { THREADS = 500, ROUNDS = 20 };

static pthread_barrier_t barrier;

static void *run(void *data)
{
	long number = (long)data;
	char text[32];

	pthread_barrier_wait(&barrier);
	for (int i = 0; i < ROUNDS * loops(); i++) {
		int fd = open("sys/../sys/vm/swappiness", O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);
		close(fd);
		if (number % 10)
			continue;
		fd = open("sys/vm/overcommit_ratio", O_WRONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		snprintf(text, sizeof(text), "%ld", number * 1000 + i);
		CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
		close(fd);
		fd = open("/proc/sys/vm/overcommit_ratio", O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		CHECK(text_of(fd)[0] >= '0' && text_of(fd)[0] <= '9');
		close(fd);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	pthread_attr_t attributes;

	CHECK(chdir("/proc") == 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (long i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], &attributes, run, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return success();
}

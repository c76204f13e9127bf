/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor of a folder below /proc/sys becomes one of another folder, by another thread, while it is listed. */
#include "case.h"

#include <pthread.h>
#include <time.h>

enum { MILLISECONDS = 1500, LISTED = 100 };
static int fake, other;

static void *exchange(void *data)
{
	for (;;) {
		dup2(other, LISTED);
		dup2(fake, LISTED);
	}
	return data;
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(void)
{
	char records[32768];
	pthread_t thread;

	must_see_fake();
	fake = open("/proc/sys/vm", O_RDONLY | O_DIRECTORY);
	other = open("/", O_RDONLY | O_DIRECTORY);
	CHECK(fake >= 0 && other >= 0 && dup2(fake, LISTED) == LISTED);
	CHECK(pthread_create(&thread, NULL, exchange, NULL) == 0);
	long end = milliseconds() + MILLISECONDS;
	while (milliseconds() < end) {
		lseek(LISTED, 0, SEEK_SET);
		for (int i = 0; i < 10; i++)
			if (syscall(SYS_getdents64, LISTED, records, sizeof(records)) <= 0)
				break;
	}
	success();
	_exit(0);
}

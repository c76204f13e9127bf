/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A vector register keeps what is in it when its store faults, and an ignored signal comes at that moment. gVisor's systrap (2024,
 * 2026) runs threads of a process by turns on threads of its own, of which there are many once there have been many at a time.
 */
#include "case.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

enum { SECONDS = 3, THREADS = 8, BUSY_CALLS = 200, BUSY_TURNS = 20000, PAGES = 64, PAGE = 4096 };

static void *keep_busy(void *unused)
{
	for (int i = 0; i < BUSY_CALLS; i++) {
		CHECK(syscall(SYS_getppid) > 0);
		for (volatile int turn = 0; turn < BUSY_TURNS; turn++)
			;
	}
	return NULL;
}

static void be_many(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, keep_busy, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

/* For that time: pages that are not there yet are written to. */
static void store(void)
{
	const struct timespec moment = { 0, 20000 };
	const time_t end = time(NULL) + SECONDS;
	uint64_t value = 0;
	char *pages = mmap(
		NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(pages != MAP_FAILED);
	while (time(NULL) <= end) {
		CHECK(madvise(pages, PAGES * PAGE, MADV_DONTNEED) == 0);
		for (int i = 0; i < PAGES; i++) {
			uint64_t *place = (uint64_t *)(pages + i * PAGE);
			__asm__ volatile("movq %0, %%xmm0\n\tmovq %%xmm0, (%1)"
					 :
					 : "r"(++value), "r"(place)
					 : "xmm0", "memory");
			if (*place != value) {
				printf("stored %llu, there is %llu\n", (unsigned long long)value,
					(unsigned long long)*place);
				exit(1);
			}
			if (i % 8 == 0)
				nanosleep(&moment, NULL);
		}
	}
}

int main(void)
{
	unsigned pause = 0;
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		be_many();
		store();
		exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		CHECK(kill(child, SIGURG) == 0);
		usleep(pause++ % 100);
	}
	CHECK(status == 0);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that stop all the time do not keep others, older or younger, from their turn. */
#include "case.h"
#include "loops.h"

#include <pthread.h>

enum { BUSY = 16, CALLS = 300, TIMES_MAX = 8 };

static volatile int over;
static volatile unsigned long n_busy;

static void *busy(void *data)
{
	unsigned long n = 0;

	while (!over) {
		(void)!access("/proc/sys/vm/swappiness", F_OK);
		n++;
	}
	__atomic_fetch_add(&n_busy, n, __ATOMIC_RELAXED);
	return NULL;
}

/* How often each busy thread had its turn while this one had CALLS of them. */
static void *measure(void *ret_share)
{
	for (int i = 0; i < CALLS; i++)
		(void)!access("/proc/sys/vm/swappiness", F_OK);
	over = 1;
	return NULL;
}

static void report(const char *who, pthread_t *threads)
{
	for (int i = 0; i < BUSY; i++)
		pthread_join(threads[i], NULL);
	unsigned long each = n_busy / BUSY;
	printf("note: %s thread: %d calls, while each busy one made %lu\n", who, CALLS, each);
	fflush(stdout);
	CHECK(each <= (unsigned long)CALLS * TIMES_MAX);
	over = 0;
	n_busy = 0;
}

int main(void)
{
	pthread_t threads[BUSY], young;

	/* The oldest thread. */
	for (int i = 0; i < BUSY; i++)
		CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
	measure(NULL);
	report("the oldest", threads);
	/* The youngest. */
	for (int i = 0; i < BUSY; i++)
		CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
	CHECK(pthread_create(&young, NULL, measure, NULL) == 0);
	pthread_join(young, NULL);
	report("the youngest", threads);
	return success();
}

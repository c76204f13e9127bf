/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A timer's signal that comes while a thread is stopped for gvtrace is taken all the same: by another thread of the process,
 * where the kernel does not look for it when the stopped one goes on.
 */
#include "case.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { ROUNDS = 400, STEP_US = 37, MOST_US = 4000, PATIENCE_S = 5, FIRST_CALLS = 8 };

static atomic_int n_handled, n_settled, never;

static void handle(int signal)
{
	n_handled++;
	syscall(SYS_futex, &n_handled, FUTEX_WAKE_PRIVATE, INT_MAX);
}

/* Waits for nothing but signals, after calls that stop: so it is known to block none. */
static void *be_quiet(void *data)
{
	for (int i = 0; i < FIRST_CALLS; i++) {
		(void)!access("/no-such-file", F_OK);
		usleep(3000);
	}
	n_settled++;
	for (;;)
		syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, NULL);
	return NULL;
}

static int64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	struct timespec patience = { PATIENCE_S, 0 };
	pthread_t thread;

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(pthread_create(&thread, NULL, be_quiet, NULL) == 0);
	while (n_settled == 0)
		usleep(1000);
	usleep(20000);
	for (int round = 0; round < ROUNDS; round++) {
		int us = 200 + round * STEP_US % MOST_US;
		struct itimerval once = { .it_value = { 0, us } };
		int64_t end = now_us() + us - 100;
		CHECK(setitimer(ITIMER_REAL, &once, NULL) == 0);
		do
			(void)!access("/no-such-file", F_OK);
		while (now_us() < end);
		/* The last one: the signal comes in it, or shortly before or after. */
		(void)!access("/no-such-file", F_OK);
		while (n_handled == round)
			CHECK(syscall(SYS_futex, &n_handled, FUTEX_WAIT_PRIVATE, round,
				      &patience) == 0 ||
				errno != ETIMEDOUT);
		CHECK(n_handled == round + 1);
	}
	return success();
}

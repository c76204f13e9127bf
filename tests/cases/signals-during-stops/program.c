/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that come while a thread is stopped for gvtrace reach it all the same, as the setuid(2) of a C library needs
 * it: that sends one to each thread, and waits for all of them to answer.
 */
#include "case.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

enum { THREADS = 6, ROUNDS = 300, PATIENCE_MS = 5000 };

static atomic_int round_now, n_answers;
static pid_t tids[THREADS];
static atomic_int n_started;

static void answer(int signal)
{
	n_answers++;
}

static void *run(void *data)
{
	pid_t *tid = data;

	*tid = (pid_t)syscall(SYS_gettid);
	n_started++;
	for (int seen = 0;; seen++) {
		while (round_now == seen)
			syscall(SYS_futex, &round_now, FUTEX_WAIT_PRIVATE, seen, NULL);
		/* Stops, and then waits for nothing but the signal. */
		(void)!access("/no-such-file", F_OK);
	}
	return NULL;
}

static void wait_ms(int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void pass_time(int n)
{
	for (volatile int i = 0; i < n; i++)
		;
}

int main(void)
{
	struct sigaction action = { .sa_handler = answer, .sa_flags = SA_RESTART };
	pthread_t thread;

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&thread, NULL, run, &tids[i]) == 0);
	while (n_started < THREADS)
		wait_ms(1);
	for (int round = 1; round <= ROUNDS; round++) {
		n_answers = 0;
		round_now = round;
		syscall(SYS_futex, &round_now, FUTEX_WAKE_PRIVATE, INT_MAX);
		pass_time(round * 1000);
		for (int i = 0; i < THREADS; i++)
			CHECK(syscall(SYS_tgkill, getpid(), tids[i], SIGUSR1) == 0);
		for (int i = 0; i < PATIENCE_MS && n_answers < THREADS; i++)
			wait_ms(1);
		if (n_answers < THREADS)
			printf("round %d: %d of %d threads got the signal\n", round, n_answers,
				THREADS);
		CHECK(n_answers == THREADS);
	}
	return success();
}

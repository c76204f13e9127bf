/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process may send itself a SIGTRAP that looks like the stop of an exec (rt_sigqueueinfo(2): any si_code to oneself), while another of its
 * threads tries to execute a program. Each is delivered.
 */
#include "case.h"

#include <pthread.h>
#include <signal.h>

enum { SIGNALS = 300, EXEC = 4 /* PTRACE_EVENT_EXEC */ };

static volatile sig_atomic_t n_handled;

static void on_trap(int number)
{
	n_handled++;
}

static void *executes(void *unused)
{
	char *const arguments[] = { "none", NULL };

	for (;;)
		execve("/no/such/program", arguments, arguments);
	return NULL;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_trap };
	pthread_t thread;

	must_see_fake();
	CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
	CHECK(pthread_create(&thread, NULL, executes, NULL) == 0);
	for (int i = 0; i < SIGNALS; i++) {
		siginfo_t info = { .si_signo = SIGTRAP, .si_code = SIGTRAP | EXEC << 8 };
		CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGTRAP, &info) == 0);
	}
	CHECK(n_handled == SIGNALS);
	return success();
}

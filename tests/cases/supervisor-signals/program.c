/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "case.h"
#include "tracer.h"

#include <signal.h>
#include <time.h>

/* Once the supervisor has nothing else to do it has taken it; then the rules still hold. */
static void send(pid_t supervisor, int number)
{
	if (kill(supervisor, number) < 0)
		CHECK(errno == EINVAL); /* of a number that the kernel has not */
	CHECK(sees_fake());
}

int main(void)
{
	static const int passed_on[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
	static const int ignored[] = { SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ, SIGXCPU, SIGALRM,
		SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH,
		SIGURG, SIGCONT, SIGCHLD };
	const struct timespec long_enough = { 10, 0 }, none = { 0, 0 };
	pid_t supervisor = tracer_of_us();
	sigset_t all;

	CHECK(supervisor > 0);
	sigfillset(&all);
	CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		send(supervisor, passed_on[i]);
		CHECK(sigtimedwait(&all, NULL, &long_enough) == passed_on[i]);
	}
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		send(supervisor, ignored[i]);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		send(supervisor, number);
	CHECK_FAILS(sigtimedwait(&all, NULL, &none), EAGAIN);
	CHECK(tracer_of_us() == supervisor);
	return success();
}

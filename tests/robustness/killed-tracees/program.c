/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 200 times, one of some busy processes is killed with SIGKILL at a random moment, and another is started. They have
 * threads and children of their own, which live on.
 */
#include "loops.h"
#include "workload.h"

#include <signal.h>
#include <sys/prctl.h>

enum { KILLS = 200, CROWD = 8 };

static pid_t start(char **argv)
{
	char name[] = "worker";
	char *arguments[] = { argv[0], name, NULL };
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		worker(arguments);
	return pid;
}

int main(int argc, char **argv)
{
	pid_t crowd[CROWD];
	unsigned seed = (unsigned)getpid();
	int killed = 0, status;

	if (argc > 1)
		worker(argv);
	for (int i = 0; i < CROWD; i++)
		crowd[i] = start(argv);
	double end = seconds_now() + 40 * loops();
	while (killed < KILLS * loops() && seconds_now() < end) {
		pid_t *victim = &crowd[rand_r(&seed) % CROWD];
		usleep((unsigned)rand_r(&seed) % 30000);
		CHECK(kill(*victim, SIGKILL) == 0);
		CHECK(waitpid(*victim, &status, 0) == *victim);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		killed++;
		*victim = start(argv);
	}
	for (int i = 0; i < CROWD; i++) {
		CHECK(kill(crowd[i], SIGKILL) == 0);
		CHECK(waitpid(crowd[i], &status, 0) == crowd[i] && WIFSIGNALED(status));
	}
	printf("note: %d killed\n", killed);
	CHECK(killed >= 50);
	/* gvtrace is well. */
	CHECK(sees_fake());
	return success();
}

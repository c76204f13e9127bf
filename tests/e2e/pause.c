/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * pause: the first process of a pod's sandbox, as Kubernetes' own does it: waits to be told to end, and takes in orphans. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number)
{
	(void)number;
	_exit(0);
}

static void reap(int number)
{
	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int main(void)
{
	signal(SIGINT, end);
	signal(SIGTERM, end);
	signal(SIGCHLD, reap);
	for (;;)
		pause();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 10,000 children that live for a moment, by several parents at once: fork, vfork, vfork and exec. */
#include "case.h"
#include "loops.h"

enum { PARENTS = 4, CHILDREN = 2500 };

static int parent(char **argv)
{
	char *arguments[] = { argv[0], "child", NULL };

	for (volatile int i = 0; i < CHILDREN * loops(); i++) {
		pid_t pid = i % 5 == 4 ? vfork() : fork();
		if (pid == 0) {
			if (i % 25 == 24) {
				execv(argv[0], arguments);
				_exit(9);
			}
			_exit(i % 10 == 0 && !sees_fake() ? 1 : 0);
		}
		CHECK(pid > 0);
		CHECK_EXITS(pid, 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	pid_t parents[PARENTS];

	if (argc > 1)
		return sees_fake() ? 0 : 1;
	for (int i = 0; i < PARENTS; i++) {
		parents[i] = fork();
		if (parents[i] == 0)
			_exit(parent(argv));
	}
	for (int i = 0; i < PARENTS; i++)
		CHECK_EXITS(parents[i], 0);
	/* And some that nobody waits for. */
	for (int i = 0; i < 500; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			if (fork() == 0)
				_exit(sees_fake() ? 0 : 1);
			_exit(0);
		}
		CHECK_EXITS(pid, 0);
	}
	return success();
}

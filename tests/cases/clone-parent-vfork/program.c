/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = clone-parent: a child that vfork(2) has made makes a sibling. Its parent, which waits for it, is to make a call for that, and
 * cannot: after a while it goes on without.
 */
#include "case.h"

#include <sched.h>
#include <signal.h>

int main(void)
{
	static int status, n;
	pid_t pid = vfork();

	if (pid == 0) {
		(void)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		_exit(0);
	}
	CHECK(pid > 0);
	while (wait(&status) > 0) {
		CHECK(status == 0);
		n++;
	}
	/* A kernel that ignores the flag gives the sibling to somebody else. */
	CHECK(n == 2 || in_sandbox());
	return success();
}

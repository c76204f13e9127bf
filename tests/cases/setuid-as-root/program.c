/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With an argument: becomes an ordinary user and executes it. Without: who is it? */
#include "case.h"

#include <sys/prctl.h>

int main(int argc, char **argv)
{
	if (argc > 1) {
		CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
		CHECK(setgid(4321) == 0 && setuid(4321) == 0);
		CHECK(sees_fake());
		execl(argv[1], argv[1], NULL);
		CHECK(!"execl");
	}
	printf("real %d, effective %d, dumpable %d\n", getuid(), geteuid(), prctl(PR_GET_DUMPABLE));
	CHECK(sees_fake());
	/* Its memory cannot be read by its user any more; gvtrace of root's still can. */
	int fd = open("../../../../../../../../proc/sys/vm/swappiness", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(sees_fake() ? 0 : 1);
	CHECK_EXITS(pid, 0);
	CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
	CHECK(sees_fake());
	CHECK(setuid(getuid()) == 0);
	CHECK(sees_fake());
	return success();
}

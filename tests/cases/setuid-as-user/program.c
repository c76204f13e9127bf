/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "case.h"

#include <sys/prctl.h>

int main(void)
{
	/* Without the filter, it is ptrace that takes the right away. */
	bool has_filter = strcmp(getenv("WAY"), "no-filter") != 0;

	printf("real %d, effective %d\n", getuid(), geteuid());
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == has_filter);
	CHECK(sees_fake());
	CHECK_FAILS(open(FAKE, O_WRONLY), EACCES);
	CHECK_FAILS(open(FAKE, O_RDWR), EACCES);
	pid_t pid = fork();
	if (pid == 0)
		_exit(sees_fake() ? 0 : 1);
	CHECK_EXITS(pid, 0);
	return success();
}

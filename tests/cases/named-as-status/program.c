/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program whose name is made of lines of /proc/PID/status is nobody else for that. gVisor gives the name there as it is. */
#include "case.h"

#include <sys/prctl.h>

int main(void)
{
	char number[16];

	snprintf(number, sizeof(number), "\nTgid:\t%d\n", getppid());
	CHECK(setgid(1000) == 0 && setuid(1000) == 0);
	CHECK(prctl(PR_SET_NAME, "\nUid:\t0 0 0 0\n") == 0);
	CHECK_FAILS(open(FAKE, O_WRONLY), EACCES);
	CHECK_FAILS(access(FAKE, W_OK), EACCES);
	CHECK(sees_fake());
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_NAME, number);
		CHECK(chdir("/proc") == 0);
		int fd = open("sys/vm/swappiness", O_RDONLY);
		CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
		_exit(0);
	}
	CHECK_EXITS(child, 0);
	return success();
}

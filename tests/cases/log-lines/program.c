/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "case.h"

int main(void)
{
	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	CHECK(setpgid(0, 0) == 0 || getpid() == getpgid(0));
	CHECK(getpgid(4711000) == -1);
	syscall(SYS_access, "/no/such\n\"file\"\xff", R_OK);
	syscall(SYS_access, nowhere, R_OK);
	syscall(SYS_access, NULL, R_OK);
	syscall(SYS_keyctl, 1, 0, 0, 0, 0);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, FAKE, O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	dup2(fd, 99);
	CHECK(write(99, "30", 2) == 2);
	CHECK_FAILS(pwrite(99, "xx", 2, 0), EINVAL);
	close(99);
	close(fd);
	fd = (int)syscall(SYS_open, FAKE, O_RDONLY, 0);
	fd = (int)syscall(SYS_open, "/etc/group", O_RDONLY, 0);
	fd = (int)syscall(SYS_open, "/etc/passwd", O_RDONLY, 0);
	fd = (int)syscall(SYS_open, "/etc/no-such-file", O_RDONLY, 0);
	return 0;
}

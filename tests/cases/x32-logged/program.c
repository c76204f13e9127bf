/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls with x32's numbers from a 64-bit program: whether the kernel has them or not, they are not taken for others. */
#include "case.h"

enum { X32_SYSCALL_BIT = 0x40000000 };

int main(void)
{
	for (int i = 0; i < 4; i++) {
		errno = 0;
		long pid = syscall(X32_SYSCALL_BIT | SYS_getpid);
		CHECK(pid == getpid() || (pid == -1 && errno == ENOSYS));
		/* x32 has the number of open(2), too: it is not the fake file that opens. */
		int fd = (int)syscall(X32_SYSCALL_BIT | SYS_open, FAKE, O_RDONLY);
		CHECK(fd == -1 ? errno == ENOSYS : strcmp(text_of(fd), FAKE_VALUE) != 0);
		close(fd);
		CHECK(sees_fake());
	}
	return success();
}

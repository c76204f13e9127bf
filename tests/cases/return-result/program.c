/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = return: the call is not made, and its answer is the rule's; with other arguments it is the kernel's.
 * With `when` it is made, and that failure alone is replaced. */
#include "case.h"

#include <linux/keyctl.h>

int main(void)
{
	CHECK_FAILS(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), ENOSYS);
	CHECK(getpgid(4711) == 42);
	CHECK(getpgid(0) == getpgrp());
	int fd = dup(0);
	CHECK(close(fd) == 0);
	CHECK_FAILS(fcntl(fd, F_GETFD), EBADF);
	CHECK(close(fd) == 0);
	return success();
}

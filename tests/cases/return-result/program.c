/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = return: the call is not made, and its answer is the rule's; with other arguments it is the kernel's. */
#include "case.h"

#include <linux/keyctl.h>

int main(void)
{
	CHECK_FAILS(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), ENOSYS);
	CHECK(getpgid(4711) == 42);
	CHECK(getpgid(0) == getpgrp());
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An io_uring could open files unseen: there is none while a rule looks at paths. */
#include "case.h"

int main(void)
{
	static char parameters[256];

	/* Without the filter each call stops, and this one, too, must fail. */
	CHECK_FAILS(syscall(SYS_io_uring_setup, 4, parameters), ENOSYS);
	return success();
}

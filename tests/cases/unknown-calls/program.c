/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that the table does not know: new ones look so, to programs on an older kernel. */
#include "case.h"

enum { X32_SYSCALL_BIT = 0x40000000 };

int main(void)
{
	static const long numbers[] = { 400, 500, 511, 512, 100000, X32_SYSCALL_BIT - 1, -1 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		CHECK_FAILS(syscall(numbers[i], 1L, 0L, 0L, 0L, 0L, 0x7ffe12345678L), ENOSYS);
	/* One of x32's numbers, that x32 does not have. */
	CHECK_FAILS(syscall(X32_SYSCALL_BIT + 500, 1L, 0L, 0L, 0L, 0L, 0L), ENOSYS);
	return success();
}

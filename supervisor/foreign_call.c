/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "foreign_call.h"

#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "filter.h"

/* asm/unistd_32.h, asm/unistd_x32.h */
enum {
	I386_EXECVE = 11,
	I386_MOUNT = 21,
	I386_IOCTL = 54,
	I386_EXECVEAT = 358,
	I386_USERFAULTFD = 374,
	FOREIGN_FSOPEN = 430,
	X32 = 0x40000000,
	X32_IOCTL = X32 + 514,
};

bool foreign_call_may_make_dead_memory(long nr)
{
	return nr == I386_MOUNT || nr == I386_IOCTL || nr == I386_USERFAULTFD ||
	       nr == X32 + SYS_mount || nr == X32_IOCTL || nr == X32 + SYS_userfaultfd ||
	       (nr & ~X32) == FOREIGN_FSOPEN;
}

bool foreign_call_is_made(const struct tracee *tracee, long nr, bool at_seccomp)
{
	struct __ptrace_syscall_info info;
	unsigned long data;

	if (at_seccomp)
		return (foreign_call_may_make_dead_memory(nr) || nr == I386_EXECVE ||
			       nr == I386_EXECVEAT) &&
		       ptrace(PTRACE_GETEVENTMSG, tracee->tid, 0, &data) == 0 &&
		       data == FILTER_TRACE_FOREIGN;
	/* Before Linux 5.3 there is no such request: such a call is then taken for one of 64-bit code. */
	return ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), &info) > 0 &&
	       info.arch == AUDIT_ARCH_I386;
}

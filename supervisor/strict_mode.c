/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "strict_mode.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "filter.h"

bool strict_mode_is_asked(const struct stop *stop)
{
	switch (stop_syscall(stop)) {
	case SYS_seccomp:
		return (uint32_t)stop_asked(stop, 0) == SECCOMP_SET_MODE_STRICT &&
		       (uint32_t)stop_asked(stop, 1) == 0 && stop_asked(stop, 2) == 0;
	case SYS_prctl:
		return (uint32_t)stop_asked(stop, 0) == PR_SET_SECCOMP &&
		       stop_asked(stop, 1) == SECCOMP_MODE_STRICT;
	default:
		return false;
	}
}

/* kernel/seccomp.c, mode1_syscalls[]. An x32 call has another number. */
static const struct sock_filter strict[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 4, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

int strict_mode_send(struct stop *stop)
{
	struct {
		uint64_t length, filter;
	} header = { ARRAY_SIZE(strict), 0 };
	uint64_t program;
	int r = stop_push(stop, strict, sizeof(strict), &header.filter);

	if (r == 0)
		r = stop_push(stop, &header, sizeof(header), &program);
	if (r)
		return r;
	stop_send_syscall(stop, SYS_seccomp);
	stop_send_arg(stop, 0, SECCOMP_SET_MODE_FILTER);
	stop_send_arg(stop, 1, filter_flags());
	stop_send_arg(stop, 2, program);
	return 0;
}

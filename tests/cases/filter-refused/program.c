/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter-refused COMMAND [ARGUMENT]...: runs it where no seccomp filter can be loaded, as in a container whose profile
 * forbids that. Without arguments: whether it is so here, and calls after one that is refused are seen.
 */
#include "case.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static void forbid(void)
{
#define LOAD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (what))
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skipped))
	struct sock_filter code[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		UNLESS(SYS_seccomp, 3),
		LOAD(offsetof(struct seccomp_data, args[0])),
		UNLESS(SECCOMP_SET_MODE_FILTER, 4),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		UNLESS(SYS_prctl, 2),
		LOAD(offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

int main(int argc, char **argv)
{
	struct sock_fprog none = { 0, NULL };

	if (argc > 1) {
		forbid();
		execvp(argv[1], argv + 1);
		CHECK(!"executed");
	}
	for (int i = 0; i < 8; i++) {
		CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &none), EPERM);
		CHECK(sees_fake());
		CHECK_FAILS(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &none), EPERM);
		CHECK(sees_fake());
	}
	return success();
}

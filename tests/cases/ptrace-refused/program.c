/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ptrace-refused SCOPE COMMAND [ARGUMENT]...: runs it where ptrace(2) is refused, by a seccomp filter. With SCOPE, unless "-", that is
 * Yama's ptrace_scope as it is to be read.
 */
#include "case.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static void say_scope(const char *scope)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	/* gVisor 2022 shares none, and does not know the flag. */
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || errno == EINVAL);
	CHECK(mount("scope", "/proc/sys/kernel", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/proc/sys/kernel/yama", 0755) == 0);
	int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_WRONLY | O_CREAT, 0644);
	CHECK(fd >= 0 && write(fd, scope, strlen(scope)) > 0 && write(fd, "\n", 1) == 1);
	close(fd);
}

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	CHECK(argc > 2);
	if (strcmp(argv[1], "-") != 0)
		say_scope(argv[1]);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
	execvp(argv[2], argv + 2);
	CHECK(!"executed");
}

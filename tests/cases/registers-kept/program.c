/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The registers that a system call leaves alone, it leaves alone also when another call was made in its place. */
#include "case.h"

#include <sys/mman.h>

struct registers {
	uint64_t rax, rdi, rsi, rdx, r10, r8, r9, rbx, rbp, r12, r13, r14, r15, rsp;
};

/* Makes the call that `in` says, and tells all registers after it. */
void call(const struct registers *in, struct registers *ret_out);

__asm__("call:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rsi\n"
	"	mov %rdi, %rcx\n"
	"	mov 0(%rcx), %rax; mov 16(%rcx), %rsi; mov 24(%rcx), %rdx\n"
	"	mov 32(%rcx), %r10; mov 40(%rcx), %r8; mov 48(%rcx), %r9; mov 56(%rcx), %rbx\n"
	"	mov 64(%rcx), %rbp; mov 72(%rcx), %r12; mov 80(%rcx), %r13; mov 88(%rcx), %r14\n"
	"	mov 96(%rcx), %r15; mov 8(%rcx), %rdi\n"
	"	syscall\n"
	"	mov (%rsp), %rcx\n"
	"	mov %rax, 0(%rcx); mov %rdi, 8(%rcx); mov %rsi, 16(%rcx); mov %rdx, 24(%rcx)\n"
	"	mov %r10, 32(%rcx); mov %r8, 40(%rcx); mov %r9, 48(%rcx); mov %rbx, 56(%rcx)\n"
	"	mov %rbp, 64(%rcx); mov %r12, 72(%rcx); mov %r13, 80(%rcx); mov %r14, 88(%rcx)\n"
	"	mov %r15, 96(%rcx); mov %rsp, 104(%rcx)\n"
	"	pop %rsi; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n");

static int64_t check(const char *name, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct registers in = { (uint64_t)nr, a, b, c, d, 0x5555000000000005, 0x6666000000000006,
		0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0 },
			 out;

	call(&in, &out);
	int64_t result = (int64_t)out.rax;
	out.rax = in.rax;
	in.rsp = out.rsp;
	if (memcmp(&in, &out, sizeof(in)) != 0) {
		const uint64_t *x = (const uint64_t *)&in, *y = (const uint64_t *)&out;
		for (size_t i = 0; i < sizeof(in) / sizeof(*x); i++)
			if (x[i] != y[i])
				printf("%s: register %zu was 0x%llx, is 0x%llx\n", name, i,
					(unsigned long long)x[i], (unsigned long long)y[i]);
		exit(1);
	}
	printf("%s: kept\n", name);
	return result;
}

int main(void)
{
	static const char path[] = FAKE, other[] = "../proc/sys/vm/swappiness",
			  missing[] = "/proc/sys/vm/nothing";
	static char buffer[4096];
	const uint64_t high =
		0xabcd000000000000; /* of an argument that the kernel takes 32 bits of */

	CHECK(chdir("/") == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(check("open", SYS_open, (uint64_t)path, high | O_RDONLY, 0x7777777777777777,
			      0x44) >= 0);
		CHECK(check("openat", SYS_openat, high | (uint32_t)AT_FDCWD, (uint64_t)path,
			      high | O_CLOEXEC, 0x99) >= 0);
		CHECK(check("openat relative", SYS_openat, (uint64_t)AT_FDCWD, (uint64_t)other,
			      O_RDONLY, 1) >= 0);
		CHECK(check("openat for writing", SYS_openat, (uint64_t)AT_FDCWD, (uint64_t)path,
			      O_RDWR, 1) >= 0);
		CHECK(check("openat that fails", SYS_openat, (uint64_t)AT_FDCWD, (uint64_t)missing,
			      O_RDONLY, 1) == -ENOENT);
		CHECK(check("stat", SYS_stat, (uint64_t)path, (uint64_t)buffer, 3, 4) == 0);
		CHECK(check("newfstatat", SYS_newfstatat, (uint64_t)AT_FDCWD, (uint64_t)path,
			      (uint64_t)buffer, high) == 0);
		CHECK(check("access", SYS_access, (uint64_t)path, high | R_OK, 3, 4) == 0);
		CHECK(check("statfs", SYS_statfs, (uint64_t)path, (uint64_t)buffer, 3, 4) == 0);
		CHECK(check("getppid", SYS_getppid, 1, 2, 3, 4) > 0);
		CHECK(check("keyctl", SYS_keyctl, 1, 2, 3, 4) == -ENOTTY);
		CHECK(check("no such call", 999, 1, 2, 3, 4) == -ENOSYS);
		int64_t fd = check("openat again", SYS_openat, (uint64_t)AT_FDCWD, (uint64_t)path,
			O_WRONLY | O_TRUNC, 1);
		CHECK(check("write", SYS_write, (uint64_t)fd, (uint64_t) "117", 3, 4) == 3);
		CHECK(check("pwrite64 that is refused", SYS_pwrite64, (uint64_t)fd,
			      (uint64_t) "999", 3, 0) == -EINVAL);
		CHECK(check("close", SYS_close, (uint64_t)fd, 2, 3, 4) == 0);
		int64_t folder =
			check("open folder", SYS_open, (uint64_t) "/proc/sys/vm", O_RDONLY, 3, 4);
		while (check("getdents64", SYS_getdents64, (uint64_t)folder, (uint64_t)buffer,
			       sizeof(buffer), 4) > 0)
			;
	}
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 64-bit code makes 32-bit calls while every call stops: they are not taken for the calls that have these numbers in 64-bit code. */
#include "case.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>

/* asm/unistd_32.h; behind it the call of that number in 64-bit code. */
enum {
	I386_FORK = 2, /* open */
	I386_WRITE = 4, /* stat */
	I386_OPEN = 5, /* fstat */
	I386_GETPID = 20, /* writev */
	I386_DUP3 = 330, /* pkey_alloc */
};

/* rdi, rsi and rdx are what the 64-bit call of the number would take for its arguments. */
static long call(long nr, long b, long c, long d, long rdi, long rsi)
{
	long result;
	register long first __asm__("rdi") = rdi;
	register long second __asm__("rsi") = rsi;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(nr), "b"(b), "c"(c), "d"(d), "r"(first), "r"(second)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void on_fault(int signal)
{
	skip("no 32-bit calls on this kernel");
}

int main(void)
{
	static char text[] = "33", path[] = FAKE;
	struct iovec vector = { text, 2 };
	int pipes[2];
	char read_back[16] = "";

	/* A 32-bit call's pointers are 32 bits long: this program is static, and lies low. */
	CHECK((uintptr_t)path < UINT32_MAX);
	signal(SIGSEGV, on_fault);
	if (call(I386_GETPID, 0, 0, 0, 0, 0) != getpid())
		skip("no 32-bit calls on this kernel");
	signal(SIGSEGV, SIG_DFL);
	must_see_fake();

	int fd = open(FAKE, O_RDWR);
	CHECK(fd >= 0 && pipe(pipes) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(call(I386_GETPID, 0, 0, 1, fd, (long)&vector) == getpid());
		CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);

		/* stat(2) would fill a structure in here. */
		char status[256];
		memset(status, 'x', sizeof(status));
		CHECK(call(I386_WRITE, pipes[1], (long)text, 2, (long)path, (long)status) == 2);
		CHECK(read(pipes[0], read_back, sizeof(read_back)) == 2);
		CHECK(memcmp(read_back, text, 2) == 0);
		for (size_t n = 0; n < sizeof(status); n++)
			CHECK(status[n] == 'x');

		long child = call(I386_FORK, 0, 0, 0, (long)path, O_RDONLY);
		if (child == 0)
			_exit(strcmp(text_of(fd), FAKE_VALUE) == 0 ? 5 : 6);
		CHECK(child > 0);
		CHECK_EXITS((pid_t)child, 5);

		long other = call(I386_OPEN, (long)"/dev/null", O_RDWR, 0, fd, (long)status);
		CHECK(other > fd && read((int)other, read_back, 1) == 0);
		CHECK(call(I386_DUP3, (int)other, 100, O_CLOEXEC, fd, fd) == 100);
		CHECK(close(100) == 0 && close((int)other) == 0);
	}
	/* 64-bit calls are what they were. */
	CHECK(pwrite(fd, text, 2, 0) == 2 && strcmp(text_of(fd), "33\n") == 0);
	CHECK(pwrite(fd, FAKE_VALUE, 4, 0) == 4 && close(fd) == 0);
	return success();
}

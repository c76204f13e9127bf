/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* What the slots that look at results do with them, run in this process, and what becomes of threads that are taken out of one. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "fast_path_slot.h"
#include "util.h"

enum { ANEW = 100000, PAGE = 4096, PROGRAM = 1024 };

/* A slot, and at PROGRAM what stands for the program. */
static uint8_t *page;

static int set_up(void **state)
{
	/* jmp 1f; ret; 1: add $ANEW, %eax; ret. The first is where a system call instruction would be. */
	static const uint8_t program[] = { 0xeb, 0x01, 0xc3, 0x05, ANEW & 0xff, ANEW >> 8 & 0xff,
		ANEW >> 16, 0, 0xc3 };

	page = mmap(
		NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -1;
	memcpy(page + PROGRAM, program, sizeof(program));
	return 0;
}

static struct fast_path_slot *make_result_slot(long nr)
{
	struct fast_path_slot *slot = (struct fast_path_slot *)page;

	fast_path_make_result_slot(nr, (uint64_t)(uintptr_t)page + PROGRAM, slot);
	return slot;
}

/* What eax is where the thread comes back to the program: ANEW more, if that is to make the call. */
static int run(const struct fast_path_slot *slot, long folder, const char *path, uint64_t third,
	uint64_t fourth)
{
	register uint64_t r10 __asm__("r10") = fourth;
	uint64_t rax;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[code]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=&a"(rax)
			 : [code] "r"(slot->code), "D"(folder), "S"(path), "d"(third), "r"(r10)
			 : "rcx", "r11", "cc", "memory");
	return (int)rax;
}

static void test_folders(void **state)
{
	const struct fast_path_slot *slot = make_result_slot(SYS_openat);
	int root = run(slot, AT_FDCWD, "/", O_DIRECTORY | O_CLOEXEC, 0);

	assert_in_range(root, 0, ANEW - 1);
	int proc = run(slot, root, "proc", O_DIRECTORY | O_CLOEXEC, 0);
	assert_in_range(proc, 0, ANEW - 1);
	assert_int_equal(run(slot, root, "no-such-folder", O_DIRECTORY, 0), ANEW + SYS_openat);
	assert_int_equal(run(slot, proc, "version", O_DIRECTORY, 0), ANEW + SYS_openat);
	close(proc);
	close(root);
}

static int read_link(const struct fast_path_slot *slot, int fd, char *buffer, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return run(slot, AT_FDCWD, path, (uint64_t)(uintptr_t)buffer, size);
}

static void test_links(void **state)
{
	const struct fast_path_slot *slot = make_result_slot(SYS_readlinkat);
	int root = open("/", O_PATH), null = open("/dev/null", O_RDONLY),
	    proc = open("/proc/version", O_RDONLY), memfd = memfd_create("x", 0), ends[2];
	char text[64] = "";

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(read_link(slot, null, text, sizeof(text)), strlen("/dev/null"));
	assert_string_equal(text, "/dev/null");
	/* Too short to be told. */
	assert_int_equal(read_link(slot, root, text, sizeof(text)), ANEW + SYS_readlinkat);
	assert_int_equal(read_link(slot, null, text, 1), ANEW + SYS_readlinkat);
	/* Of another's making, perhaps. */
	assert_int_equal(read_link(slot, proc, text, sizeof(text)), ANEW + SYS_readlinkat);
	assert_int_equal(read_link(slot, memfd, text, sizeof(text)), ANEW + SYS_readlinkat);
	assert_int_equal(read_link(slot, ends[0], text, sizeof(text)), ANEW + SYS_readlinkat);
	assert_int_equal(read_link(slot, -1, text, sizeof(text)), ANEW + SYS_readlinkat);
	const int fds[] = { root, null, proc, memfd, ends[0], ends[1] };
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void check_way(const struct fast_path_slot *slot, size_t offset, int64_t result,
	enum fast_path_way expected)
{
	long nr;
	enum fast_path_way way = fast_path_way(slot, offset, result, &nr);

	if (way != expected)
		fail_msg("offset %zu, result %ld: %d", offset, (long)result, (int)way);
}

static void test_ways(void **state)
{
	enum { ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516, MOV_BYTES = 5 };
	struct fast_path_slot slot;
	long nr;

	fast_path_make_slot(SYS_openat, 0x401000, &slot);
	assert_true(fast_path_is_slot(&slot));
	assert_int_equal(slot.back, 0x401002);
	check_way(&slot, 0, SYS_openat, FAST_PATH_WAY_CALL);
	check_way(&slot, FAST_PATH_SLOT_RETURN, -ENOENT, FAST_PATH_WAY_BACK);

	fast_path_make_result_slot(SYS_openat, 0x401000, &slot);
	assert_true(fast_path_is_slot(&slot));
	for (size_t i = 0; i < FAST_PATH_SLOT_RETURN; i++)
		check_way(&slot, i, SYS_openat, FAST_PATH_WAY_CALL);
	/* A descriptor is the program's, if it has the number that is also the call's. */
	size_t anew = FAST_PATH_SLOT_RETURN + 10;
	for (size_t i = FAST_PATH_SLOT_RETURN; i < anew; i++)
		check_way(&slot, i, SYS_openat, FAST_PATH_WAY_BACK);
	for (size_t i = FAST_PATH_SLOT_RETURN; i <= anew; i++) {
		check_way(&slot, i, -ENOENT, FAST_PATH_WAY_ANEW);
		check_way(&slot, i, -ERESTARTSYS, FAST_PATH_WAY_BACK);
		check_way(&slot, i, -ERESTART_RESTARTBLOCK, FAST_PATH_WAY_BACK);
	}
	assert_int_equal(slot.code[anew], 0xb8); /* where the number is put */
	check_way(&slot, anew + MOV_BYTES, SYS_openat, FAST_PATH_WAY_ANEW);

	fast_path_make_result_slot(SYS_readlinkat, 0x401000, &slot);
	assert_true(fast_path_is_slot(&slot));
	assert_int_equal(fast_path_way(&slot, FAST_PATH_SLOT_RETURN, 5, &nr), FAST_PATH_WAY_ANEW);
	assert_int_equal(nr, SYS_readlinkat);
	check_way(&slot, FAST_PATH_SLOT_RETURN, -ERESTARTSYS, FAST_PATH_WAY_BACK);

	slot.code[FAST_PATH_SLOT_RETURN] ^= 1;
	assert_false(fast_path_is_slot(&slot));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_folders, set_up),
		cmocka_unit_test_setup(test_links, set_up),
		cmocka_unit_test(test_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

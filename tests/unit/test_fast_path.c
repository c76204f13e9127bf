/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/*
 * Which calls the fast path lets pass, and that its code finds the same as fast_path_cannot_match(): the code is run here, in
 * this process.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "fast_path_code.h"
#include "rules_of.h"

static const char fake[] = "[rule f]\npath = /proc/sys/**\ndo = fake\nwhen = always\n";
static const char fifo[] =
	"[rule e]\npath = /**/exec.fifo\nsyscall = open openat\ndo = return\nerror = EINTR\nwhen = EPERM\n";
static const char group[] =
	"[rule g]\npath = /proc/**/cgroup\nsyscall = %file\ndo = return\nerror = EPERM\n";

static bool make(
	const char *text, const struct syscall_set *logged, struct fast_path_check *ret_check)
{
	static const struct syscall_set none;
	struct rule_set *set = rules_of(text, 1);
	bool r = fast_path_check_make(set, logged ? logged : &none, ret_check);

	rules_destroy(set);
	return r;
}

static void test_which_calls(void **state)
{
	static const struct {
		const char *rules;
		bool openat, statx, readlink;
	} rows[] = {
		{ fake, true, true, true },
		{ fifo, true, false, false },
		{ "[rule f]\npath = /proc/sys/**\ndo = fake\nexact = yes\n", false, false, false },
		/* Any path at all may be one of it. */
		{ "[rule r]\npath = /p*/sys/**\nsyscall = openat\ndo = return\nvalue = 1\n", false,
			false, false },
		{ "[rule r]\nsyscall = openat\ndo = return\nvalue = 1\n", false, false, false },
		{ "[rule r]\nsyscall = openat\nprogram = a\ndo = return\nvalue = 1\n", true, false,
			false },
		{ "[rule k]\nsyscall = keyctl\ndo = return\nerror = ENOSYS\n", false, false,
			false },
		/* One that can be told and one that cannot. */
		{ "[rule f]\npath = /proc/sys/**\ndo = fake\n"
		  "[rule r]\nsyscall = statx\ndo = return\nvalue = 1\n",
			true, false, true },
	};
	struct fast_path_check check;
	struct syscall_set logged = { { 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool any = make(rows[i].rules, NULL, &check);
		if (any != (rows[i].openat || rows[i].statx || rows[i].readlink) ||
			syscall_set_has(&check.calls, SYS_openat) != rows[i].openat ||
			syscall_set_has(&check.calls, SYS_statx) != rows[i].statx ||
			syscall_set_has(&check.calls, SYS_readlink) != rows[i].readlink)
			fail_msg("row %zu", i);
	}
	syscall_set_add(&logged, SYS_openat);
	assert_true(make(fake, &logged, &check));
	assert_false(syscall_set_has(&check.calls, SYS_openat));
	assert_true(syscall_set_has(&check.calls, SYS_stat));
}

static void test_which_paths(void **state)
{
	static const struct {
		const char *path;
		bool cannot_match;
	} rows[] = {
		{ "/etc/passwd", true },
		{ "/a", true },
		{ "/usr//lib///x", true },
		{ "/pro", true },
		{ "/var/proc/x", true },
		{ "/...", false },
		{ "", true },
		{ "/", true },
		{ "//proc/sys/x", false },
		{ "/proc/sys/kernel/cap_last_cap", false },
		{ "/proc", false },
		{ "/process", false }, /* not looked at more closely */
		{ "/dev/fd/3", false },
		{ "/dev//fd/3", false },
		{ "/dev/null", true },
		{ "/etc/", true },
		{ "/etc//", false },
		{ "/tmp/cap_last_cap/", false },
		{ "/etc/../proc/sys/x", false },
		{ "/etc/./x", false },
		{ "/.x", false },
		{ "etc/passwd", false },
		{ ".", false },
		/* Where a link on the way might lead to. */
		{ "/tmp/link/cap_last_cap", false },
		{ "/tmp/link/shmmax", false },
		{ "/run/runc/x/exec.fifo", false },
		{ "/run/runc/exec.fifo/x", true },
		{ "/tmp/link/cgroup", false },
		{ "/sys/fs/cgroup", true },
		{ "/run/rootfs//sys/fs/cgroup/", true },
		{ "/fs/cgroup", true },
		{ "/sys/fs//cgroup", false },
		{ "/sys/zfs/cgroup", false },
		{ "/sys/fs/cgroup2", true },
		{ "/sys/fs/exec.fifo", false },
	};
	struct fast_path_check check;
	char all[1024];

	snprintf(all, sizeof(all), "%s%s%s", fake, fifo, group);
	assert_true(make(all, NULL, &check));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fast_path_cannot_match(&check, SYS_newfstatat, rows[i].path, 0) !=
			rows[i].cannot_match)
			fail_msg("%s", rows[i].path);
	/* The descriptor itself. */
	assert_false(fast_path_cannot_match(&check, SYS_readlinkat, "", 0));
	assert_false(fast_path_cannot_match(&check, SYS_statx, "", 0));
	assert_false(fast_path_cannot_match(&check, SYS_newfstatat, "", AT_EMPTY_PATH));

	assert_true(make("[rule s]\npath = /\ndo = stat\nst_ino = 1\n", NULL, &check));
	assert_false(fast_path_cannot_match(&check, SYS_stat, "/", 0));
	assert_true(fast_path_cannot_match(&check, SYS_stat, "/etc", 0));

	/* A rule's own, or perhaps. */
	snprintf(all, sizeof(all), "%s%s", group,
		"[rule c]\npath = /**/cgroup\nsyscall = %file\ndo = return\nerror = EPERM\n");
	assert_true(make(all, NULL, &check));
	assert_false(fast_path_cannot_match(&check, SYS_stat, "/sys/fs/cgroup", 0));

	/* Links of /proc may lead to any rule's path. */
	assert_true(make(fifo, NULL, &check));
	assert_false(fast_path_cannot_match(&check, SYS_open, "/proc/self/cwd", 0));
	assert_false(fast_path_cannot_match(&check, SYS_open, "/dev/fd/5", 0));
	assert_false(fast_path_cannot_match(&check, SYS_open, "/dev//fd/5", 0));
	assert_true(fast_path_cannot_match(&check, SYS_open, "/dev/null", 0));
}

static void test_which_results_tell(void **state)
{
	static const struct {
		const char *rules;
		bool folders, links;
	} rows[] = {
		{ fake, true, true },
		{ fifo, true, false },
		{ "[rule e]\npath = /**/exec.fifo\nsyscall = %file\ndo = return\nerror = EINTR\n",
			true, true },
		{ "[rule e]\npath = /data/*\nsyscall = %file\ndo = return\nerror = EINTR\n", false,
			true },
		{ "[rule f]\npath = /etc/*\nsyscall = openat\ndo = file\nvalue = 1\n", true,
			false },
		{ "[rule f]\npath = /etc/*\nsyscall = openat\ndo = file\nvalue = 1\nwhen = always\n",
			false, false },
		{ "[rule r]\npath = /proc/*/fd/*\nsyscall = %file\ndo = return\nerror = EPERM\n",
			false, false },
		{ "[rule r]\npath = /proc/**\nsyscall = %file\ndo = pass\n", false, false },
		{ "[rule r]\npath = /proc/self/fd/3\nsyscall = %file\ndo = pass\n", true, false },
		{ "[rule r]\npath = /proc/self/fd/x\nsyscall = %file\ndo = pass\n", true, true },
		/* The link is to tell the path that was asked for. */
		{ "[rule r]\npath = /etc/a\ndo = redirect\nto = /etc/b\n", true, false },
	};
	static const struct {
		long nr;
		const char *path;
		uint64_t flags;
		bool tells;
	} calls[] = {
		{ SYS_openat, "sys", O_DIRECTORY, true },
		{ SYS_openat, "sys", O_DIRECTORY | O_PATH | O_NOFOLLOW | O_CLOEXEC, true },
		{ SYS_openat, "cap_last_cap", O_DIRECTORY, true },
		{ SYS_openat, "sys", O_PATH, false },
		{ SYS_openat, "sys", O_DIRECTORY | O_CREAT, false },
		{ SYS_openat, "sys", O_TMPFILE, false },
		{ SYS_openat, "", O_DIRECTORY, false },
		{ SYS_openat, "..", O_DIRECTORY, false },
		{ SYS_openat, "sys/net", O_DIRECTORY, false },
		{ SYS_openat, "/sys", O_DIRECTORY, false },
		/* What fstat says of it is a rule's. */
		{ SYS_openat, "proc", O_DIRECTORY, false },
		{ SYS_readlinkat, "/proc/self/fd/3", 0, true },
		{ SYS_readlinkat, "/proc/17/fd/0", 0, true },
		{ SYS_readlinkat, "/proc/self/fd/", 0, false },
		{ SYS_readlinkat, "/proc/self/fd/3/", 0, false },
		{ SYS_readlinkat, "/proc/self/fd/3a", 0, false },
		{ SYS_readlinkat, "/proc/../fd/3", 0, false },
		{ SYS_readlinkat, "/proc/self/exe", 0, false },
		{ SYS_readlink, "/proc/self/fd/3", 0, false },
	};
	struct fast_path_check check;
	char all[512];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		make(rows[i].rules, NULL, &check);
		bool folders = syscall_set_has(&check.by_result, SYS_openat),
		     links = syscall_set_has(&check.by_result, SYS_readlinkat);
		if (folders != rows[i].folders || links != rows[i].links)
			fail_msg("row %zu: %d, %d", i, folders, links);
	}
	snprintf(all, sizeof(all), "%s%s", fake, "[rule p]\npath = /proc\ndo = stat\nst_ino = 1\n");
	assert_true(make(all, NULL, &check));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (fast_path_result_tells(&check, calls[i].nr, calls[i].path, calls[i].flags) !=
			calls[i].tells)
			fail_msg("%ld, %s", calls[i].nr, calls[i].path);
}

/* --- the code --------------------------------------------------------------------------------- */

enum { PASSES = 4711, STOPS = 4712 };
enum { WORK_BYTES = 4 * FAST_PATH_REGION_BYTES };

/* The memory of a process: a gate, a region, and something to return from. */
static uint8_t *region, *slow;

static void put_return(uint8_t *at, uint32_t value)
{
	static const uint8_t ret = 0xc3;

	*at = 0xb8; /* mov $value, %eax */
	memcpy(at + 1, &value, sizeof(value));
	at[5] = ret;
}

static int set_up(void **state)
{
	const int protection = PROT_READ | PROT_WRITE | PROT_EXEC;
	void *gate = mmap((void *)(uintptr_t)FAST_PATH_GATE, 2 * FAST_PATH_GATE_BYTES, protection,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	uint8_t *work = mmap(NULL, WORK_BYTES, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (gate != (void *)(uintptr_t)FAST_PATH_GATE || work == MAP_FAILED)
		return -1;
	region = work + FAST_PATH_REGION_BYTES - (uintptr_t)work % FAST_PATH_REGION_BYTES;
	slow = work + WORK_BYTES - 4096;
	put_return(slow, STOPS);
	for (size_t i = 0; i < FAST_PATH_SLOTS; i++)
		put_return(
			(uint8_t *)gate + i * FAST_PATH_SLOT_BYTES, PASSES + 0x10000 * (uint32_t)i);
	return 0;
}

/* What a call of this number at the cell comes to: STOPS, or PASSES and the slot above it. For a C place nr is its own. */
static uint32_t call(const uint8_t *cell, long nr, int arg, const char *path, uint64_t open_flags,
	uint64_t flags)
{
	register uint64_t r10 __asm__("r10") = flags;
	uint64_t rax = (uint64_t)nr, rdi, rsi;
	const uint8_t *code = cell + offsetof(struct fast_path_cell, code);

	rdi = rsi = (uint64_t)(uintptr_t)(arg == 0 ? path : "/proc/other");
	rsi = (uint64_t)(uintptr_t)(arg == 1 ? path : "/proc/other");
	/* Go's replaced instruction moves rbx to rdi; it must be all that it does to any other register. */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[code]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(rax)
			 : [code] "r"(code), "b"(rdi), "D"(rdi), "S"(rsi), "d"(open_flags), "r"(r10)
			 : "rcx", "r11", "cc", "memory");
	return (uint32_t)rax;
}

static void check_paths(const struct fast_path_check *check, const uint8_t *cell, size_t call_index,
	uint32_t slot, const char *path)
{
	const struct fast_path_call *one = &fast_path_calls[call_index];
	static const uint64_t open_flags[] = { O_DIRECTORY, O_DIRECTORY | O_PATH | O_CLOEXEC,
		O_DIRECTORY | O_CREAT, O_TMPFILE | O_RDWR, O_RDONLY };
	uint64_t flags = rand() % 2 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW,
		 how = open_flags[(size_t)rand() % ARRAY_SIZE(open_flags)];
	uint32_t is = call(cell, one->nr, one->path_arg, path, how, flags), expected = STOPS;

	if (fast_path_cannot_match(check, one->nr, path, flags))
		expected = PASSES + 0x10000 * slot;
	else if (fast_path_result_tells(check, one->nr, path, how))
		expected = PASSES + 0x10000 * (slot + 1);
	if (is != expected)
		fail_msg("call %ld, \"%s\", %#lx: %#x", one->nr, path, how, is);
}

/* Paths of these pieces, at the very end of memory. */
static void try_random(
	const struct fast_path_check *check, const uint8_t *cell, size_t call_index, uint32_t slot)
{
	static const char *const pieces[] = { "/", "/", "/", "a", "proc", "sys", "p", "pr", ".",
		"..", "cap_last_cap", "shmmax", "exec.fifo", "etc", "dev", "fd", "passwd", "\xff",
		"x y", "kernel", "fs", "fs/cgroup", "cgroup", "/proc/", "self", "/fd/", "12", "0",
		":" };
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[256];

	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(mprotect(page + 4096, 4096, PROT_NONE), 0);
	for (int i = 0; i < 20000; i++) {
		path[0] = '\0';
		for (int n = rand() % 9; n > 0; n--)
			strcat(path, pieces[(size_t)rand() % ARRAY_SIZE(pieces)]);
		char *end = page + 4096 - strlen(path) - 1;
		strcpy(end, path);
		check_paths(check, cell, call_index, slot, end);
	}
	munmap(page, 8192);
}

/* elsewhere: a rule outside of /proc knows the name "cgroup". */
static void try_code(const char *rules, bool elsewhere)
{
	struct fast_path_slot slots[FAST_PATH_PLACE_SLOTS];
	struct fast_path_check check;

	assert_true(make(rules, NULL, &check));
	assert_int_equal(check.is_cgroup_elsewhere, elsewhere);
	memcpy((void *)(uintptr_t)FAST_PATH_NAMES, &check.names, sizeof(check.names));

	struct fast_path_place place = { .is_go = true, .call = (uint64_t)(uintptr_t)slow };
	uint8_t *cell = region + FAST_PATH_CELL_BYTES;
	assert_true(fast_path_make_cell(&place, &check, (uint64_t)(uintptr_t)cell, 0,
			    (struct fast_path_cell *)cell) > 0);
	uint32_t slot = 0;
	for (size_t i = 0; i < FAST_PATH_CALLS; i++)
		if (syscall_set_has(&check.calls, fast_path_calls[i].nr)) {
			try_random(&check, cell, i, slot);
			slot += 1 + syscall_set_has(&check.by_result, fast_path_calls[i].nr);
		}
	assert_int_equal(slot, fast_path_make_slots(&place, &check, slots));
	/* Another call than those. */
	assert_int_equal(call(cell, SYS_openat2, 1, "/etc/passwd", 0, 0), STOPS);
	assert_int_equal(call(cell, SYS_openat, 1, NULL, 0, 0), STOPS);

	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		place = (struct fast_path_place){ .nr = fast_path_calls[i].nr,
			.call = (uint64_t)(uintptr_t)slow };
		if (!syscall_set_has(&check.calls, place.nr))
			continue;
		cell = region + 2 * FAST_PATH_CELL_BYTES;
		assert_true(fast_path_make_cell(&place, &check, (uint64_t)(uintptr_t)cell, 7,
				    (struct fast_path_cell *)cell) > 0);
		assert_int_equal(fast_path_make_slots(&place, &check, slots),
			1 + syscall_set_has(&check.by_result, place.nr));
		try_random(&check, cell, i, 7);
	}
	/* Too far for a jump. */
	assert_int_equal(
		fast_path_make_cell(&place, &check, (uint64_t)(uintptr_t)cell + (UINT64_C(1) << 32),
			7, (struct fast_path_cell *)cell),
		0);
}

static void test_code(void **state)
{
	char rules[1024];

	if (!fast_path_code_is_possible())
		skip();
	snprintf(rules, sizeof(rules), "%s%s%s", fake, fifo, group);
	try_code(rules, false);
	try_code(fake, false); /* where results tell */
	strcat(rules, "[rule h]\npath = /**/cgroup\ndo = return\nerror = EPERM\n");
	try_code(rules, true);
}

static void test_places(void **state)
{
	/* Go 1.24's internal/runtime/syscall.Syscall6, with what is behind it, and two of C. */
	static const uint8_t go[] = { 0xcc, 0xcc, 0xcc, 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48,
		0x89, 0xce, 0x48, 0x89, 0xdf, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0x76,
		0x15, 0x48, 0xf7, 0xd8, 0x48, 0x89, 0xc1, 0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff,
		0x48, 0xc7, 0xc3, 0x00, 0x00, 0x00, 0x00, 0xc3, 0x48, 0x89, 0xd3, 0x48, 0xc7, 0xc1,
		0x00, 0x00, 0x00, 0x00, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc };
	static const uint8_t c[] = { 0xb8, 0x01, 0x01, 0x00, 0x00, 0x0f, 0x05, 0x48, 0x3d };
	static const uint8_t systrap[] = { 0xff, 0x24, 0x25, 0x40, 0x12, 0x06, 0x00, 0x48, 0x3d };
	const uint64_t ip = 0x401000;
	uint8_t bytes[FAST_PATH_BEFORE + FAST_PATH_BEHIND] = { 0 }, jump[8], padding[8];
	struct fast_path_place place;

	memcpy(bytes, go + 1, sizeof(go) - 1);
	assert_true(fast_path_find_place(bytes, ip, SYS_openat, &place));
	assert_true(place.is_go && place.forgets_args);
	assert_int_equal(place.address, ip - 5);
	assert_int_equal(place.call, ip - 2);
	assert_int_equal(place.padding, ip + 40);
	assert_true(fast_path_make_jump(&place, 0x3fe400, jump, padding));
	assert_memory_equal(jump, ((uint8_t[]){ 0xeb, 0x2b, 0x90 }), 3);
	assert_int_equal(padding[0], 0xe9);
	assert_false(fast_path_make_jump(&place, UINT64_C(0x7f0000000000), jump, padding));
	bytes[FAST_PATH_BEFORE - 6] = 0x90;
	assert_true(fast_path_find_place(bytes, ip, SYS_openat, &place));
	assert_true(place.is_go && !place.forgets_args);
	bytes[FAST_PATH_BEFORE + 42] = 0x90; /* no room */
	assert_false(fast_path_find_place(bytes, ip, SYS_openat, &place));

	memset(bytes, 0x90, sizeof(bytes));
	memcpy(bytes + FAST_PATH_BEFORE - 7, c, sizeof(c));
	assert_true(fast_path_find_place(bytes, ip, SYS_openat, &place));
	assert_int_equal(place.length, 5);
	assert_int_equal(place.address, ip - 7);
	/* The number comes from elsewhere. */
	assert_false(fast_path_find_place(bytes, ip, SYS_open, &place));

	memcpy(bytes + FAST_PATH_BEFORE - 7, systrap, sizeof(systrap));
	assert_true(fast_path_find_place(bytes, ip, SYS_openat, &place));
	assert_int_equal(place.length, 7);
	assert_true(fast_path_make_jump(&place, 0x3fe400, jump, padding));
	assert_memory_equal(jump + 5, ((uint8_t[]){ 0x0f, 0x05 }), 2);

	memset(bytes, 0x90, sizeof(bytes));
	assert_false(fast_path_find_place(bytes, ip, SYS_openat, &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_calls),
		cmocka_unit_test(test_which_paths),
		cmocka_unit_test(test_which_results_tell),
		cmocka_unit_test_setup(test_code, set_up),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

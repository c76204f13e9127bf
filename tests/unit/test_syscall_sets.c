/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_abi */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "syscalls.h"
#include "util.h"

static int differences;

#define DIFFERS(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), differences++)

static int setup(void **state)
{
	differences = 0;
	return 0;
}

static void test_set_parse(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t offset; /* if -EINVAL */
		const char *has[3], *lacks[3];
		int count; /* 0: not looked at */
	} rows[] = {
		{ "openat", 0, 0, { "openat" }, { "open", "openat2" }, 1 },
		{ "open,close", 0, 0, { "open", "close" }, { "openat" }, 2 },
		{ "  open \t close,,read ", 0, 0, { "open", "close", "read" }, { "write" }, 3 },
		{ "open,open", 0, 0, { "open" }, { NULL }, 1 },
		{ "%file", 0, 0, { "openat", "execve", "getcwd" }, { "read" }, 75 },
		{ "%file read", 0, 0, { "openat", "read" }, { "write" }, 76 },
		{ "%desc,!read", 0, 0, { "write" }, { "read", "stat" }, 0 },
		{ "!read", 0, 0, { "write", "getpid" }, { "read" }, 0 },
		{ "!%file", 0, 0, { "read" }, { "openat", "stat" }, 0 },
		{ "!%file,openat", 0, 0, { "read", "openat" }, { "stat" }, 0 },
		{ "open,!open", 0, 0, { NULL }, { "open", "read" }, -1 },
		{ "%network", 0, 0, { "socket", "accept4" }, { "read" }, 0 },
		{ "%net", 0, 0, { "socket", "accept4" }, { "read" }, 0 },
		{ "%process", 0, 0, { "clone3", "execve" }, { "openat" }, 0 },
		{ "%signal", 0, 0, { "kill", "rt_sigaction" }, { "openat" }, 0 },
		{ "%memory", 0, 0, { "mmap", "mseal" }, { "openat" }, 0 },
		{ "%ipc", 0, 0, { "shmget", "msgctl" }, { "openat" }, 0 },
		{ "%creds", 0, 0, { "setuid", "capset" }, { "openat" }, 0 },
		{ "%clock", 0, 0, { "time", "adjtimex" }, { "openat" }, 0 },
		{ "%%stat", 0, 0, { "stat", "statx", "fstat" }, { "statfs" }, 5 },
		{ "%%statfs", 0, 0, { "statfs", "fstatfs" }, { "stat" }, 3 },
		{ "all", 0, 0, { "read", "file_setattr" }, { NULL }, 385 },
		{ "none", 0, 0, { NULL }, { "read" }, -1 },
		{ "none,read", 0, 0, { "read" }, { NULL }, 1 },
		{ "!none", 0, 0, { "read" }, { NULL }, 385 },
		{ "!all", 0, 0, { NULL }, { "read" }, -1 },
		{ "", -EINVAL, 0, { NULL }, { NULL }, 0 },
		{ " , ", -EINVAL, 3, { NULL }, { NULL }, 0 },
		{ "opena", -EINVAL, 0, { NULL }, { NULL }, 0 },
		{ "open, claose, read", -EINVAL, 6, { NULL }, { NULL }, 0 },
		{ "open,!claose", -EINVAL, 6, { NULL }, { NULL }, 0 },
		{ "%fil", -EINVAL, 0, { NULL }, { NULL }, 0 },
		{ "%", -EINVAL, 0, { NULL }, { NULL }, 0 },
		{ "!", -EINVAL, 1, { NULL }, { NULL }, 0 },
		{ "!!open", -EINVAL, 1, { NULL }, { NULL }, 0 },
		{ "OPEN", -EINVAL, 0, { NULL }, { NULL }, 0 },
	};

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		struct syscall_set set, before;
		size_t offset = 999;
		int result, count = 0;

		memset(&set, 0x55, sizeof(set));
		before = set;
		result = syscall_set_parse(&set, rows[row].text, &offset);
		if (result != rows[row].result)
			DIFFERS("\"%s\": result %d", rows[row].text, result);
		if (result < 0) {
			if (offset != rows[row].offset)
				DIFFERS("\"%s\": offset %zu", rows[row].text, offset);
			if (memcmp(&set, &before, sizeof(set)) != 0)
				DIFFERS("\"%s\": set written", rows[row].text);
			continue;
		}
		for (int i = 0; i < 3; i++) {
			const char *has = rows[row].has[i], *lacks = rows[row].lacks[i];

			if (has && !syscall_set_has(&set, syscall_number(has)))
				DIFFERS("\"%s\": lacks %s", rows[row].text, has);
			if (lacks && syscall_set_has(&set, syscall_number(lacks)))
				DIFFERS("\"%s\": has %s", rows[row].text, lacks);
		}
		for (long nr = 0; nr < SYSCALL_MAX; nr++)
			count += syscall_set_has(&set, nr);
		if (rows[row].count && count != MAX(rows[row].count, 0))
			DIFFERS("\"%s\": %d calls", rows[row].text, count);
		bool is_of_all = rows[row].text[0] == '!' || strcmp(rows[row].text, "all") == 0;
		if (syscall_set_has_any(&set, 400) != (is_of_all && count > 0) ||
			syscall_set_has_any(&set, 100000) != (is_of_all && count > 0))
			DIFFERS("\"%s\": unknown calls", rows[row].text);
		if (syscall_set_is_empty(&set) != (count == 0))
			DIFFERS("\"%s\": is_empty is wrong", rows[row].text);
	}
	assert_int_equal(differences, 0);
	assert_int_equal(syscall_set_parse(&(struct syscall_set){ 0 }, "x", NULL), -EINVAL);
}

static void test_set_has_no_number_outside(void **state)
{
	struct syscall_set set;

	assert_int_equal(syscall_set_parse(&set, "all", NULL), 0);
	assert_false(syscall_set_has(&set, -1));
	assert_false(syscall_set_has(&set, SYSCALL_MAX));
	assert_false(syscall_set_has(&set, 400));
	assert_true(syscall_set_has_any(&set, -1) && syscall_set_has_any(&set, SYSCALL_MAX));
	assert_true(syscall_set_has_any(&set, 400) && syscall_set_has_any(&set, 0));
	assert_int_equal(syscall_set_parse(&set, "all,!all", NULL), 0);
	assert_true(syscall_set_is_empty(&set));
	assert_int_equal(syscall_set_parse(&set, "read", NULL), 0);
	assert_true(syscall_set_has_any(&set, 0));
	assert_false(syscall_set_has_any(&set, -1) || syscall_set_has_any(&set, 400));
}

static void test_set_suggest(void **state)
{
	static const struct {
		const char *word, *near;
	} rows[] = {
		{ "opnat", "openat" },
		{ "opne", "open" },
		{ "!opne", "open" },
		{ "newfsatat", "newfstatat" },
		{ "fstatat", "newfstatat" },
		{ "umount", "umount2" },
		{ "keyctrl", "keyctl" },
		{ "stat64", "stat" },
		{ "file", "%file" },
		{ "%files", "%file" },
		{ "%desk", "%desc" },
		{ "%stat", "%%stat" },
		{ "al", "all" },
		{ "opnat, and more", "openat" }, /* only the length given counts */
		{ "", NULL },
		{ "!", NULL },
		{ "supercalifragilistic", NULL },
		{ "supercalifragilisticexpialidocious_and_longer", NULL },
		{ "zz", NULL },
	};

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		const char *word = rows[row].word;
		const char *near = syscall_set_suggest(word, syscall_set_word_length(word));

		if (!near != !rows[row].near || (near && strcmp(near, rows[row].near) != 0))
			DIFFERS("\"%s\": suggests %s", word, near ? near : "nothing");
	}
	assert_int_equal(differences, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_set_parse, setup),
		cmocka_unit_test_setup(test_set_has_no_number_outside, setup),
		cmocka_unit_test_setup(test_set_suggest, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

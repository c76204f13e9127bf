/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_abi gvtrace_util */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "constants.h"
#include "util.h"

static void test_values(void **state)
{
	/* Numbers as the kernel's documentation has them, not as a header of today's machine says. */
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{ "0", 0 },
		{ "10", 10 },
		{ "0x1F", 31 },
		{ "0X1f", 31 },
		{ "0755", 493 },
		{ "00", 0 },
		{ "-1", UINT64_MAX },
		{ "-0x80", UINT64_MAX - 127 },
		{ "-9223372036854775808", UINT64_C(1) << 63 },
		{ "18446744073709551615", UINT64_MAX },
		{ " 1 | 2 | 4 ", 7 },
		{ "1|2", 3 },
		{ "KEYCTL_JOIN_SESSION_KEYRING", 1 },
		{ "KEY_SPEC_SESSION_KEYRING", UINT64_MAX - 2 },
		{ "CLONE_NEWCGROUP", 0x02000000 },
		{ "CLONE_NEWNS | CLONE_NEWPID", 0x20020000 },
		{ "MS_REC|MS_PRIVATE", 0x44000 },
		{ "MS_STRICTATIME", 1 << 24 },
		{ "MNT_DETACH", 2 },
		{ "AT_FDCWD", UINT64_MAX - 99 },
		{ "AT_EMPTY_PATH", 0x1000 },
		{ "O_RDONLY", 0 },
		{ "O_WRONLY|O_CREAT", 0101 },
		{ "O_LARGEFILE", 0100000 },
		{ "O_PATH", 010000000 },
		{ "S_IFREG | 0644", 0100644 },
		{ "PR_SET_CHILD_SUBREAPER", 36 },
		{ "PR_CAP_AMBIENT", 47 },
		{ "TCGETS", 0x5401 },
		{ "TCGETS2", 0x802c542a },
		{ "TCSETS2", 0x402c542b },
		{ "SIOCSIFFLAGS", 0x8914 },
		{ "PROC_SUPER_MAGIC", 0x9fa0 },
		{ "CGROUP_SUPER_MAGIC", 0x27e0eb },
		{ "CGROUP2_SUPER_MAGIC", 0x63677270 },
		{ "TMPFS_MAGIC", 0x01021994 },
		{ "EXT4_SUPER_MAGIC", 0xef53 },
		{ "SYSFS_MAGIC", 0x62656572 },
		{ "RESOLVE_IN_ROOT", 0x10 },
		{ "AF_NETLINK", 16 },
		{ "SIGTERM", 15 },
		{ "SIGSYS", 31 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 0xdead;

		if (constant_value(rows[i].text, &value) != 0 || value != rows[i].value)
			fail_msg("%s: %#llx", rows[i].text, (unsigned long long)value);
	}
}

static void test_wrong_values(void **state)
{
	static const struct {
		const char *text;
		int r;
		size_t offset, length;
	} rows[] = {
		{ "", -EINVAL, 0, 0 },
		{ "  ", -EINVAL, 2, 0 },
		{ "-", -EINVAL, 0, 1 },
		{ "0x", -EINVAL, 0, 2 },
		{ "08", -EINVAL, 0, 2 },
		{ "1f", -EINVAL, 0, 2 },
		{ "0xg", -EINVAL, 0, 3 },
		{ "1 | NOPE | 2", -EINVAL, 4, 4 },
		{ "1 |", -EINVAL, 3, 0 },
		{ "| 1", -EINVAL, 0, 0 },
		{ "1 2", -EINVAL, 0, 3 },
		{ "O_RDONL", -EINVAL, 0, 7 },
		{ "o_rdonly", -EINVAL, 0, 8 },
		{ "18446744073709551616", -ERANGE, 0, 20 },
		{ "0x10000000000000000", -ERANGE, 0, 19 },
		{ "-9223372036854775809", -ERANGE, 0, 20 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 7;
		size_t offset = 99, length = 99;

		assert_int_equal(constant_value(rows[i].text, &value), rows[i].r);
		assert_int_equal(constant_parse(rows[i].text, strlen(rows[i].text), &value, &offset,
					 &length),
			rows[i].r);
		assert_int_equal(value, 7);
		if (offset != rows[i].offset || length != rows[i].length)
			fail_msg("\"%s\": %zu, %zu", rows[i].text, offset, length);
	}
}

static void test_length(void **state)
{
	uint64_t value;
	size_t offset, length;

	assert_int_equal(constant_parse("O_WRONLY|xyz", 8, &value, &offset, &length), 0);
	assert_int_equal(value, 1);
}

static void test_mode(void **state)
{
	static const char *const wrong[] = { "", "644", "0x1a4", "0o644", "0888", "010000", "-01",
		"0644 ", "S_IRUSR", "07777777777777777777777" };
	uint64_t mode = 1;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (mode_value(wrong[i], &mode) != -EINVAL || mode != 1)
			fail_msg("\"%s\": %o", wrong[i], (unsigned)mode);
	assert_int_equal(mode_value("0644", &mode), 0);
	assert_int_equal(mode, 0644);
	assert_int_equal(mode_value("07777", &mode), 0);
	assert_int_equal(mode, 07777);
	assert_int_equal(mode_value("0", &mode), 0);
	assert_int_equal(mode, 0);
}

static void test_suggest(void **state)
{
	assert_string_equal(constant_suggest("O_RDONYL&...", 8), "O_RDONLY");
	assert_string_equal(constant_suggest("clone_newns", 11), "CLONE_NEWNS");
	assert_null(constant_suggest("NOTHING_LIKE_IT_AT_ALL", 22));
	assert_string_equal(errno_suggest("ENOSIS"), "ENOSYS");
	assert_null(errno_suggest("OOPS_WHAT"));
}

static void test_errors(void **state)
{
	assert_int_equal(errno_number("ENOENT"), 2);
	assert_int_equal(errno_number("ENOSYS"), 38);
	assert_int_equal(errno_number("EWOULDBLOCK"), 11);
	assert_int_equal(errno_number("ENOTSUP"), 95);
	assert_int_equal(errno_number("ENOEN"), -1);
	assert_int_equal(errno_number("enoent"), -1);
	assert_int_equal(errno_number(""), -1);
	/* The kernel's own never reach a program. */
	assert_int_equal(errno_number("ERESTARTSYS"), -1);
	assert_string_equal(errno_name(512), "ERESTARTSYS");
	assert_string_equal(errno_name(11), "EAGAIN");
	assert_string_equal(errno_name(95), "EOPNOTSUPP");
	assert_null(errno_name(0));
	assert_null(errno_name(-2));
	assert_null(errno_name(41)); /* a hole in Linux' numbers */
	assert_null(errno_name(4000));
}

/* Each number that libc can describe has a name, and the name has that number. */
static void test_all_errors(void **state)
{
	size_t count = 0;

	for (int number = 1; number < 200; number++) {
		char unknown[40];
		const char *name = errno_name(number);

		snprintf(unknown, sizeof(unknown), "Unknown error %d", number);
		if (strcmp(strerror(number), unknown) == 0) {
			assert_null(name);
			continue;
		}
		assert_non_null(name);
		assert_int_equal(errno_number(name), number);
		count++;
	}
	assert_true(count >= 131);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_all_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

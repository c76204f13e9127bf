/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_util */
/* Where mounts of control groups begin, from texts of gVisor 2024 and Linux. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cgroup_mounts.h"

#define TMPFS "28 22 0:28 / /sys/fs/cgroup rw - tmpfs none rw\n"
#define CPU "29 28 0:9 /id-1 /sys/fs/cgroup/cpu rw - cgroup none rw,cpu\n"
#define MEMORY "34 28 0:14 /id-1 /sys/fs/cgroup/memory rw shared:3 - cgroup none rw,memory\n"
#define WHOLE "35 28 0:15 / /sys/fs/cgroup/pids rw - cgroup none rw,pids\n"
#define BELOW "36 28 0:15 /id-1/one /sys/fs/cgroup/pids rw - cgroup none rw,pids\n"
#define UNIFIED "22 16 0:8 /id-1 /sys/fs/cgroup rw - cgroup2 none rw\n"
/* A folder's name is no type. */
#define FOLDER "37 28 0:16 /other /mnt/cgroup rw - ext4 /dev/sda rw\n"

static void where_they_begin(void **state)
{
	static const struct {
		const char *text, *group; /* NULL: at none */
	} rows[] = {
		{ "", NULL },
		{ TMPFS FOLDER, NULL },
		{ TMPFS CPU, "/id-1" },
		{ TMPFS CPU MEMORY FOLDER, "/id-1" },
		{ UNIFIED, "/id-1" },
		{ TMPFS WHOLE, NULL },
		{ TMPFS CPU WHOLE, NULL },
		{ TMPFS CPU BELOW, NULL },
		{ "1 2 0:1 /a\\040b /x rw - cgroup none rw\n", NULL },
		{ "1 2 0:1 /longer-than-it-may-be /x rw - cgroup none rw\n", NULL },
		{ "1 - cgroup none rw\n - cgroup \n-", NULL },
		{ "1 2 0:1 /id-2 /x rw - cgroup none rw", "/id-2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char group[16] = "";
		bool is_found = cgroup_mounts_begin(rows[i].text, group, sizeof(group));
		if (is_found != (rows[i].group != NULL) ||
			(is_found && strcmp(group, rows[i].group) != 0))
			fail_msg("row %zu: %s", i, is_found ? group : "none");
	}
}

static void who_sees_more(void **state)
{
	assert_false(cgroup_mounts_show_more("", "/id-1"));
	assert_false(cgroup_mounts_show_more(TMPFS CPU MEMORY BELOW FOLDER, "/id-1"));
	assert_true(cgroup_mounts_show_more(TMPFS CPU WHOLE, "/id-1"));
	assert_true(cgroup_mounts_show_more(CPU, "/id-1/one"));
	assert_true(cgroup_mounts_show_more(CPU, "/id"));
}

static void what_is_below(void **state)
{
	assert_true(cgroup_mounts_is_below("/a", 2, "/a"));
	assert_true(cgroup_mounts_is_below("/a/b ", 4, "/a"));
	assert_false(cgroup_mounts_is_below("/ab", 3, "/a"));
	assert_false(cgroup_mounts_is_below("/", 1, "/a"));
	assert_false(cgroup_mounts_is_below("", 0, "/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_they_begin),
		cmocka_unit_test(who_sees_more),
		cmocka_unit_test(what_is_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

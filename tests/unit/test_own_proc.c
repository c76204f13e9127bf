/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* What an outsider gets of /proc/PID: texts that are edited, and records of listings. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launch.h"
#include "own_proc_content.h"
#include "own_proc_parts.h"

static void test_texts(void **state)
{
	static const struct {
		const char *path;
		bool is_caller;
		const char *text, *wanted;
	} rows[] = {
		{ "/proc/57/status", true,
			"Name:\ta\nState:\tt (tracing stop)\nTracerPid:\t4711\nUid:\t0\n",
			"Name:\ta\nState:\tR (running)\nTracerPid:\t0\nUid:\t0\n" },
		{ "/proc/57/status", false,
			"Name:\ta\nState:\tt (tracing stop)\nTracerPid:\t4711\n",
			"Name:\ta\nState:\tt (tracing stop)\nTracerPid:\t0\n" },
		{ "/proc/57/task/58/status", true, "Name:\ta\nState:\tS (sleeping)\n",
			"Name:\ta\nState:\tR (running)\n" },
		{ "/proc/57/status", true, "Name:\ta\nTracerPid:\t0\n",
			"Name:\ta\nTracerPid:\t0\n" },
		/* no end of the line, no number, too short for the value: left as it is */
		{ "/proc/57/status", true, "Name:\ta\nTracerPid:\t47", "Name:\ta\nTracerPid:\t47" },
		{ "/proc/57/status", true, "Name:\ta\nTracerPid:\t\n", "Name:\ta\nTracerPid:\t\n" },
		{ "/proc/57/status", true, "Name:\ta\nState:\tS\n", "Name:\ta\nState:\tS\n" },
		{ "/proc/57/status", true, "", "" },
		{ "/proc/57/stat", true, "57 (a) b) c) t 1 57", "57 (a) b) c) R 1 57" },
		{ "/proc/57/stat", false, "57 (a) t 1 57", "57 (a) t 1 57" },
		{ "/proc/57/stat", true, "57 (a)", "57 (a)" },
		{ "/proc/57/stat", true, "57 (a) ", "57 (a) " },
		{ "/proc/57/cmdline", true, "a\nTracerPid:\t7\n", "a\nTracerPid:\t7\n" },
	};

	assert_non_null(launch);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length = strlen(rows[i].text);
		char *text = malloc(length + 1); /* so that a byte too far is seen */
		assert_non_null(text);
		memcpy(text, rows[i].text, length);
		length = own_proc_edit(rows[i].path, rows[i].is_caller, text, length);
		text[length] = '\0';
		if (strcmp(text, rows[i].wanted) != 0)
			fail_msg("row %zu: \"%s\"", i, text);
		free(text);
	}
}

static void test_entries(void **state)
{
	struct dirent entry = { .d_ino = 7, .d_type = DT_DIR, .d_name = "task" };
	enum { SIZE = 64 };
	_Alignas(struct dirent) char data[SIZE + sizeof(struct dirent)];

	/* 19 bytes of head, 5 of name, rounded up to 8 */
	size_t used = own_proc_add_entry(data, 0, SIZE, &entry, 1);
	assert_int_equal(used, 24);
	strcpy(entry.d_name, "thread-self");
	size_t more = own_proc_add_entry(data, used, SIZE, &entry, 2);
	assert_int_equal(more, 32);
	assert_int_equal(own_proc_add_entry(data, used + more, SIZE, &entry, 3), 0);
	assert_int_equal(own_proc_add_entry(data, 0, 31, &entry, 3), 0);
	const struct dirent *got = (const struct dirent *)data;
	assert_int_equal(got->d_ino, 7);
	assert_int_equal(got->d_off, 1);
	assert_int_equal(got->d_reclen, 24);
	assert_int_equal(got->d_type, DT_DIR);
	assert_string_equal(got->d_name, "task");
	got = (const struct dirent *)(data + used);
	assert_int_equal(got->d_off, 2);
	assert_string_equal(got->d_name, "thread-self");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_entries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

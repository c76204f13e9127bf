/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor gvtrace_emulations */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cpu_times.h"
#include "launch.h"

static void assert_edited(const char *text, const char *expected)
{
	size_t length = 0;
	/* Four seconds are 400 ticks: sysconf(_SC_CLK_TCK) is 100 on every Linux. */
	char *edited = cpu_times_edit(text, 4.004, &length);

	if (!expected) {
		assert_null(edited);
		return;
	}
	assert_non_null(edited);
	assert_string_equal(edited, expected);
	assert_int_equal(length, strlen(expected));
	free(edited);
}

static void processors_that_nobody_counts_were_idle(void **state)
{
	/* The library that the emulations' own calls are in; named so that it is linked. */
	assert_non_null(launch);
	assert_edited(
		"cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
		"intr 0\nbtime 17\n",
		"cpu  0 0 0 801 0 0 0 0 0 0\ncpu0 0 0 0 400 0 0 0 0 0 0\ncpu1 0 0 0 400 0 0 0 0 0 0\n"
		"intr 0\nbtime 17\n");
	assert_edited("cpu  0 0 0 0\n", "cpu  0 0 0 400 0 0 0 0 0 0\n");
	assert_edited("cpu  0 0 0 0", "cpu  0 0 0 400 0 0 0 0 0 0\n");
}

static void what_is_counted_is_left_alone(void **state)
{
	assert_edited("cpu  0 0 0 7 0 0 0 0 0 0\ncpu0 0 0 0 7 0 0 0 0 0 0\n", NULL);
	assert_edited("cpu  11 0 4 23", NULL);
	assert_edited("cpu", NULL);
	assert_edited("intr 0 0 0\n", NULL);
	assert_edited("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_that_nobody_counts_were_idle),
		cmocka_unit_test(what_is_counted_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

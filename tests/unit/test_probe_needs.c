/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_probes gvtrace_util */
/* How questions are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fakeprocsys_stub.h"
#include "probe.h"
#include "util.h"

static void check_says_what_is_wrong(void **state)
{
	static const struct {
		const char *needs, *wrong;
	} rows[] = {
		{ "no-openat2", NULL },
		{ "!no-openat2", NULL },
		{ "  no-openat2\t", NULL },
		{ "kernel-older-than 5.10", NULL },
		{ "!kernel-older-than   4.11.3 ", NULL },
		{ "", "the name of a probe is missing" },
		{ "  ", "the name of a probe is missing" },
		{ "!", "\"!\" without the name of a probe" },
		{ "! no-openat2", "\"!\" without the name of a probe" },
		{ "no-kmsg, no-openat2",
			"one probe: what needs another one as well cannot be said in a rule" },
		{ "no-opnat2", "unknown probe \"no-opnat2\". Did you mean \"no-openat2\"?" },
		{ "!keyctl-refuse",
			"unknown probe \"keyctl-refuse\". Did you mean \"keyctl-refused\"?" },
		{ "something-else-entirely",
			"unknown probe \"something-else-entirely\" (gvtrace --probe lists them)" },
		{ "!!no-openat2", "unknown probe \"!no-openat2\". Did you mean \"no-openat2\"?" },
		{ "no-openat2 now",
			"probe \"no-openat2\" takes no argument, and a rule needs one probe at most" },
		{ "kernel-older-than",
			"probe \"kernel-older-than\" needs an argument: a version such as 5.10" },
		{ "kernel-older-than new",
			"probe \"kernel-older-than\" takes a version such as 5.10, not \"new\"" },
		{ "kernel-older-than 5",
			"probe \"kernel-older-than\" takes a version such as 5.10, not \"5\"" },
		{ "kernel-older-than 5.",
			"probe \"kernel-older-than\" takes a version such as 5.10, not \"5.\"" },
		{ "kernel-older-than 5.10.1.2", "probe \"kernel-older-than\" takes a version such "
						"as 5.10, not \"5.10.1.2\"" },
		{ "kernel-older-than 5.10 6.1", "probe \"kernel-older-than\" takes a version such "
						"as 5.10, not \"5.10 6.1\"" },
		{ "kernel-older-than -5.10",
			"probe \"kernel-older-than\" takes a version such as 5.10, not \"-5.10\"" },
		{ "no-openat2no-openat2no-openat2no-openat2no-openat2no-openat2no-openat2",
			"this is too long to be the name of a probe, or its argument" },
		{ "kernel-older-than "
		  "1111111111111111111111111111111111111111111111111111111.11111111",
			"this is too long to be the name of a probe, or its argument" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *wrong = probe_check(rows[i].needs);
		if (!rows[i].wrong && wrong)
			fail_msg("\"%s\": %s", rows[i].needs, wrong);
		if (rows[i].wrong)
			assert_string_equal(wrong ? wrong : rows[i].needs, rows[i].wrong);
	}
}

static void needs_are_compared_as_questions(void **state)
{
	assert_true(probe_needs_equal("no-openat2", " no-openat2 "));
	assert_true(probe_needs_equal("kernel-older-than 5.10", "kernel-older-than \t5.10"));
	assert_false(probe_needs_equal("no-openat2", "!no-openat2"));
	assert_false(probe_needs_equal("kernel-older-than 5.10", "kernel-older-than 5.1"));
	assert_false(probe_needs_equal("kernel-older-than", "kernel-older-than 5.10"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_says_what_is_wrong),
		cmocka_unit_test(needs_are_compared_as_questions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

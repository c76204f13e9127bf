/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_util */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc_status.h"
#include "util.h"

static void test_find(void **state)
{
	/* As gVisor writes it of a thread that is called "\nUid:\t0 0 0 0\n". */
	static const char forged[] =
		"Name:\t\nUid:\t0 0 0 0\n\nTgid:\t5\nPPid:\t4\nUid:\t7\t7\t7\t7\n";

	assert_string_equal(proc_status_find(forged, "Uid"), "\t7\t7\t7\t7\n");
	assert_int_equal(atoi(proc_status_find(forged, "Tgid")), 5);
	assert_int_equal(atoi(proc_status_find(forged, "PPid")), 4);
	assert_null(proc_status_find(forged, "Pid"));
	assert_null(proc_status_find(forged, "Ui"));
	assert_null(proc_status_find("Name:\tUid:", "Uid"));
	assert_null(proc_status_find("", "Uid"));
}

static void test_own(void **state)
{
	assert_int_equal(proc_status_number(getpid(), "Tgid"), getpid());
	assert_int_equal(proc_status_number(getpid(), "PPid"), getppid());
	assert_int_equal(proc_status_number(getpid(), "Nothing"), -1);
	assert_int_equal(proc_status_number(-1, "Tgid"), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_util */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

enum { FRAMES = 64, FRAME_BYTES = 100, ALL_BYTES = 32 * 1024 };

static int status_of(int (*run)(void *data))
{
	void *stack = child_stack_map();
	int status = -1;

	assert_non_null(stack);
	pid_t child = child_start(stack, 0, run, NULL);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	child_stack_unmap(stack);
	return status;
}

static int die_below(int frames)
{
	volatile char marked[FRAME_BYTES];

	marked[frames] = 0;
	if (frames == 0)
		kill(getpid(), SIGKILL);
	return (frames == 0 ? 0 : die_below(frames - 1)) + marked[frames];
}

static int die(void *data)
{
	return die_below(FRAMES);
}

static int write_all(void *data)
{
	char all[ALL_BYTES];

	memset(all, 7, sizeof(all));
	return *(volatile char *)&all[ALL_BYTES / 2];
}

/* The stack is used again: what the sanitizer has been told of the frames of the one that was killed is not about the next one's. */
static void test_killed_one_leaves_nothing(void **state)
{
	assert_int_equal(WEXITSTATUS(status_of(write_all)), 7);
	int status = status_of(die);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	status = status_of(write_all);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_one_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

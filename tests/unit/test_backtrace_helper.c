/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* An unwinder that crashes or hangs: the supervisor lives, and there is a stack by frame pointers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "backtrace.h"
#include "backtrace_internal.h"

static enum { CRASH, HANG } mode;

/* In place of the one in the library. */
int backtrace_unwind(
	const struct regs *regs, struct backtrace_frame *ret_frames, uint64_t *ret_frame_pointer)
{
	if (mode == CRASH)
		raise(SIGSEGV);
	for (;;)
		pause();
}

static pid_t start(struct regs *ret_regs)
{
	pid_t tid = fork();

	assert_true(tid >= 0);
	if (tid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	assert_int_equal(waitpid(tid, NULL, 0), tid);
	assert_int_equal(regs_read(tid, ret_regs), 0);
	return tid;
}

/* None is left. On a busy machine the death of one that was killed may take longer than helper_stop() waits for it. */
static void expect_no_helper(void)
{
	pid_t left;

	for (int tries = 1000; (left = waitpid(-1, NULL, WNOHANG)) >= 0 && tries > 0; tries--)
		usleep(10000);
	assert_int_equal(left, -1);
	assert_int_equal(errno, ECHILD);
}

static void check(void)
{
	char text[BACKTRACE_BYTES];
	struct regs regs;
	pid_t tid = start(&regs);

	backtrace_write(tid, &regs, text);
	assert_int_equal(strncmp(text, "  #0  0x", strlen("  #0  0x")), 0);
	kill(tid, SIGKILL);
	assert_int_equal(waitpid(tid, NULL, 0), tid);
	expect_no_helper();
}

static void test_crash(void **state)
{
	/* The sanitizers would report it, and exit. */
	signal(SIGSEGV, SIG_DFL);
	mode = CRASH;
	check();
}

static void test_hang(void **state)
{
	time_t before = time(NULL);

	mode = HANG;
	check();
	assert_in_range(time(NULL) - before, 1, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

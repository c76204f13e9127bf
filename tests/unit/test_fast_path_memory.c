/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* How an instruction of a traced process is replaced, and what a child is helped with that was made meanwhile. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fast_path_code.h"
#include "fast_path_memory.h"
#include "tracee_mem.h"

enum { CODE_BYTES = 32, LENGTH = 5 };

static const uint8_t before[CODE_BYTES] = { 0x90, 0x90, 0x90, 0x90, 0xb8, 0x01, 0x01, 0, 0, 0x0f,
	0x05, 0xb8, 0x01, 0x01, 0, 0, 0x0f, 0x05 };
static const uint8_t jump[FAST_PATH_JUMP_BYTES] = { 0xe9, 0x12, 0x34, 0x56, 0x78 };
static uint8_t *code;

/* One that has the code, and may not write it. */
static pid_t start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (mprotect(code, CODE_BYTES, PROT_READ | PROT_EXEC) == 0 &&
			ptrace(PTRACE_TRACEME, 0, 0, 0) == 0)
			raise(SIGSTOP);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void check(pid_t pid, const uint8_t expected[CODE_BYTES])
{
	uint8_t found[CODE_BYTES];

	assert_int_equal(tracee_mem_read(pid, (uint64_t)code, found, sizeof(found)), 0);
	assert_memory_equal(found, expected, sizeof(found));
}

static int set_up(void **state)
{
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return code == MAP_FAILED;
}

/* In one word, and in two. */
static const size_t offsets[] = { 11, 4 };

static void test_replaced(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		uint8_t after[CODE_BYTES], seen[CODE_BYTES];
		uint64_t address = (uint64_t)code + offsets[i];

		memcpy(code, before, sizeof(before));
		memcpy(after, before, sizeof(before));
		memcpy(after + offsets[i], jump, LENGTH);
		pid_t parent = start();
		assert_int_equal(fast_path_replace_in_child(parent, address), -ENOENT);
		assert_int_equal(fast_path_replace(parent, address, jump, LENGTH), 0);
		check(parent, after);

		/* As far as it may have come: the words behind first. */
		for (size_t done = 1; done <= LENGTH; done++) {
			memcpy(seen, after, sizeof(seen));
			memcpy(seen + offsets[i], before + offsets[i], done);
			seen[offsets[i]] = FAST_PATH_TRAP;
			memcpy(code, seen, sizeof(seen));
			pid_t child = start();
			assert_int_equal(fast_path_replace_in_child(child, address + 1), -ENOENT);
			assert_int_equal(fast_path_replace_in_child(child, address), 0);
			check(child, after);
			end(child);
		}

		/* A trap that somebody else has in other code there. */
		seen[offsets[i] + 2] = 0xcc;
		memcpy(code, seen, sizeof(seen));
		pid_t other = start();
		assert_int_equal(fast_path_replace_in_child(other, address), -ENOENT);
		check(other, seen);
		end(other);
		/* It is there no more, or its memory is not. */
		assert_int_equal(fast_path_replace_in_child(parent, address), -ENOENT);
		end(parent);
		assert_int_equal(fast_path_replace_in_child(parent, address), -ENOENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup(test_replaced, set_up) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

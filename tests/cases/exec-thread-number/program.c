/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread that is not the leader executes a program, in a call that a rule has sent otherwise: it takes the leader's number, and
 * its own is free. The process that gets that number is looked at as everybody is: nothing of the thread is left in the table.
 */
#include "case.h"

#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>

static int told[2]; /* by the thread its number, by the new program a byte */

static void *executes(void *data)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);

	CHECK(write(told[1], &tid, sizeof(tid)) == sizeof(tid));
	execl("/no-such-program", "exec-thread-number", "run", NULL);
	_exit(errno);
}

/* It is there until it is killed, so that its number stays its own. */
static _Noreturn void run(void)
{
	CHECK(write(STDIN_FILENO, "r", 1) == 1);
	for (;;)
		pause();
}

/* A child of that number; -1: there can be none. */
static pid_t fork_numbered(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uint64_t)&number, .set_tid_size = 1
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pid_t former;
	char byte;

	if (argc > 1)
		run();
	must_see_fake();
	CHECK(pipe(told) == 0);
	pid_t process = fork();
	if (process == 0) {
		CHECK(dup2(told[1], STDIN_FILENO) == STDIN_FILENO);
		CHECK(pthread_create(&thread, NULL, executes, NULL) == 0);
		for (;;)
			pause();
	}
	CHECK(process > 0 && close(told[1]) == 0);
	CHECK(read(told[0], &former, sizeof(former)) == sizeof(former) && former != process);
	CHECK(read(told[0], &byte, 1) == 1 && byte == 'r');
	pid_t child = fork_numbered(former);
	if (child == 0)
		_exit(sees_fake() ? 0 : 1);
	int error = errno;
	CHECK(kill(process, SIGKILL) == 0 && waitpid(process, NULL, 0) == process);
	if (child != former)
		skip("no process of a number that is asked for (Linux 5.5, root): %s",
			strerror(error));
	CHECK_EXITS(child, 0);
	return success();
}

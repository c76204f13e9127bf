/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process makes calls from a place that is led, while a child makes it a sibling by CLONE_PARENT: a call of gvtrace's is run in
 * place of one of them, and none of them is lost.
 */
#include "case.h"

#include <sched.h>
#include <signal.h>
#include <time.h>

enum { CHILDREN = 5, PATIENCE_SECONDS = 2 };

extern long place(const char *path, long mode);
__asm__(".pushsection .text\n"
	"place:\n\tmov $21, %eax\n\tsyscall\n\tret\n"
	".popsection");

static _Noreturn void make_sibling(void)
{
	struct timespec before, after;

	usleep(3000);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	CHECK(pid >= 0 && clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	CHECK(pid == 0 || after.tv_sec - before.tv_sec < PATIENCE_SECONDS);
	_exit(0);
}

static void has_sibling_made(void)
{
	int status;

	for (int i = 0; i < 50; i++)
		CHECK(place("/dev/null", 0) == 0);
	pid_t pid = fork();
	if (pid == 0)
		make_sibling();
	/* gVisor 2022 has no subreapers: the sibling may be somebody else's. */
	while (waitpid(pid, &status, WNOHANG) == 0)
		for (int i = 0; i < 20; i++) {
			CHECK(place("/no-such-file", 0) == -ENOENT);
			CHECK(place("/dev/null", 0) == 0);
		}
	CHECK(status == 0);
	_exit(0);
}

int main(void)
{
	must_see_fake();
	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();
		if (pid == 0)
			has_sibling_made();
		CHECK_EXITS(pid, 0);
	}
	return success();
}

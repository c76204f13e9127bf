/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A working directory in a folder that only the tree has: of a process with which it is shared, and of a thread when another one has
 * one of its own.
 */
#include "case.h"

#include <linux/kcmp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define FOLDER "/proc/sys/net/ipv4/vs"

static _Alignas(16) char stack[65536];

static const char *where(void)
{
	static char text[200];

	CHECK(syscall(SYS_getcwd, text, sizeof(text)) > 0);
	return text;
}

static int enter(void *unused)
{
	(void)unused;
	_exit(chdir(FOLDER) == 0 ? 0 : 1);
}

static void *leave(void *unused)
{
	(void)unused;
	CHECK(unshare(CLONE_FS) == 0 && chdir("/") == 0);
	CHECK(strcmp(where(), "/") == 0);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FS, 0, 0))
		skip("this kernel does not tell who shares a folder: %s", strerror(errno));
	pid_t pid = clone(enter, stack + sizeof(stack), CLONE_FS | SIGCHLD, NULL);
	CHECK_EXITS(pid, 0);
	CHECK(strcmp(where(), FOLDER) == 0);
	CHECK(access("conntrack", F_OK) == 0);
	CHECK(pthread_create(&thread, NULL, leave, NULL) == 0);
	pthread_join(thread, NULL);
	CHECK(strcmp(where(), FOLDER) == 0);
	CHECK(access("conntrack", F_OK) == 0);
	CHECK(chdir("/") == 0 && strcmp(where(), "/") == 0);
	return success();
}

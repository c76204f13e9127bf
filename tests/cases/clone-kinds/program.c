/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children made in each way are followed: they see the fake file, and their ends are told as without gvtrace. */
#include "case.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>

static int child(void *data)
{
	return sees_fake() ? 7 : 8;
}

static void *stack_top(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(stack != MAP_FAILED);
	return stack + 65536;
}

static void by_clone(const char *name, int flags)
{
	int tid = -1;
	pid_t pid = clone(child, stack_top(), flags, NULL, &tid, NULL, &tid);

	CHECK(pid > 0);
	if (flags & CLONE_PARENT_SETTID)
		CHECK(tid == pid || !(flags & CLONE_VM));
	CHECK_EXITS(pid, 7);
	printf("%s\n", name);
}

static long raw_clone3(struct clone_args *args)
{
	return syscall(SYS_clone3, args, sizeof(*args));
}

static void by_clone3(const char *name, uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	long pid = raw_clone3(&args);

	if (pid == 0)
		_exit(child(NULL));
	if (pid < 0 && (errno == ENOSYS || errno == EINVAL)) {
		printf("%s\n", name); /* not on this kernel */
		return;
	}
	CHECK(pid > 0);
	CHECK_EXITS((pid_t)pid, 7);
	printf("%s\n", name);
}

/* In memory that gvtrace cannot write either, such a call is not there; no child is untraced. */
static void by_clone3_read_only(void)
{
	struct clone_args *args =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(args != MAP_FAILED);
	*args = (struct clone_args){ .flags = CLONE_UNTRACED, .exit_signal = SIGCHLD };
	CHECK(mprotect(args, 4096, PROT_READ) == 0);
	pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof(*args));
	if (pid == 0)
		_exit(child(NULL));
	if (pid < 0)
		CHECK(errno == ENOSYS);
	else
		CHECK_EXITS(pid, 7);
}

/* The child's child is a child of ours. */
static void by_clone_parent(void)
{
	int status, ends = 0, sevens = 0;
	pid_t pid = clone(child, stack_top(), SIGCHLD, NULL);

	CHECK_EXITS(pid, 7);
	pid = fork();
	if (pid == 0) {
		pid_t sibling = clone(child, stack_top(), CLONE_PARENT | SIGCHLD, NULL);
		_exit(sibling > 0 ? 7 : 9);
	}
	while (wait(&status) > 0) {
		ends++;
		sevens += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	}
	printf("CLONE_PARENT: %d ended, %d well\n", ends, sevens);
}

int main(int argc, char **argv)
{
	extern char **environ;
	pid_t pid;

	if (argc > 1)
		return child(NULL);

	pid = fork();
	if (pid == 0)
		_exit(child(NULL));
	CHECK_EXITS(pid, 7);

	pid = vfork();
	if (pid == 0)
		_exit(7);
	CHECK_EXITS(pid, 7);

	char *arguments[] = { argv[0], "child", NULL };
	pid = vfork();
	if (pid == 0) {
		execv(argv[0], arguments);
		_exit(9);
	}
	CHECK_EXITS(pid, 7);

	CHECK(posix_spawn(&pid, argv[0], NULL, NULL, arguments, environ) == 0);
	CHECK_EXITS(pid, 7);

	by_clone("clone", SIGCHLD);
	by_clone("clone without a signal", 0);
	by_clone("clone with SIGURG", SIGURG);
	by_clone("CLONE_VM", CLONE_VM | SIGCHLD);
	by_clone("CLONE_VM|CLONE_VFORK", CLONE_VM | CLONE_VFORK | SIGCHLD);
	by_clone("CLONE_FILES", CLONE_FILES | CLONE_FS | SIGCHLD);
	by_clone("CLONE_UNTRACED", CLONE_UNTRACED | SIGCHLD);
	by_clone("CLONE_UNTRACED|CLONE_VM", CLONE_UNTRACED | CLONE_VM | SIGCHLD);
	by_clone("CLONE_PARENT_SETTID", CLONE_PARENT_SETTID | SIGCHLD);
	by_clone3("clone3", 0);
	by_clone3("clone3 CLONE_UNTRACED", CLONE_UNTRACED);
	by_clone3("clone3 CLONE_CLEAR_SIGHAND", CLONE_CLEAR_SIGHAND);
	by_clone3_read_only();
	by_clone_parent();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In new namespaces of each kind, in other roots, and all at once: the fake file is there. */
#include "case.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

static void in_child(const char *name, int (*run)(void))
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit(run());
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		printf("%s: fake\n", name);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("%s: fake\n", name); /* this kernel has no such namespace */
	else
		printf("%s: status 0x%x\n", name, status);
}

/* In the process that did it, and in a child: pid namespaces begin there. */
static int look(void)
{
	if (!sees_fake()) {
		printf("not seen: errno %d (%s)\n", errno, strerror(errno));
		fflush(stdout);
		return 2;
	}
	pid_t pid = fork();
	if (pid == 0)
		_exit(sees_fake() ? 0 : 3);
	int status;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 3;
}

static int unshared(int flags)
{
	if (unshare(flags))
		return 77;
	return look();
}

static int new_uts(void)
{
	return unshared(CLONE_NEWUTS);
}
static int new_ipc(void)
{
	return unshared(CLONE_NEWIPC);
}
static int new_net(void)
{
	return unshared(CLONE_NEWNET);
}
static int new_pid(void)
{
	return unshared(CLONE_NEWPID);
}
static int new_user(void)
{
	return unshared(CLONE_NEWUSER);
}
static int new_cgroup(void)
{
	return unshared(CLONE_NEWCGROUP);
}

static bool make_private(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int new_mnt(void)
{
	if (unshare(CLONE_NEWNS) || !make_private())
		return 77;
	return look();
}

/* A root folder with nothing but proc; returns its name. */
static const char *make_root(void)
{
	if (unshare(CLONE_NEWNS) || !make_private() || mount("root", "/tmp", "tmpfs", 0, NULL))
		return NULL;
	CHECK(mkdir("/tmp/proc", 0755) == 0 && mkdir("/tmp/old", 0755) == 0);
	if (mount("proc", "/tmp/proc", "proc", 0, NULL))
		return NULL;
	return "/tmp";
}

static int chrooted(void)
{
	const char *root = make_root();

	if (!root)
		return 77;
	CHECK(chroot(root) == 0);
	/* The working directory is outside. */
	if (look())
		return 4;
	CHECK(chdir("/") == 0);
	int fd = open("proc/sys/vm/../vm/swappiness", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	CHECK(chdir("/proc/sys/vm") == 0);
	fd = open("swappiness", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	return look();
}

/* Something else is called /proc/sys/vm/swappiness there: it is as if a rule's path. */
static int pivoted(void)
{
	const char *root = make_root();

	if (!root)
		return 77;
	CHECK(chdir(root) == 0);
	if (syscall(SYS_pivot_root, ".", "old"))
		return 77;
	CHECK(chdir("/") == 0);
	if (look())
		return 4;
	CHECK(umount2("/old", MNT_DETACH) == 0);
	CHECK(chdir("proc") == 0);
	int fd = open("sys/vm/swappiness", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	return look();
}

/* As runc does it: the new root is put over the old one. */
static int pivoted_dot(void)
{
	const char *root = make_root();

	if (!root)
		return 77;
	CHECK(chdir(root) == 0);
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH))
		return 77;
	CHECK(chdir("/") == 0);
	return look();
}

static int new_pid_with_proc(void)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) || !make_private())
		return 77;
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		if (mount("proc", "/proc", "proc", 0, NULL))
			_exit(77);
		CHECK(getpid() == 1);
		char name[64];
		int fd = open(FAKE, O_RDONLY);
		CHECK(fd >= 0);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		fd = open(name, O_RDONLY);
		CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
		/* One's own number in the new namespace. */
		snprintf(name, sizeof(name), "/proc/1/fd/%d", fd);
		fd = open(name, O_RDONLY);
		CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
		_exit(look());
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static int child_of_clone(void *data)
{
	return look();
}

static int all_by_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status;
	pid_t pid = clone(child_of_clone, stack + sizeof(stack),
		CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
			CLONE_NEWUTS | SIGCHLD,
		NULL);

	if (pid < 0)
		return 77;
	CHECK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static int all_by_clone3(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
			 CLONE_NEWUTS };
	int status;
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(look());
	if (pid < 0)
		return 77;
	CHECK(waitpid((pid_t)pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

/*
 * The first process of a pid namespace ends: the others are killed. Not so in gVisor 2024 below a subreaper, also
 * without gvtrace: there they end by themselves, not by a signal, which its busy tracees may miss (strace's, too).
 */
static int init_dies(void)
{
	enum { LIMIT_S = 8 };
	int status, ends[2];
	char byte;
	time_t before = time(NULL);

	CHECK(pipe(ends) == 0);
	if (unshare(CLONE_NEWPID))
		return 77;
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 5; i++)
			if (fork() == 0) {
				while (time(NULL) - before < LIMIT_S)
					(void)sees_fake();
				_exit(0);
			}
		usleep(50000);
		_exit(sees_fake() ? 7 : 8);
	}
	close(ends[1]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK(read(ends[0], &byte, 1) == 0);
	CHECK(time(NULL) - before < LIMIT_S || in_sandbox());
	return 0;
}

/* Into another's namespaces. */
static int joined(void)
{
	int ready[2], go[2];
	char byte = 'x', name[64];

	CHECK(pipe(ready) == 0 && pipe(go) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		byte = unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) ? 'n'
											 : 'y';
		CHECK(write(ready[1], &byte, 1) == 1);
		CHECK(read(go[0], &byte, 1) == 1);
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	int code = 0;
	static const char *const kinds[] = { "net", "ipc", "uts", "mnt" };
	for (size_t i = 0; i < 4 && byte == 'y'; i++) {
		snprintf(name, sizeof(name), "/proc/%d/ns/%s", pid, kinds[i]);
		int fd = open(name, O_RDONLY);
		if (fd >= 0 && setns(fd, 0) == 0 && code == 0)
			code = look();
	}
	CHECK(write(go[1], "x", 1) == 1);
	CHECK_EXITS(pid, 0);
	return code;
}

int main(void)
{
	in_child("uts", new_uts);
	in_child("ipc", new_ipc);
	in_child("net", new_net);
	in_child("pid", new_pid);
	in_child("user", new_user);
	in_child("cgroup", new_cgroup);
	in_child("mnt", new_mnt);
	in_child("chroot", chrooted);
	in_child("pivot_root", pivoted);
	in_child("pivot_root . .", pivoted_dot);
	in_child("pid with its proc", new_pid_with_proc);
	in_child("all by clone", all_by_clone);
	in_child("all by clone3", all_by_clone3);
	in_child("init dies", init_dies);
	in_child("joined", joined);
	return success();
}

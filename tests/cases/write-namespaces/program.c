/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A value belongs to the namespace that it belongs to on Linux. */
#include "case.h"

#include <sched.h>

#define NET "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define IPC "/proc/sys/kernel/shmmni"
#define ALL FAKE

static void set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool is(const char *path, const char *text)
{
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	bool same = strcmp(text_of(fd), text) == 0;
	if (!same)
		printf("%s: expected %s, found %s\n", path, text, text_of(fd));
	close(fd);
	return same;
}

static int fresh(void *first)
{
	return is(NET, "1024\n") && is(IPC, "4096\n") && is(ALL, first) ? 0 : 1;
}

/* gVisor of 2022 has the same link in all network namespaces, and none for the others. */
static bool links_tell_apart(void)
{
	static const char *const links[] = { "/proc/self/ns/net", "/proc/self/ns/ipc" };
	char before[64], after[64];

	for (size_t i = 0; i < 2; i++) {
		ssize_t n = readlink(links[i], before, sizeof(before));
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			if (unshare(CLONE_NEWNET | CLONE_NEWIPC))
				_exit(0);
			ssize_t m = readlink(links[i], after, sizeof(after));
			_exit(n > 0 && (n != m || memcmp(before, after, (size_t)n) != 0) ? 0 : 1);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		if (status)
			return false;
	}
	return true;
}

int main(void)
{
	int to_child[2], to_parent[2], status;
	char byte = 'x';

	must_see_fake();
	if (in_sandbox() && !links_tell_apart())
		skip("this kernel's links in /proc/self/ns do not tell namespaces apart");
	set(NET, "80");
	set(IPC, "100");
	set(ALL, "50");
	CHECK(pipe(to_child) == 0 && pipe(to_parent) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET | CLONE_NEWIPC))
			_exit(77);
		CHECK(fresh("50\n") == 0);
		set(NET, "90");
		set(IPC, "200");
		set(ALL, "51");
		CHECK(write(to_parent[1], &byte, 1) == 1);
		CHECK(read(to_child[0], &byte, 1) == 1);
		CHECK(is(NET, "90\n") && is(IPC, "200\n") && is(ALL, "52\n"));
		/* A grandchild is in the same ones. */
		pid_t grandchild = fork();
		if (grandchild == 0)
			_exit(is(NET, "90\n") && is(IPC, "200\n") ? 0 : 1);
		CHECK_EXITS(grandchild, 0);
		_exit(0);
	}
	close(to_parent[1]);
	if (read(to_parent[0], &byte, 1) != 1) {
		CHECK(waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			skip("no new network and ipc namespaces here");
		CHECK(!"the child had no say");
	}
	CHECK(is(NET, "80\n") && is(IPC, "100\n") && is(ALL, "51\n"));
	set(ALL, "52");
	CHECK(write(to_child[1], &byte, 1) == 1);
	CHECK_EXITS(pid, 0);
	CHECK(is(NET, "80\n") && is(IPC, "100\n"));
	/* Many come and go. */
	for (int i = 0; i < 20; i++) {
		pid = fork();
		if (pid == 0) {
			CHECK(unshare(CLONE_NEWNET) == 0);
			CHECK(is(NET, "1024\n"));
			set(NET, "1");
			CHECK(is(NET, "1\n"));
			_exit(0);
		}
		CHECK_EXITS(pid, 0);
	}
	CHECK(is(NET, "80\n"));
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A network namespace that nobody is in keeps its values as long as it is mounted somewhere, as `ip netns` and CNI do it.
 */
#include "case.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define NET "/proc/sys/net/ipv4/ip_unprivileged_port_start"

static void set(const char *value)
{
	int fd = open(NET, O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static bool is(const char *value)
{
	char text[64] = "";
	int fd = open(NET, O_RDONLY);

	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strcmp(text, value) == 0;
}

/* So many new namespaces that gvtrace looks which ones are left (COLLECT_EVERY in namespaces.c), twice. */
static void others_come_and_go(void)
{
	for (int i = 0; i < 32; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			_exit(unshare(CLONE_NEWNET) ? 1 : 0);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
}

int main(void)
{
	char folder[] = "/tmp/case-XXXXXX", file[sizeof(folder) + 16];
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	must_see_fake();
	if (here < 0 || unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespace here");
	CHECK(mkdtemp(folder));
	if (mount("none", folder, "tmpfs", 0, NULL))
		skip("no tmpfs here");
	/* A blank is written as \040 in mountinfo. */
	snprintf(file, sizeof(file), "%s/a namespace", folder);
	CHECK(close(open(file, O_WRONLY | O_CREAT, 0444)) == 0);
	if (unshare(CLONE_NEWNET))
		skip("no network namespace here");
	set("90");
	if (mount("/proc/self/ns/net", file, NULL, MS_BIND, NULL) || setns(here, CLONE_NEWNET))
		skip("a namespace cannot be mounted, or joined, here");
	set("80");
	others_come_and_go();
	int kept = open(file, O_RDONLY | O_CLOEXEC);
	CHECK(setns(kept, CLONE_NEWNET) == 0);
	CHECK(is("90\n"));
	CHECK(setns(here, CLONE_NEWNET) == 0);
	CHECK(is("80\n"));
	umount2(folder, MNT_DETACH);
	rmdir(folder);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a path that is relative, or has a link of /proc in it, names depends on the root that the program has: the rules are about /a
 * of that. */
#include "case.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int above, top, folder; /* what the roots are in, the first of them, and a/b in it */

static bool is_seen_by(int fd)
{
	char text[8] = "";

	if (fd < 0)
		return false;
	CHECK(read(fd, text, 7) == 5 && strcmp(text, "SEEN\n") == 0);
	CHECK(close(fd) == 0);
	return true;
}

static bool is_seen(int dirfd, const char *path)
{
	bool seen = is_seen_by(openat(dirfd, path, O_RDONLY));

	CHECK(seen == (faccessat(dirfd, path, R_OK, 0) == 0));
	CHECK(seen || errno == ENOENT);
	return seen;
}

static int lists(int fd)
{
	char data[512];

	return syscall(SYS_getdents64, fd, data, sizeof(data)) < 0 ? errno : 0;
}

static void outside(void)
{
	CHECK(chdir("one/a/b") == 0);
	CHECK(!is_seen(AT_FDCWD, "state") && !is_seen(AT_FDCWD, "../b/state"));
	CHECK(!is_seen(folder, "state") && !is_seen(top, "a/b/state"));
	CHECK(!is_seen(above, "one/a/b/state"));
	CHECK(lists(folder) == 0 && lists(top) == 0);
}

static void inside(void)
{
	CHECK(is_seen(AT_FDCWD, "state") && is_seen(AT_FDCWD, "../b/state"));
	CHECK(is_seen(AT_FDCWD, "../../../a/b/state") && is_seen(AT_FDCWD, "/a/b/state"));
	CHECK(is_seen(folder, "state") && is_seen(top, "a/b/state") && is_seen(folder, "./state"));
	CHECK(!is_seen(AT_FDCWD, "other") && !is_seen(top, "b/state"));
	CHECK(lists(folder) == EXDEV && lists(top) == EMLINK && lists(above) == 0);
}

static void by_links_of_proc(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/state", folder);
	CHECK(is_seen(AT_FDCWD, path) && is_seen(AT_FDCWD, "/proc/self/cwd/state"));
	CHECK(!is_seen(AT_FDCWD, "/proc/self/cwd/other"));
	int proc = open("/proc/self", O_PATH), fds = open("/proc/self/fd", O_PATH);
	CHECK(proc >= 0 && fds >= 0);
	CHECK(is_seen(proc, "cwd/state") && is_seen(proc, "root/a/b/state"));
	snprintf(path, sizeof(path), "%d/state", folder);
	CHECK(is_seen(fds, path));
}

int main(void)
{
	static const char *const folders[] = { "one", "one/a", "one/a/b", "one/proc", "one/one",
		"one/one/a", "one/one/a/b" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		CHECK(mkdir(folders[i], 0755) == 0);
	CHECK((above = open(".", O_RDONLY)) >= 0 && (top = open("one", O_RDONLY)) >= 0);
	CHECK((folder = open("one/a/b", O_RDONLY)) >= 0);
	bool has_proc = unshare(CLONE_NEWNS) == 0 &&
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
			mount("proc", "one/proc", "proc", 0, NULL) == 0;
	outside();
	CHECK(chroot("../..") == 0);
	inside();
	if (has_proc)
		by_links_of_proc();
	/* A root in the root: the same descriptors are then above it. */
	CHECK(chroot("../../one") == 0);
	CHECK(!is_seen(folder, "state") && lists(folder) == 0 && is_seen(AT_FDCWD, "/a/b/state"));
	return success();
}

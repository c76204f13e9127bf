/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = umount: what is a mount point in another mount namespace only is none here, by whatever path it is asked for, and what it
 * lies in stays. gVisor itself unmounts that. All else is as without the rule.
 */
#include "case.h"
#include "mounts.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* A process in a mount namespace of its own, which has mounts on "in", and on "file". */
static pid_t mount_elsewhere(void)
{
	int ends[2];
	char byte;

	CHECK(pipe(ends) == 0);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CHECK(unshare(CLONE_NEWNS) == 0);
		CHECK(mount("none", "in", "tmpfs", 0, NULL) == 0);
		CHECK(mount("other", "file", NULL, MS_BIND, NULL) == 0);
		CHECK(write(ends[1], "", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(child > 0 && close(ends[1]) == 0);
	CHECK(read(ends[0], &byte, 1) == 1);
	return child;
}

static void is_no_mount_point(const char *path)
{
	static const int flags[] = { 0, MNT_DETACH, UMOUNT_NOFOLLOW, MNT_DETACH | UMOUNT_NOFOLLOW };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		CHECK_FAILS(umount2(path, flags[i]), EINVAL);
		CHECK(access("plain", F_OK) == 0);
	}
}

static void is_mount_point(const char *path, int flags)
{
	CHECK(mount("none", "in", "tmpfs", 0, NULL) == 0);
	make_file("in/mark");
	CHECK(umount2(path, flags) == 0);
	CHECK_FAILS(access("in/mark", F_OK), ENOENT);
	CHECK(access("plain", F_OK) == 0);
}

static void in_another_root(const char *folder)
{
	CHECK(chroot(folder) == 0);
	is_no_mount_point("/in");
	is_no_mount_point("in");
	CHECK_FAILS(umount2("/plain", 0), EINVAL);
	is_mount_point("/in", MNT_DETACH);
	is_mount_point("../in", 0);
	_exit(0);
}

int main(void)
{
	char folder[] = "/tmp/umount.XXXXXX", path[64];

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespace here: %s", strerror(errno));
	/* It is to be gone with the namespace. */
	CHECK(mkdtemp(folder) && mount("none", folder, "tmpfs", 0, NULL) == 0);
	CHECK(chdir(folder) == 0);
	CHECK(mkdir("in", 0755) == 0 && mkdir("plain", 0755) == 0 && symlink("in", "link") == 0);
	make_file("file");
	make_file("other");
	pid_t child = mount_elsewhere();

	is_no_mount_point("in");
	is_no_mount_point("./in");
	is_no_mount_point("plain/../in");
	is_no_mount_point("link");
	is_no_mount_point("file");
	snprintf(path, sizeof(path), "%s/in", folder);
	is_no_mount_point(path);
	snprintf(path, sizeof(path), "%s//in/", folder);
	is_no_mount_point(path);
	int fd = open("in", O_PATH | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(fd >= 0);
	CHECK_FAILS(umount2(path, MNT_DETACH), EINVAL);
	CHECK(access("plain", F_OK) == 0 && close(fd) == 0);

	/* Other errors are the kernel's. */
	CHECK_FAILS(umount2("none", 0), ENOENT);
	CHECK_FAILS(umount2("plain", 0), EINVAL);
	CHECK_FAILS(umount2("file/in", 0), ENOTDIR);
	CHECK_FAILS(umount2(nowhere, 0), EFAULT);
	CHECK_FAILS(umount2("in", 0x10000), EINVAL);

	/* What is mounted here goes, whatever is elsewhere. */
	is_mount_point("in", 0);
	is_mount_point("in", MNT_DETACH);
	is_mount_point("in", UMOUNT_NOFOLLOW);
	is_mount_point("link", MNT_DETACH);
	CHECK(mount("none", "in", "tmpfs", 0, NULL) == 0 && chdir("in") == 0);
	CHECK(umount2(".", MNT_DETACH) == 0 && chdir(folder) == 0);
	CHECK(mount("none", "in", "tmpfs", 0, NULL) == 0);
	CHECK_FAILS(umount2("link", UMOUNT_NOFOLLOW), EINVAL);
	CHECK(umount2("in", 0) == 0);
	CHECK(mount("other", "file", NULL, MS_BIND, NULL) == 0 && umount2("file", 0) == 0);
	CHECK(mkdir("a b", 0755) == 0 && mount("none", "a b", "tmpfs", 0, NULL) == 0);
	CHECK(umount2("a b", 0) == 0);
	/* Of a folder in the same file system, which no device number tells from what is around it. */
	CHECK(mount("plain", "in", NULL, MS_BIND, NULL) == 0 && umount2("in", 0) == 0);

	pid_t other = fork();
	if (other == 0)
		in_another_root(folder);
	CHECK(other > 0);
	CHECK_EXITS(other, 0);

	/* Who may not unmount is told that first. */
	other = fork();
	if (other == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK_FAILS(umount2("in", 0), EPERM);
		CHECK_FAILS(umount2("plain", 0), EPERM);
		_exit(0);
	}
	CHECK(other > 0);
	CHECK_EXITS(other, 0);
	kill(child, SIGKILL);
	CHECK(waitpid(child, NULL, 0) == child);
	chdir("/");
	umount2(folder, MNT_DETACH);
	rmdir(folder);
	return success();
}

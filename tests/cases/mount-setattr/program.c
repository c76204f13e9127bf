/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-setattr: flags and propagation of mounts that have a place, of those below them, and of those that have none
 * yet; and what Linux refuses. */
#include "case.h"

#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define FLAGS (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME)

static long change(int fd, const char *path, unsigned flags, struct mount_attr attr)
{
	return syscall(SYS_mount_setattr, fd, path, flags, &attr, sizeof(attr));
}

static unsigned long flags_of(const char *path)
{
	struct statvfs fs;

	CHECK(statvfs(path, &fs) == 0);
	return fs.f_flag & FLAGS;
}

static unsigned long flags_of_fd(int fd)
{
	struct statvfs fs;

	CHECK(fstatvfs(fd, &fs) == 0);
	return fs.f_flag & FLAGS;
}

static uint64_t mount_of_fd(int fd)
{
	struct statx stx;

	CHECK(statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) == 0);
	return stx.stx_mnt_id;
}

static bool is_shared(const char *point)
{
	char text[65536], line[128];
	int fd = open("/proc/self/mountinfo", O_RDONLY);
	size_t used = 0;

	for (ssize_t n; (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0;)
		used += (size_t)n;
	close(fd);
	text[used] = '\0';
	snprintf(line, sizeof(line), " %s ", point);
	char *found = strstr(text, line);
	CHECK(found);
	found[strcspn(found, "\n")] = '\0';
	return strstr(found, " shared:");
}

/* Mounts that have a place: by path, by descriptor, relative, and with those below. */
static void placed(void)
{
	struct mount_attr set = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	int fd;

	CHECK(change(AT_FDCWD, "/tmp/a", 0, set) == 0);
	CHECK(flags_of("/tmp/a") == (ST_NOSUID | ST_NODEV) && flags_of("/tmp/a/b") == 0);
	fd = open("/tmp/a", O_PATH | O_DIRECTORY);
	set = (struct mount_attr){ .attr_set = MOUNT_ATTR_NOEXEC, .attr_clr = MOUNT_ATTR_NODEV };
	CHECK(change(fd, "", AT_EMPTY_PATH, set) == 0);
	CHECK(flags_of("/tmp/a") == (ST_NOSUID | ST_NOEXEC));
	set = (struct mount_attr){ .attr_set = MOUNT_ATTR_RDONLY };
	CHECK(change(fd, "b", 0, set) == 0);
	CHECK(flags_of("/tmp/a/b") == ST_RDONLY && flags_of("/tmp/a/b/c d") == 0);
	set = (struct mount_attr){ .attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME };
	CHECK(change(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, set) == 0);
	CHECK(flags_of("/tmp/a") == (ST_NOSUID | ST_NOEXEC | ST_NOATIME));
	CHECK(flags_of("/tmp/a/b") == (ST_RDONLY | ST_NOATIME));
	CHECK(flags_of("/tmp/a/b/c d") == ST_NOATIME);
	CHECK(flags_of("/tmp") == 0);
	set = (struct mount_attr){ .propagation = MS_SHARED };
	CHECK(change(fd, "b", 0, set) == 0);
	CHECK(is_shared("/tmp/a/b") && !is_shared("/tmp/a"));
	set.propagation = MS_PRIVATE;
	CHECK(change(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, set) == 0);
	CHECK(!is_shared("/tmp/a/b"));
	CHECK(mkdir("/tmp/folder", 0755) == 0);
	CHECK_FAILS(change(AT_FDCWD, "/tmp/folder", 0, set), EINVAL); /* no mount */
	close(fd);
}

static void refused(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	struct {
		struct mount_attr attr;
		uint64_t more;
	} longer = { .more = 0 };

	CHECK_FAILS(change(AT_FDCWD, "/tmp/none", 0, attr), ENOENT);
	CHECK_FAILS(change(-1, "", AT_EMPTY_PATH, attr), EBADF);
	CHECK_FAILS(change(AT_FDCWD, "/tmp/a", 0x4000, attr), EINVAL);
	CHECK_FAILS(
		syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/a", 0, &attr, sizeof(attr) - 1), EINVAL);
	CHECK_FAILS(
		syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/a", 0, nowhere, sizeof(attr)), EFAULT);
	CHECK(syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/a", 0, &longer, sizeof(longer)) == 0);
	longer.more = 1;
	CHECK_FAILS(
		syscall(SYS_mount_setattr, AT_FDCWD, "/tmp/a", 0, &longer, sizeof(longer)), E2BIG);
	CHECK_FAILS(
		change(AT_FDCWD, "/tmp/a", 0, (struct mount_attr){ .attr_set = 1 << 30 }), EINVAL);
	CHECK_FAILS(change(AT_FDCWD, "/tmp/a", 0,
			    (struct mount_attr){ .attr_set = MOUNT_ATTR_NOATIME }),
		EINVAL);
	CHECK_FAILS(change(AT_FDCWD, "/tmp/a", 0,
			    (struct mount_attr){ .propagation = MS_SHARED | MS_PRIVATE }),
		EINVAL);
	CHECK(change(AT_FDCWD, "/tmp/a", 0, (struct mount_attr){ .attr_set = 0 }) == 0);
}

/* Mounts that have no place yet: as a container runtime makes them. */
static void nowhere_yet(void)
{
	struct mount_attr set = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY };
	int before, fd, context = (int)syscall(SYS_fsopen, "tmpfs", 0);

	if (context < 0 && errno == ENOSYS)
		return; /* gVisor before 2026 */
	CHECK(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	CHECK(fd >= 0);
	CHECK((before = openat(fd, "file", O_CREAT | O_RDONLY | O_CLOEXEC, 0600)) >= 0);
	CHECK(change(fd, "", AT_EMPTY_PATH, set) == 0);
	CHECK(flags_of_fd(fd) == (ST_NODEV | ST_NOSUID | ST_RDONLY));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	/* what was opened before is of a mount that is nowhere any more: the emulation's doing, and not Linux' */
	CHECK(mount_of_fd(before) != mount_of_fd(fd));
	CHECK_FAILS(openat(fd, "other", O_CREAT | O_RDWR, 0600), EROFS);
	CHECK(faccessat(fd, "file", F_OK, 0) == 0);
	CHECK(mkdir("/tmp/point", 0755) == 0);
	CHECK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "/tmp/point", MOVE_MOUNT_F_EMPTY_PATH) ==
		0);
	CHECK(flags_of("/tmp/point") == (ST_NODEV | ST_NOSUID | ST_RDONLY));
	CHECK(access("/tmp/point/file", F_OK) == 0);
	CHECK(access("/proc/thread-self/fdinfo/0", F_OK) == 0); /* nothing is mounted there now */

	/* a tree */
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp/a", OPEN_TREE_CLONE | AT_RECURSIVE);
	CHECK(fd >= 0);
	CHECK(change(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, set) == 0);
	CHECK(fcntl(fd, F_GETFD) == 0);
	CHECK(mkdir("/tmp/tree", 0755) == 0);
	CHECK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "/tmp/tree", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	CHECK((flags_of("/tmp/tree") & (ST_RDONLY | ST_NOSUID)) == (ST_RDONLY | ST_NOSUID));
	CHECK((flags_of("/tmp/tree/b/c d") & (ST_RDONLY | ST_NOSUID)) == (ST_RDONLY | ST_NOSUID));
	CHECK(!(flags_of("/tmp/a/b/c d") & ST_RDONLY));
}

int main(void)
{
	/* nobody else sees these mounts */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespaces here");
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/tmp/a", 0755) == 0 && mount("tmpfs", "/tmp/a", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/tmp/a/b", 0755) == 0 && mount("tmpfs", "/tmp/a/b", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/tmp/a/b/c d", 0755) == 0);
	CHECK(mount("tmpfs", "/tmp/a/b/c d", "tmpfs", 0, NULL) == 0);
	placed();
	refused();
	nowhere_yet();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-later: a mount is made of a type, options and flags, or bound, and then gets its place. Where the kernel can
 * do so itself, as Linux can, it does, and all is the same. */
#include "case.h"
#include "mounts.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define FLAGS (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)

static unsigned long flags_of(const char *path)
{
	struct statvfs fs;

	CHECK(statvfs(path, &fs) == 0);
	return fs.f_flag & FLAGS;
}

static int create(int fd)
{
	return (int)syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int change(int fd, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };

	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

/* To what a descriptor is of, as youki does. */
static int place(int fd, const char *path)
{
	int target = open(path, O_PATH | O_CLOEXEC);

	CHECK(target >= 0);
	long r = syscall(SYS_move_mount, fd, "", target, "",
		MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	int error = errno;
	close(target);
	errno = error;
	return (int)r;
}

static void of_a_type(void)
{
	struct stat st;
	int fd, context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

	CHECK(context >= 0);
	CHECK(fcntl(context, F_GETFD) == FD_CLOEXEC);
	CHECK(set_string(context, "source", "mine") == 0);
	CHECK_FAILS(set_string(context, "source", "again"), EINVAL);
	CHECK(set_string(context, "mode", "0711") == 0);
	CHECK_FAILS(syscall(SYS_fsmount, context, 0, 0), EINVAL); /* not created yet */
	CHECK(create(context) == 0);
	CHECK_FAILS(create(context), EBUSY);
	CHECK_FAILS(set_string(context, "mode", "0700"), EBUSY);
	fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	CHECK(fd >= 0 && fd != context && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK_FAILS(syscall(SYS_fsmount, context, 0, 0), EBUSY);
	CHECK(change(fd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY) == 0);
	CHECK_FAILS(change(fd, 1 << 30), EINVAL);
	CHECK(change(fd, 0) == 0);
	CHECK(mkdir("/tmp/tmpfs", 0755) == 0);
	CHECK(flags_of("/tmp/tmpfs") == 0);
	CHECK(place(fd, "/tmp/tmpfs") == 0);
	CHECK(flags_of("/tmp/tmpfs") == (ST_NODEV | ST_NOSUID | ST_RDONLY));
	CHECK(stat("/tmp/tmpfs", &st) == 0 && (st.st_mode & 07777) == 0711);
	close(fd);
	close(context);
	CHECK(create(context) == -1);
}

static void bound(void)
{
	int from, fd, parent;
	char text[8] = "";

	/* a folder, with what is mounted below it or without */
	CHECK(mkdir("/tmp/a", 0755) == 0 && mkdir("/tmp/to", 0755) == 0);
	CHECK(mount("tmpfs", "/tmp/a", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/tmp/a/b", 0755) == 0 && mount("tmpfs", "/tmp/a/b", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/tmp/a/b/c", 0755) == 0);
	CHECK_FAILS(syscall(SYS_open_tree, AT_FDCWD, "/tmp/none", OPEN_TREE_CLONE), ENOENT);
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp/a", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(place(fd, "/tmp/to") == 0);
	CHECK(access("/tmp/to/b", F_OK) == 0 && access("/tmp/to/b/c", F_OK) != 0);
	close(fd);
	CHECK(umount("/tmp/to") == 0);
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp/a", OPEN_TREE_CLONE | AT_RECURSIVE);
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) == 0);
	CHECK(change(fd, MOUNT_ATTR_RDONLY) == 0);
	CHECK(place(fd, "/tmp/to") == 0);
	CHECK(access("/tmp/to/b/c", F_OK) == 0);
	CHECK(flags_of("/tmp/to") == ST_RDONLY && flags_of("/tmp/a") == 0);
	close(fd);

	/* a file, by descriptor and to a name, not to where a link of that name leads */
	from = open("/tmp/from", O_RDWR | O_CREAT, 0644);
	CHECK(from >= 0 && write(from, "from", 4) == 4);
	fd = open("/tmp/file", O_RDWR | O_CREAT, 0644);
	CHECK(fd >= 0 && close(fd) == 0 && symlink("file", "/tmp/link") == 0);
	fd = (int)syscall(SYS_open_tree, from, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	CHECK(fd >= 0);
	CHECK(change(fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC) == 0);
	parent = open("/tmp", O_PATH | O_DIRECTORY);
	CHECK(syscall(SYS_move_mount, fd, "", parent, "none", MOVE_MOUNT_F_EMPTY_PATH) == -1);
	CHECK(syscall(SYS_move_mount, fd, "", parent, "file", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	CHECK(flags_of("/tmp/file") == (ST_RDONLY | ST_NOEXEC) && flags_of("/tmp/from") == 0);
	CHECK_FAILS(open("/tmp/file", O_WRONLY), EROFS);
	close(fd);
	fd = open("/tmp/file", O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, 4) == 4 && strcmp(text, "from") == 0);
}

int main(void)
{
	/* nobody else sees these mounts */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespaces here");
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	of_a_type();
	bound();
	/* what stands for nothing is the kernel's to answer */
	int fd = open("/tmp", O_PATH | O_DIRECTORY);
	CHECK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "/tmp/to", MOVE_MOUNT_F_EMPTY_PATH) == -1);
	return success();
}

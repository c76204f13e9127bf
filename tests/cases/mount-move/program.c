/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-move: a mount, and those below it, are at their new place, and nothing at the old one; as where the kernel moves it. */
#include "case.h"
#include "mounts.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int move(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_MOVE, NULL);
}

/* A tmpfs with a file, and another one in it. */
static void mount_at(const char *path)
{
	char inside[64];

	CHECK(mount("none", path, "tmpfs", 0, NULL) == 0);
	snprintf(inside, sizeof(inside), "%s/inside", path);
	CHECK(mkdir(inside, 0755) == 0);
	CHECK(mount("none", inside, "tmpfs", 0, NULL) == 0);
	snprintf(inside, sizeof(inside), "%s/inside/file", path);
	make_file(inside);
}

static void is_at(const char *path)
{
	char inside[64];

	snprintf(inside, sizeof(inside), "%s/inside/file", path);
	CHECK(access(inside, F_OK) == 0);
	snprintf(inside, sizeof(inside), "%s/inside", path);
	CHECK(umount2(inside, 0) == 0 && umount2(path, 0) == 0);
	CHECK_FAILS(umount2(path, 0), EINVAL);
}

static void is_not_at(const char *path)
{
	char inside[64];

	snprintf(inside, sizeof(inside), "%s/inside", path);
	CHECK_FAILS(access(inside, F_OK), ENOENT);
	CHECK_FAILS(umount2(path, 0), EINVAL);
}

static void by_path(const char *from, const char *to)
{
	mount_at("from");
	CHECK(move(from, to) == 0);
	is_not_at("from");
	is_at("to");
}

int main(void)
{
	char folder[] = "/tmp/move.XXXXXX", path[64];
	struct statvfs fs;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespace here: %s", strerror(errno));
	/* It is to be gone with the namespace. */
	CHECK(mkdtemp(folder) && mount("none", folder, "tmpfs", 0, NULL) == 0 &&
		chdir(folder) == 0);
	CHECK(mkdir("from", 0755) == 0 && mkdir("to", 0755) == 0 && mkdir("plain", 0755) == 0);
	CHECK(symlink("to", "link") == 0 && mkdir("a b", 0755) == 0);
	make_file("file");
	make_file("other");

	by_path("from", "to");
	by_path("./plain/../from", "link");
	snprintf(path, sizeof(path), "%s/from", folder);
	by_path(path, "to/");
	/* as runc does, by the descriptor of the new place */
	int to = open("to", O_PATH | O_CLOEXEC);
	CHECK(to >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	by_path("from", path);
	close(to);

	/* What is open stays so. */
	mount_at("from");
	int fd = open("from/inside/file", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0 && move("from", "a b") == 0);
	CHECK(write(fd, "text", 4) == 4 && close(fd) == 0);
	struct stat st;
	CHECK(stat("a b/inside/file", &st) == 0 && st.st_size == 4);
	is_not_at("from");
	is_at("a b");

	/* The flags of the mount go with it, and a file can be one. */
	CHECK(mount("none", "from", "tmpfs", MS_RDONLY | MS_NOEXEC, NULL) == 0);
	CHECK(move("from", "to") == 0);
	CHECK_FAILS(mkdir("to/in", 0755), EROFS);
	CHECK(statvfs("to", &fs) == 0 && (fs.f_flag & ST_RDONLY) && (fs.f_flag & ST_NOEXEC));
	CHECK(umount2("to", 0) == 0);
	CHECK(mount("other", "file", NULL, MS_BIND, NULL) == 0);
	CHECK(move("file", "other") == 0);
	CHECK_FAILS(umount2("file", 0), EINVAL);
	CHECK(umount2("other", 0) == 0);

	/* What is asked for besides comes first. */
	mount_at("from");
	if (!in_sandbox()) { /* gVisor takes no two of these */
		CHECK(mount("from", "to", NULL, MS_MOVE | MS_BIND, NULL) == 0);
		CHECK(umount2("to", 0) == 0);
	}
	/* Errors. */
	CHECK_FAILS(move("plain", "to"), EINVAL);
	CHECK_FAILS(move("from", "none"), ENOENT);
	CHECK_FAILS(move("none", "to"), ENOENT);
	CHECK_FAILS(move("from", nowhere), EFAULT);
	CHECK_FAILS(move(nowhere, "to"), EFAULT);
	CHECK_FAILS(move("from", ""), ENOENT);
	/* Not what the working directory is in. */
	CHECK(chdir("from") == 0);
	CHECK_FAILS(move("", "../to"), EINVAL);
	CHECK_FAILS(move(NULL, "../to"), EINVAL);
	CHECK_FAILS(move("", "none"), ENOENT);
	CHECK(chdir("..") == 0 && access("from/inside/file", F_OK) == 0);
	if (!in_sandbox()) { /* which says ENOTDIR, or EINVAL to each */
		CHECK_FAILS(move("from/inside/file", "file"), EINVAL);
		CHECK_FAILS(move("from", "from/inside"), ELOOP);
		CHECK_FAILS(move("from", "from"), ELOOP);
	}
	CHECK(move("from", "file") != 0 && (errno == EINVAL || errno == ENOTDIR));
	pid_t child = fork();
	if (child == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK_FAILS(move("from", "to"), EPERM);
		_exit(0);
	}
	CHECK(child > 0);
	CHECK_EXITS(child, 0);

	/* In another root. */
	child = fork();
	if (child == 0) {
		CHECK(chroot(folder) == 0);
		CHECK(move("/from", "/to") == 0);
		is_not_at("/from");
		is_at("/to");
		_exit(0);
	}
	CHECK(child > 0);
	CHECK_EXITS(child, 0);
	CHECK(chdir("/") == 0 && umount2(folder, MNT_DETACH) == 0 && rmdir(folder) == 0);
	return success();
}

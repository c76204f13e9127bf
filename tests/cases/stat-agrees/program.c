/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the calls say about a fake file agrees, and is what they say about a sysctl of the kernel. */
#include "case.h"

#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/statfs.h>

static void same(const struct stat *a, const struct stat *b)
{
	CHECK(a->st_dev == b->st_dev);
	CHECK(a->st_ino == b->st_ino);
	CHECK(a->st_mode == b->st_mode);
	CHECK(a->st_nlink == b->st_nlink);
	CHECK(a->st_uid == b->st_uid && a->st_gid == b->st_gid);
	CHECK(a->st_size == b->st_size);
	CHECK(a->st_blksize == b->st_blksize);
	CHECK(memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0);
	CHECK(memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0);
}

int main(void)
{
	struct stat st, proc, other;
	struct statx stx;
	struct statfs fs, proc_fs;
	int vm = open("/proc/sys/vm", O_PATH), fd;
	char text[64];

	CHECK(stat("/proc/version", &proc) == 0);
	CHECK(stat(FAKE, &st) == 0);
	CHECK(S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0644);
	CHECK(st.st_size == 0 && st.st_nlink == 1 && st.st_uid == 0 && st.st_gid == 0);
	CHECK(st.st_dev == proc.st_dev);
	CHECK(st.st_rdev == 0);
	CHECK(stat("/proc/sys/kernel/cap_last_cap", &other) == 0);
	CHECK((other.st_mode & 07777) == 0444 && other.st_ino != st.st_ino);
	usleep(20000); /* a later look finds no other time */
	CHECK(lstat(FAKE, &other) == 0);
	same(&st, &other);
	CHECK(fstatat(vm, "swappiness", &other, 0) == 0);
	same(&st, &other);
	CHECK(fstatat(vm, "swappiness", &other, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0);
	same(&st, &other);
	CHECK(syscall(SYS_stat, FAKE, &other) == 0);
	same(&st, &other);
	if (statx(vm, "swappiness", 0, STATX_BASIC_STATS, &stx) == 0) {
		CHECK(stx.stx_mode == st.st_mode && stx.stx_ino == st.st_ino && stx.stx_size == 0);
		CHECK((stx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
		CHECK(stx.stx_mtime.tv_sec == st.st_mtim.tv_sec &&
			stx.stx_mtime.tv_nsec == st.st_mtim.tv_nsec);
	} else {
		CHECK(errno == ENOSYS);
	}

	CHECK(access(FAKE, F_OK) == 0 && access(FAKE, R_OK) == 0);
	CHECK_FAILS(access(FAKE, X_OK), EACCES);
	CHECK_FAILS(access(FAKE, 8), EINVAL);
	CHECK(access(FAKE, W_OK) == (geteuid() == 0 ? 0 : -1));
	CHECK(access("/proc/sys/kernel/cap_last_cap", R_OK) == 0);
	CHECK(access("/proc/sys/kernel/cap_last_cap", W_OK) == -1 && errno == EACCES);
	CHECK(faccessat(vm, "swappiness", R_OK, 0) == 0);
	CHECK(faccessat(vm, "swappiness", R_OK, AT_EACCESS) == 0);
	CHECK_FAILS(access(FAKE "x", F_OK), ENOENT);
	CHECK_FAILS(access(FAKE "/x", F_OK), ENOTDIR);
	CHECK_FAILS(stat(FAKE "/x", &other), ENOTDIR);
	CHECK_FAILS(open(FAKE "/x/y", O_RDONLY), ENOTDIR);
	CHECK_FAILS(access("/proc/sys/vm/x/y", F_OK), ENOENT);

	CHECK_FAILS(readlink(FAKE, text, sizeof(text)), EINVAL);
	CHECK_FAILS(readlinkat(vm, "swappiness", text, sizeof(text)), EINVAL);
	CHECK(statfs("/proc", &proc_fs) == 0 && statfs(FAKE, &fs) == 0);
	CHECK(fs.f_type == proc_fs.f_type && fs.f_bsize == proc_fs.f_bsize);

	fd = open(FAKE, O_RDONLY);
	CHECK(fd >= 0);
	CHECK(fstat(fd, &other) == 0);
	same(&st, &other);
	CHECK(syscall(SYS_fstat, fd, &other) == 0);
	same(&st, &other);
	CHECK(fstatfs(fd, &fs) == 0 && fs.f_type == proc_fs.f_type);

	CHECK_FAILS(stat(FAKE, nowhere), EFAULT);
	CHECK_FAILS(syscall(SYS_stat, NULL, &other), EFAULT);
	CHECK(sees_fake());
	return success();
}

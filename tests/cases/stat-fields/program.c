/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = stat: each field by each call that reports it, and nothing else. */
#include "case.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { CALLS = 6 };

static void ask(const char *path, struct stat ret_status[CALLS])
{
	struct statx extended;
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	CHECK(syscall(SYS_stat, path, &ret_status[0]) == 0);
	CHECK(syscall(SYS_lstat, path, &ret_status[1]) == 0);
	CHECK(syscall(SYS_fstat, fd, &ret_status[2]) == 0);
	CHECK(syscall(SYS_newfstatat, AT_FDCWD, path, &ret_status[3], 0) == 0);
	CHECK(syscall(SYS_newfstatat, fd, "", &ret_status[4], AT_EMPTY_PATH) == 0);
	CHECK(syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &extended) == 0);
	ret_status[5] = ret_status[4];
	ret_status[5].st_ino = extended.stx_ino;
	ret_status[5].st_mode = extended.stx_mode;
	ret_status[5].st_dev = makedev(extended.stx_dev_major, extended.stx_dev_minor);
	ret_status[5].st_rdev = makedev(extended.stx_rdev_major, extended.stx_rdev_minor);
	CHECK(close(fd) == 0);
}

int main(void)
{
	struct stat zero[CALLS], full[CALLS], null[CALLS], folder[CALLS];

	ask("/dev/zero", zero);
	ask("/dev/full", full);
	ask("/dev/null", null);
	ask("/dev", folder);
	for (int i = 0; i < CALLS; i++) {
		printf("%d: inode %ld, device %#lx, mode %#o, as a file %u:%u\n", i,
			(long)zero[i].st_ino, (unsigned long)zero[i].st_dev, zero[i].st_mode,
			major(zero[i].st_rdev), minor(zero[i].st_rdev));
		printf("   mode %#o, of the folder %#o\n", full[i].st_mode, folder[i].st_mode);
		CHECK(full[i].st_dev == null[i].st_dev && full[i].st_ino != 4711);
		CHECK(full[i].st_ino == full[0].st_ino && null[i].st_ino == null[0].st_ino);
		CHECK((null[i].st_mode & S_IFMT) == S_IFCHR && null[i].st_mode == null[0].st_mode);
	}
	CHECK((null[0].st_mode & 07777) != 0641 && null[0].st_ino != 4711);
	return success();
}

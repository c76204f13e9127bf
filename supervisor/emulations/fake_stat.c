/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_stat.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>

#include "fake_file.h"

enum {
	PROC_BLOCK_BYTES = 1024, /* st_blksize of procfs, Linux 6.18 */
	MNT_ID_UNIQUE = 0x4000, /* STATX_MNT_ID_UNIQUE of linux/stat.h, since 6.8 */
};

bool fake_stat_is(const struct stop *stop)
{
	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
	case SYS_fstat:
	case SYS_newfstatat:
	case SYS_statx:
		return true;
	default:
		return false;
	}
}

int fake_stat_fd(struct stop *stop)
{
	long nr = stop_syscall(stop);

	if (nr == SYS_fstat ||
		((nr == SYS_newfstatat || nr == SYS_statx) && stop_path_is_empty(stop, 1)))
		return (int)stop_asked(stop, 0);
	return -1;
}

uint64_t fake_inode(const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return (hash & 0x7fffffff) | 0x80000000;
}

static mode_t full_mode(const struct sysctl_node *node)
{
	return (node->kind == SYSCTL_FOLDER ? S_IFDIR : S_IFREG) | node->mode;
}

dev_t fake_proc_device(struct stop *stop)
{
	struct stat st;
	/* Not its sys: a name in procfs is never in the cache, and has to be asked for. */
	dev_t own = stop_device_of(stop, "root/proc");

	if (own)
		return own;
	return stat("/proc/sys", &st) ? 0 : st.st_dev;
}

/* One for all and for ever, as procfs has the time when it met a name first: tar looks whether it changes. */
static struct timespec first_met(void)
{
	static struct timespec time;

	if (time.tv_sec == 0)
		clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

int fake_stat(struct stop *stop, const char *path, const struct sysctl_node *node, dev_t device,
	uint64_t address)
{
	struct stat st = {
		.st_dev = device,
		.st_ino = fake_inode(path),
		.st_mode = full_mode(node),
		.st_nlink = 1,
		.st_blksize = PROC_BLOCK_BYTES,
	};

	st.st_atim = st.st_mtim = st.st_ctim = first_met();
	return stop_write(stop, address, &st, sizeof(st));
}

void fake_statx_mount(struct stop *stop, struct statx *stx)
{
	unsigned mask = (unsigned)stop_asked(stop, 3) & (STATX_MNT_ID | MNT_ID_UNIQUE);
	struct statx proc;
	const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
	cleanup_close int own = stop_open_proc(stop, "root/proc", O_PATH);

	if (own < 0 || syscall(SYS_statx, own, "", flags, mask ? mask : STATX_MNT_ID, &proc))
		return;
	stx->stx_mnt_id = proc.stx_mnt_id;
	stx->stx_mask |= proc.stx_mask & (STATX_MNT_ID | MNT_ID_UNIQUE);
}

int fake_statx(struct stop *stop, const char *path, const struct sysctl_node *node, dev_t device,
	uint64_t address)
{
	const struct timespec met = first_met();
	const struct statx_timestamp time = { .tv_sec = met.tv_sec, .tv_nsec = (__u32)met.tv_nsec };
	struct statx stx = {
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = PROC_BLOCK_BYTES,
		.stx_nlink = 1,
		.stx_mode = (uint16_t)full_mode(node),
		.stx_ino = fake_inode(path),
		.stx_dev_major = major(device),
		.stx_dev_minor = minor(device),
	};

	fake_statx_mount(stop, &stx);
	stx.stx_mtime = stx.stx_atime = stx.stx_ctime = time;
	return stop_write(stop, address, &stx, sizeof(stx));
}

int fake_statfs(struct stop *stop, uint64_t address)
{
	struct statfs fs;

	/* gVisor of 2022 has no statfs of /proc: what Linux says. */
	if (statfs("/proc", &fs)) {
		memset(&fs, 0, sizeof(fs));
		fs.f_type = PROC_SUPER_MAGIC;
		fs.f_bsize = fs.f_frsize = 4096;
		fs.f_namelen = NAME_MAX;
	}
	return stop_write(stop, address, &fs, sizeof(fs));
}

enum verdict fake_fstatfs_enter(struct stop *stop)
{
	if (!fake_file_is(stop, (int)stop_asked(stop, 0)))
		return VERDICT_NEXT;
	stop_set_result(stop, fake_statfs(stop, stop_asked(stop, 1)));
	return VERDICT_DONE;
}

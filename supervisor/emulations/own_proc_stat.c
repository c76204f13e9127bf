/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "own_proc_parts.h"
#include "proc_status.h"

enum { STATUS_BYTES = 4096, CAP_DAC_OVERRIDE_BIT = 1, CAP_DAC_READ_SEARCH_BIT = 2 };
enum { OVERFLOW_ID = 65534 /* as the kernel says of ids that are not in a user namespace */ };

/* An id of ours as a map of /proc/PID has it; UINT32_MAX if it is not in there. */
static uint32_t map_id(const char *map, uint32_t id)
{
	unsigned inside, outside, length;
	int n;

	for (const char *line = map;
		sscanf(line, "%u %u %u%n", &inside, &outside, &length, &n) == 3; line += n)
		if (id >= outside && id - outside < length)
			return inside + (id - outside);
	return UINT32_MAX;
}

static void read_text(struct stop *stop, const char *name, char *ret_text, size_t size)
{
	cleanup_close int fd = stop_open_proc(stop, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, ret_text, size - 1);

	ret_text[n > 0 ? n : 0] = '\0';
}

static uint32_t mapped(struct stop *stop, const char *map_name, uint32_t id)
{
	char map[STATUS_BYTES];

	read_text(stop, map_name, map, sizeof(map));
	return map[0] ? map_id(map, id) : id;
}

/* Owners are called as the program's user namespace calls them. */
static void map_ids(struct stop *stop, uint32_t *uid, uint32_t *gid)
{
	*uid = mapped(stop, "uid_map", *uid);
	*gid = mapped(stop, "gid_map", *gid);
	*uid = *uid == UINT32_MAX ? OVERFLOW_ID : *uid;
	*gid = *gid == UINT32_MAX ? OVERFLOW_ID : *gid;
}

/* Of the program's /proc. */
static dev_t device(struct stop *stop)
{
	return stop_device_of(stop, "root/proc");
}

static bool is_followed(const struct own_place *place)
{
	return place->kind == OWN_LINK && place->followed;
}

static int write_statx(struct stop *stop, const struct own_place *place)
{
	struct statx stx;
	const int sync = AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC;
	int flags = (int)stop_asked(stop, 2) & sync;

	flags |= is_followed(place) ? 0 : AT_SYMLINK_NOFOLLOW;
	if (syscall(SYS_statx, AT_FDCWD, place->path, flags, (unsigned)stop_asked(stop, 3), &stx))
		return -errno;
	map_ids(stop, &stx.stx_uid, &stx.stx_gid);
	if (!is_followed(place)) {
		dev_t dev = device(stop);
		stx.stx_dev_major = major(dev);
		stx.stx_dev_minor = minor(dev);
		stx.stx_mask &= ~(unsigned)STATX_MNT_ID;
	}
	return stop_write(stop, stop_asked(stop, 4), &stx, sizeof(stx));
}

enum verdict own_proc_stat(struct stop *stop, const struct own_place *place)
{
	struct stat st = place->st;
	uint64_t address = stop_asked(stop, stop_syscall(stop) == SYS_newfstatat ? 2 : 1);

	if (stop_syscall(stop) == SYS_statx)
		return stop_give(stop, write_statx(stop, place));
	if (is_followed(place) && stat(place->path, &st))
		return stop_give(stop, -errno);
	if (!is_followed(place))
		st.st_dev = device(stop);
	map_ids(stop, &st.st_uid, &st.st_gid);
	return stop_give(stop, stop_write(stop, address, &st, sizeof(st)));
}

enum verdict own_proc_statfs(struct stop *stop)
{
	struct statfs fs;
	cleanup_close int fd = stop_open_proc(stop, "root/proc", O_PATH);

	if (fd < 0 || fstatfs(fd, &fs))
		return VERDICT_NEXT;
	return stop_give(stop, stop_write(stop, stop_asked(stop, 1), &fs, sizeof(fs)));
}

static bool is_in_groups(const char *status, gid_t gid)
{
	const char *line = proc_status_find(status, "Groups");
	char *end;

	if (!line)
		return false;
	for (const char *end_of_line = strchr(line, '\n'); line < end_of_line; line = end) {
		unsigned long group = strtoul(line, &end, 10);
		if (end == line || end > end_of_line)
			break;
		if (group == gid)
			return true;
	}
	return false;
}

int own_proc_may(struct stop *stop, const struct stat *st, int mode)
{
	char status[STATUS_BYTES];
	unsigned uid, gid;
	unsigned long long caps = 0;

	read_text(stop, "status", status, sizeof(status));
	const char *uids = proc_status_find(status, "Uid"), *gids = proc_status_find(status, "Gid");
	const char *effective = proc_status_find(status, "CapEff");
	/* The fourth, or where the kernel gives fewer, the second: the file system's is the effective one. */
	if (!uids || !gids || sscanf(uids, "%*u %u", &uid) != 1 ||
		sscanf(gids, "%*u %u", &gid) != 1)
		return -EACCES;
	if (effective && sscanf(effective, "%llx", &caps) != 1)
		caps = 0;

	/* capable_wrt_inode_uidgid() of the kernel */
	bool is_mapped = mapped(stop, "uid_map", st->st_uid) != UINT32_MAX &&
			 mapped(stop, "gid_map", st->st_gid) != UINT32_MAX;
	bool may_override = is_mapped && (caps >> CAP_DAC_OVERRIDE_BIT & 1);
	bool may_search = is_mapped && (caps >> CAP_DAC_READ_SEARCH_BIT & 1);
	int have = st->st_mode & 7;
	if (uid == st->st_uid)
		have = (st->st_mode >> 6) & 7;
	else if (gid == st->st_gid || is_in_groups(status, st->st_gid))
		have = (st->st_mode >> 3) & 7;
	bool may_execute = S_ISDIR(st->st_mode) || (st->st_mode & 0111);
	if (may_override)
		have |= R_OK | W_OK | (may_execute ? X_OK : 0);
	if (may_search)
		have |= R_OK | (S_ISDIR(st->st_mode) ? X_OK : 0);
	return (mode & ~have) ? -EACCES : 0;
}

enum verdict own_proc_access(struct stop *stop, const struct own_place *place)
{
	int mode = (int)stop_asked(stop, stop_syscall(stop) == SYS_access ? 1 : 2);
	struct stat st = place->st;

	if (mode & ~(R_OK | W_OK | X_OK))
		return stop_give(stop, -EINVAL);
	if (is_followed(place) && stat(place->path, &st))
		return stop_give(stop, -errno);
	if (S_ISLNK(st.st_mode))
		return stop_give(stop, 0);
	return stop_give(stop, own_proc_may(stop, &st, mode));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_arguments.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "fake_file.h"

enum { ACCESS_MODES = R_OK | W_OK | X_OK, NO_FLAGS = -1 };

/* The argument that holds a call's flags, with those that it knows. NO_FLAGS: it has none. */
static int flags_of(long nr, unsigned *ret_known)
{
	const unsigned statx_ = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH;

	*ret_known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
	switch (nr) {
	case SYS_newfstatat:
		*ret_known = statx_ | AT_STATX_SYNC_TYPE;
		return 3;
	case SYS_statx:
		*ret_known = statx_ | AT_STATX_SYNC_TYPE;
		return 2;
	case SYS_faccessat2:
		*ret_known |= AT_EACCESS;
		return 3;
	case SYS_utimensat:
		return 3;
	case SYS_fchownat:
		return 4;
	case SYS_execveat:
		*ret_known |= 0x10000; /* AT_EXECVE_CHECK, since Linux 6.14 */
		return 4;
	case SYS_linkat:
		*ret_known = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;
		return 4;
	case SYS_unlinkat:
		*ret_known = AT_REMOVEDIR;
		return 2;
	case SYS_renameat2:
		*ret_known = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;
		return 4;
	default:
		return NO_FLAGS;
	}
}

static bool has_bad_flags(struct stop *stop)
{
	const unsigned not_with_exchange = RENAME_NOREPLACE | RENAME_WHITEOUT;
	long nr = stop_syscall(stop);
	unsigned known;
	int arg = flags_of(nr, &known);

	if (arg == NO_FLAGS)
		return false;
	unsigned flags = (unsigned)stop_asked(stop, arg);
	if (flags & ~known)
		return true;
	if (nr == SYS_renameat2)
		return (flags & RENAME_EXCHANGE) && (flags & not_with_exchange);
	return nr == SYS_statx && ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
					  ((uint32_t)stop_asked(stop, 3) & STATX__RESERVED));
}

/* The two times at address: seconds and a part of a second, of which there are limit in one. */
static int check_times(struct stop *stop, uint64_t address, int64_t limit, bool may_be_special)
{
	int64_t times[4];

	if (!address)
		return 0;
	if (stop_read(stop, address, times, sizeof(times)))
		return -EFAULT;
	for (int i = 1; i < 4; i += 2) {
		bool is_special = times[i] == UTIME_NOW || times[i] == UTIME_OMIT;
		if (!(may_be_special && is_special) && (times[i] < 0 || times[i] >= limit))
			return -EINVAL;
	}
	return 0;
}

static int check_utime(struct stop *stop)
{
	int64_t times[2];
	uint64_t address = stop_asked(stop, 1);

	return address && stop_read(stop, address, times, sizeof(times)) ? -EFAULT : 0;
}

int fake_arguments_check(struct stop *stop)
{
	if (has_bad_flags(stop))
		return -EINVAL;
	switch (stop_syscall(stop)) {
	case SYS_access:
		return (int)stop_asked(stop, 1) & ~ACCESS_MODES ? -EINVAL : 0;
	case SYS_faccessat:
	case SYS_faccessat2:
		return (int)stop_asked(stop, 2) & ~ACCESS_MODES ? -EINVAL : 0;
	case SYS_truncate:
		return (int64_t)stop_asked(stop, 1) < 0 ? -EINVAL : 0;
	case SYS_utime:
		return check_utime(stop);
	case SYS_utimes:
		return check_times(stop, stop_asked(stop, 1), 1000000, false);
	case SYS_futimesat:
		return check_times(stop, stop_asked(stop, 2), 1000000, false);
	case SYS_utimensat:
		return check_times(stop, stop_asked(stop, 2), 1000000000, true);
	default:
		return 0;
	}
}

/* 0, with what the argument's path is in the tree, or -EXDEV: it is not below /proc/sys. */
static int find(struct stop *stop, int arg, const char **ret_path, enum sysctl_kind *ret_kind)
{
	struct sysctl_viewer viewer;

	if (!(stop_path_args(stop) & 1U << arg) || stop_path(stop, arg, ret_path) ||
		!fake_below_proc_sys(*ret_path))
		return -EXDEV;
	fake_viewer(stop, *ret_path, &viewer);
	*ret_kind =
		fakeprocsys_lookup(stop_fakeprocsys(stop), fake_below_proc_sys(*ret_path), &viewer)
			.kind;
	fake_viewer_finish(&viewer);
	return 0;
}

int fake_arguments_link(struct stop *stop, int new_arg)
{
	enum sysctl_kind kind;
	const char *path;
	int r = find(stop, new_arg, &path, &kind);

	if (r)
		return r;
	return kind == SYSCTL_NONE ? -ENOENT : -EEXIST;
}

int fake_arguments_rename(struct stop *stop, int old_arg, int new_arg)
{
	enum sysctl_kind old_kind, new_kind;
	const char *path;
	char old[PATH_MAX];
	int r = find(stop, old_arg, &path, &old_kind);

	if (r)
		return r;
	/* The next path that is asked for may take its place. */
	snprintf(old, sizeof(old), "%s", path);
	r = find(stop, new_arg, &path, &new_kind);
	if (r)
		return r;
	if (old_kind == SYSCTL_NONE || new_kind == SYSCTL_NONE)
		return -ENOENT;
	if (stop_syscall(stop) == SYS_renameat2 && (stop_asked(stop, 4) & RENAME_NOREPLACE))
		return -EEXIST;
	if (new_kind == SYSCTL_FILE && stop_path_is_folder(stop, new_arg))
		return -ENOTDIR;
	return strcmp(old, path) == 0 ? 0 : -EACCES;
}

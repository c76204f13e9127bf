/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscalls.h"

#include <fcntl.h>
#include <sys/syscall.h>

bool syscall_follows_last_link(long nr, const uint64_t args[SYSCALL_ARGS])
{
	switch (nr) {
	case SYS_lstat:
	case SYS_lchown:
	case SYS_lgetxattr:
	case SYS_llistxattr:
	case SYS_lremovexattr:
	case SYS_lsetxattr:
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_mknod:
	case SYS_mknodat:
	case SYS_readlink:
	case SYS_readlinkat:
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_rmdir:
	case SYS_symlink:
	case SYS_symlinkat:
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_link:
		return false;
	case SYS_linkat:
		return args[4] & AT_SYMLINK_FOLLOW;
	case SYS_open:
		return !(args[1] & O_NOFOLLOW);
	case SYS_openat:
		return !(args[2] & O_NOFOLLOW);
	case SYS_statx:
		return !(args[2] & AT_SYMLINK_NOFOLLOW);
	case SYS_newfstatat:
	case SYS_utimensat:
	case SYS_faccessat2:
		return !(args[3] & AT_SYMLINK_NOFOLLOW);
	case SYS_fchownat:
	case SYS_execveat:
		return !(args[4] & AT_SYMLINK_NOFOLLOW);
	default:
		return true;
	}
}

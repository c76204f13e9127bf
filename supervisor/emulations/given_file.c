/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "given_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "fake_file.h"
#include "fake_stat.h"
#include "marker.h"
#include "nearest.h"
#include "open_call.h"

bool given_file_is_there(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8], target[4];

	snprintf(name, sizeof(name), "root%s", path);
	/* EINVAL: it is there, and no link. ETIMEDOUT: nobody says, and the program is to ask by itself. */
	ssize_t n = stop_read_proc_link(stop, name, target, sizeof(target));
	return n >= 0 || n == -EINVAL || n == -ETIMEDOUT;
}

ssize_t given_file_read_other(struct stop *stop, const char *path, char *ret_text, size_t size)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "root%s", path);
	return stop_read_file(stop, name, ret_text, size);
}

/* statfs(2): the file system that the file is said to be in. */
static enum verdict give_statfs(struct stop *stop, const char *path, uint64_t address)
{
	struct statfs fs;
	cleanup_close int fd = nearest_open(stop, path);

	if (fd < 0 || stop_statfs(fd, &fs))
		return VERDICT_NEXT;
	return stop_give(stop, stop_write(stop, address, &fs, sizeof(fs)));
}

static int check_access(const struct given_file *file, int mode)
{
	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	return (mode & X_OK) || ((mode & W_OK) && !file->discards) ? -EACCES : 0;
}

static enum verdict by_path(struct stop *stop, const struct given_file *file, const char *path)
{
	const struct sysctl_node node = { .kind = SYSCTL_FILE, .mode = file->mode };
	cleanup_close int near = nearest_open(stop, path);

	if (near < 0)
		return VERDICT_NEXT;
	dev_t device = stop_device(near);
	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
		return stop_give(stop, fake_stat(stop, path, &node, device, stop_asked(stop, 1)));
	case SYS_fstat:
		return stop_give(stop, fake_stat(stop, path, &node, device, stop_asked(stop, 1)));
	case SYS_newfstatat:
		return stop_give(stop, fake_stat(stop, path, &node, device, stop_asked(stop, 2)));
	case SYS_statx:
		return stop_give(stop, fake_statx(stop, path, &node, device, stop_asked(stop, 4)));
	case SYS_statfs:
		return give_statfs(stop, path, stop_asked(stop, 1));
	case SYS_access:
		return stop_give(stop, check_access(file, (int)stop_asked(stop, 1)));
	case SYS_faccessat:
	case SYS_faccessat2:
		return stop_give(stop, check_access(file, (int)stop_asked(stop, 2)));
	case SYS_readlink:
	case SYS_readlinkat:
		return stop_give(stop, -EINVAL);
	default:
		return VERDICT_NEXT;
	}
}

enum verdict given_file_enter(struct stop *stop, const struct given_file *file, const char *path)
{
	uint64_t flags;

	if (strlen(path) > MARKER_NAME_MAX)
		return VERDICT_NEXT;
	if (fake_stat_is(stop)) {
		int fd = fake_stat_fd(stop);
		if (fd < 0)
			stop_looks_at(stop, fake_inode(path));
		else if (!fake_file_is(stop, fd))
			return VERDICT_NEXT;
	}
	if (stop_syscall(stop) == SYS_fstatfs)
		return fake_file_is(stop, (int)stop_asked(stop, 0))
			       ? give_statfs(stop, path, stop_asked(stop, 1))
			       : VERDICT_NEXT;
	int r = open_call_flags(stop, path, &flags);
	int arg = __builtin_ctz(stop_path_args(stop));
	/* "FILE/" */
	if (r >= 0 && stop_path_is_folder(stop, arg))
		return stop_give(stop,
			r == 0 && (flags & O_CREAT) && !(flags & O_PATH) ? -EISDIR : -ENOTDIR);
	if (r > 0)
		return by_path(stop, file, path);
	if (r == 0)
		r = open_call_check(flags, true, file->discards);
	return r ? stop_give(stop, r) : open_call_to_memfd(stop, path, flags, false);
}

enum exit_verdict given_file_exit(
	struct stop *stop, const struct given_file *file, const char *content, size_t length)
{
	int64_t fd = stop_sent_result(stop);
	const char *path;

	if (stop_step(stop) > 0)
		stop_set_result(stop, stop_kept(stop));
	if (stop_step(stop) > 0 || fd < 0)
		return EXIT_DONE;
	cleanup_close int memfd = fake_file_open(stop, (int)fd);
	if (memfd == -EBADF)
		return EXIT_DONE; /* the program's own threads have done something with it */
	if (memfd < 0)
		return open_call_take_back(stop, fd, memfd);
	if (pwrite(memfd, content, length, 0) != (ssize_t)length)
		return open_call_take_back(stop, fd, -EIO);
	fchmod(memfd, file->mode);
	if (!file->discards)
		fcntl(memfd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	if (stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) == 0)
		stop_has_opened(stop, fake_inode(path));
	return EXIT_DONE;
}

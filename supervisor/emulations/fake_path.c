/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_path.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "dirents.h"
#include "fake_arguments.h"
#include "fake_file.h"
#include "fake_permission.h"
#include "fake_stat.h"
#include "open_call.h"

/* 0 or -errno of access(2), by the effective ids: sysctl_perm() of the kernel asks for no other. */
static int check_access(struct stop *stop, const struct sysctl_node *node, int mode)
{
	bool is_folder = node->kind == SYSCTL_FOLDER;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	if ((mode & X_OK) && !is_folder)
		return -EACCES;
	if ((mode & R_OK) && !fake_may_read(stop, node))
		return -EACCES;
	if ((mode & W_OK) && (is_folder || !fake_may_write(stop, node)))
		return -EACCES;
	return 0;
}

bool fake_is_missing(const char *path)
{
	return access(path, F_OK) != 0 && errno == ENOENT;
}

enum verdict fake_path_refuse(struct stop *stop, int error)
{
	int before = fake_arguments_check(stop);

	return stop_give(stop, before ? before : error);
}

/* The nearest folder above path that the kernel has, as text in the program's memory. 0 or -errno, as stop_push(). */
static int push_nearest(struct stop *stop, const char *path, uint64_t *ret_address)
{
	char nearest[MARKER_NAME_MAX + 1];

	strcpy(nearest, path);
	while (fake_is_missing(nearest))
		*strrchr(nearest, '/') = '\0';
	return stop_push(stop, nearest, strlen(nearest) + 1, ret_address);
}

/* chdir(2) to a folder that the kernel lacks: the nearest stands for it. */
static enum verdict enter_folder(struct stop *stop, const char *path)
{
	uint64_t address;
	int r = push_nearest(stop, path, &address);

	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : stop_give(stop, r);
	stop_send_arg(stop, 0, address);
	stop_note(stop, "stands for %s", path);
	return VERDICT_WATCH;
}

static bool lists(struct stop *stop)
{
	return stop_syscall(stop) == SYS_getdents64 || stop_syscall(stop) == SYS_getdents;
}

/* Calls that say something else of a file whose path ends in a slash than that it is no folder. */
static bool makes_or_removes(struct stop *stop)
{
	switch (stop_syscall(stop)) {
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_mknod:
	case SYS_mknodat:
	case SYS_symlink:
	case SYS_symlinkat:
	case SYS_rmdir:
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
		return true;
	case SYS_unlinkat:
		return stop_asked(stop, 2) & AT_REMOVEDIR;
	default:
		return false;
	}
}

/* chown(2) of nothing at all is done. */
static enum verdict change_owner(struct stop *stop, int arg)
{
	bool is_nothing = (uint32_t)stop_asked(stop, arg) == UINT32_MAX &&
			  (uint32_t)stop_asked(stop, arg + 1) == UINT32_MAX;

	return stop_give(stop, is_nothing ? 0 : -EPERM);
}

enum verdict fake_path_enter(struct stop *stop, const char *path, const struct sysctl_node *node)
{
	bool is_folder = node->kind == SYSCTL_FOLDER;

	if (lists(stop))
		return is_folder ? VERDICT_WATCH : VERDICT_NEXT;
	if (is_folder && !fake_is_missing(path))
		return VERDICT_NEXT;
	int error = fake_arguments_check(stop);
	if (error)
		return stop_give(stop, error);
	if (!is_folder && !makes_or_removes(stop) &&
		stop_path_is_folder(stop, __builtin_ctz(stop_path_args(stop))))
		return stop_give(stop, -ENOTDIR);

	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
	case SYS_fstat:
		return stop_give(stop,
			fake_stat(stop, path, node, fake_proc_device(stop), stop_asked(stop, 1)));
	case SYS_newfstatat:
		return stop_give(stop,
			fake_stat(stop, path, node, fake_proc_device(stop), stop_asked(stop, 2)));
	case SYS_statx:
		return stop_give(stop,
			fake_statx(stop, path, node, fake_proc_device(stop), stop_asked(stop, 4)));
	case SYS_statfs:
		return stop_give(stop, fake_statfs(stop, stop_asked(stop, 1)));
	case SYS_access:
		return stop_give(stop, check_access(stop, node, (int)stop_asked(stop, 1)));
	case SYS_faccessat:
	case SYS_faccessat2:
		return stop_give(stop, check_access(stop, node, (int)stop_asked(stop, 2)));
	case SYS_readlink:
	case SYS_readlinkat:
		return stop_give(stop, -EINVAL); /* no link */
	case SYS_truncate:
		if (is_folder)
			return stop_give(stop, -EISDIR);
		return stop_give(stop, fake_may_write(stop, node) ? 0 : -EACCES);
	case SYS_utime:
	case SYS_utimes:
	case SYS_utimensat:
	case SYS_futimesat:
		/* What procfs does with a time is nothing. */
		return stop_give(stop, fake_may_write(stop, node) ? 0 : -EACCES);
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_removexattr:
	case SYS_lremovexattr:
		return stop_give(stop, -EOPNOTSUPP);
	case SYS_listxattr:
	case SYS_llistxattr:
		return stop_give(stop, 0);
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_mknod:
	case SYS_mknodat:
	case SYS_symlink:
	case SYS_symlinkat:
		return stop_give(stop, -EEXIST);
	case SYS_link:
		return stop_give(stop, fake_arguments_link(stop, 1));
	case SYS_linkat:
		return stop_give(stop, fake_arguments_link(stop, 3));
	case SYS_rename:
		return stop_give(stop, fake_arguments_rename(stop, 0, 1));
	case SYS_renameat:
	case SYS_renameat2:
		return stop_give(stop, fake_arguments_rename(stop, 1, 3));
	case SYS_chdir:
		return is_folder ? enter_folder(stop, path) : stop_give(stop, -ENOTDIR);
	case SYS_execve:
	case SYS_execveat:
		return stop_give(stop, -EACCES);
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_rmdir:
		return stop_give(stop, -EACCES); /* sysctl folders are 0555 for root, too */
	case SYS_chown:
	case SYS_lchown:
		return change_owner(stop, 1);
	case SYS_fchownat:
		return change_owner(stop, 2);
	case SYS_chmod:
	case SYS_fchmodat:
		/* as procfs: nothing of it can be changed but its content */
		return stop_give(stop, -EPERM);
	default:
		return VERDICT_NEXT;
	}
}

/* --- folders ---------------------------------------------------------------------------------- */

bool fake_folder_is(struct stop *stop, const char *path)
{
	struct sysctl_viewer viewer;

	fake_viewer(stop, path, &viewer);
	struct sysctl_node node =
		fakeprocsys_lookup(stop_fakeprocsys(stop), fake_below_proc_sys(path), &viewer);
	fake_viewer_finish(&viewer);
	return node.kind == SYSCTL_FOLDER;
}

enum verdict fake_folder_open(struct stop *stop, const char *path, uint64_t flags)
{
	uint64_t address;

	if (!fake_is_missing(path))
		return VERDICT_NEXT;
	if (!(flags & O_PATH) && (flags & O_CREAT))
		return stop_give(stop, (flags & O_EXCL) ? -EEXIST : -EISDIR);
	if (open_call_changes(flags))
		return stop_give(stop, -EISDIR);
	if (!(flags & O_PATH) && (flags & O_DIRECT))
		return stop_give(stop, -EINVAL);

	int r = push_nearest(stop, path, &address);
	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : stop_give(stop, r);
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 0, (uint64_t)AT_FDCWD);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, (flags & ~(uint64_t)O_NOFOLLOW) | O_DIRECTORY);
	stop_send_arg(stop, 3, 0);
	stop_note(stop, "stands for %s", path);
	return VERDICT_WATCH;
}

enum exit_verdict fake_folder_opened(struct stop *stop, const char *path)
{
	if (fake_is_missing(path))
		stop_follow_folder(stop, (int)stop_sent_result(stop), path);
	return EXIT_DONE;
}

/* Records of getdents64(2) or getdents(2) for the entries of a folder, from the first that was not given yet. */
struct listing {
	const char *folder;
	size_t (*put)(char *data, size_t size, uint64_t inode, int64_t offset, uint8_t type,
		const char *name);
	bool all; /* the kernel has no such folder: its entries are all ours */
	unsigned
		before; /* entries given by earlier calls: with all, this is the descriptor's offset */
	unsigned skip; /* of these, those still to be passed over */
	unsigned n; /* entries given by this one */
	size_t used, size; /* of data */
	bool full;
	char data[4096];
};

static int list_one(const char *name, const struct sysctl_node *node, void *data)
{
	struct listing *listing = data;
	char path[MARKER_NAME_MAX + 1];

	if (snprintf(path, sizeof(path), "%s/%s", listing->folder, name) >= (int)sizeof(path))
		return 0;
	if (!listing->all && !fake_is_missing(path))
		return 0; /* the kernel's own listing has it */
	if (listing->skip > 0) {
		listing->skip--;
		return 0;
	}
	int64_t next = listing->all ? (int64_t)listing->before + listing->n + 1 : DIRENTS_NO_OFFSET;
	size_t length = listing->put(listing->data + listing->used, listing->size - listing->used,
		fake_inode(path), next, node->kind == SYSCTL_FOLDER ? DT_DIR : DT_REG, name);
	if (length == 0) {
		listing->full = true;
		return 1;
	}
	listing->used += length;
	listing->n++;
	return 0;
}

static enum exit_verdict list_folder(struct stop *stop, const char *path)
{
	int fd = (int)stop_asked(stop, 0);
	bool stands_for_another = fake_is_missing(path);
	struct sysctl_viewer viewer;
	struct listing listing = {
		.folder = path,
		.put = stop_syscall(stop) == SYS_getdents ? dirents_put_old : dirents_put,
		.all = stands_for_another,
		.size = MIN(stop_asked(stop, 2), sizeof(listing.data)),
	};
	static const struct sysctl_node folder = { .kind = SYSCTL_FOLDER };

	unsigned *given = stop_listing(stop, fd, path);
	if (!given)
		return EXIT_DONE;
	if (stop_result(stop) > 0 && !stands_for_another) {
		*given = 0; /* from the start again, or not at the end yet */
		return EXIT_DONE;
	}
	if (stop_result(stop) < 0)
		return EXIT_DONE;

	listing.before = listing.skip = *given;
	if (stands_for_another) {
		list_one(".", &folder, &listing);
		list_one("..", &folder, &listing);
	}
	fake_viewer(stop, path, &viewer);
	fakeprocsys_list(
		stop_fakeprocsys(stop), fake_below_proc_sys(path), &viewer, list_one, &listing);
	fake_viewer_finish(&viewer);
	if (listing.n == 0 && listing.full) {
		stop_set_result(stop, -EINVAL); /* the buffer is too small for one */
		return EXIT_DONE;
	}
	if (stop_write(stop, stop_asked(stop, 1), listing.data, listing.used)) {
		stop_set_result(stop, -EFAULT);
		return EXIT_DONE;
	}
	*given += listing.n;
	stop_set_result(stop, (int64_t)listing.used);
	return EXIT_DONE;
}

enum exit_verdict fake_path_exit(struct stop *stop, const char *path)
{
	if (stop_syscall(stop) == SYS_chdir && stop_result(stop) == 0)
		stop_follow_folder(stop, AT_FDCWD, path);
	/* Another thread may have made the descriptor one of another folder meanwhile. */
	return lists(stop) && fake_below_proc_sys(path) ? list_folder(stop, path) : EXIT_DONE;
}

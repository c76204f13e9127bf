/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tree.h"
#include "util.h"

struct folder {
	struct fakeprocsys *tree;
	const struct sysctl_viewer *viewer;
	const char *path; /* below /proc/sys */
	int fd;
};

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		length -= n;
	}
	return 0;
}

static int make_file(const struct folder *folder, const char *name, const char *path, mode_t mode)
{
	char content[SYSCTL_VALUE_MAX];
	ssize_t length = fakeprocsys_read(folder->tree, path, folder->viewer, content);
	cleanup_close int fd = -1;

	/* An older tree may have it read-only, or as a link that leads elsewhere. */
	if (unlinkat(folder->fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (length > 0) {
		int error = write_all(fd, content, length);

		if (error < 0)
			return error;
	}
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

static int make_child(const char *name, const struct sysctl_node *node, void *data);

static int make_folder(struct fakeprocsys *tree, const struct sysctl_viewer *viewer, int parent_fd,
	const char *name, const char *path, int open_flags)
{
	struct folder folder = { tree, viewer, path, -1 };
	cleanup_close int fd = -1;

	/* 0755 and not the kernel's 0555, so that its owner can remove it. */
	if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | open_flags);
	if (fd < 0)
		return -errno;
	folder.fd = fd;
	return fakeprocsys_list(tree, path, viewer, make_child, &folder);
}

static int make_child(const char *name, const struct sysctl_node *node, void *data)
{
	const struct folder *folder = data;
	char path[SYSCTL_PATH_MAX * 2];

	snprintf(path, sizeof(path), "%s%s%s", folder->path, folder->path[0] ? "/" : "", name);
	if (node->kind == SYSCTL_FOLDER)
		return make_folder(
			folder->tree, folder->viewer, folder->fd, name, path, O_NOFOLLOW);
	return make_file(folder, name, path, node->mode);
}

int fakeprocsys_make_tree(struct fakeprocsys *tree, const char *folder)
{
	cleanup_close int proc_fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sysctl_viewer viewer = tree_own_viewer(tree);

	viewer.proc_fd = proc_fd;
	return make_folder(tree, &viewer, AT_FDCWD, folder, "", 0);
}

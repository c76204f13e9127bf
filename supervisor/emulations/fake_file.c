/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>

#include "namespace_identity.h"

const char *fake_below_proc_sys(const char *path)
{
	static const char folder[] = "/proc/sys";
	size_t length = sizeof(folder) - 1;

	if (strncmp(path, folder, length) != 0 || (path[length] != '\0' && path[length] != '/'))
		return NULL;
	return path[length] == '/' ? path + length + 1 : path + length;
}

void fake_viewer(struct stop *stop, const char *path, struct sysctl_viewer *ret_viewer)
{
	const char *below = fake_below_proc_sys(path);

	*ret_viewer = (struct sysctl_viewer){ .proc_fd = -1 };
	if (!below)
		return;
	if (strstr(below, "/conf") || strstr(below, "/neigh"))
		ret_viewer->proc_fd = stop_open_proc(stop, "", O_PATH | O_DIRECTORY);
	struct sysctl_node node = fakeprocsys_lookup(stop_fakeprocsys(stop), below, ret_viewer);
	if (node.kind == SYSCTL_FILE)
		ret_viewer->namespaces[node.scope] = namespace_identity(stop_tid(stop), node.scope);
}

void fake_viewer_finish(struct sysctl_viewer *viewer)
{
	if (viewer->proc_fd >= 0)
		close(viewer->proc_fd);
	viewer->proc_fd = -1;
}

bool fake_file_is(struct stop *stop, int fd)
{
	char name[32], link[PATH_MAX];

	snprintf(name, sizeof(name), "fd/%d", fd);
	return stop_read_proc_link(stop, name, link, sizeof(link)) > 0 && marker_strip(link);
}

int fake_file_open(struct stop *stop, int fd)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	cleanup_close int opened = stop_open_proc(stop, name, O_RDWR | O_NONBLOCK | O_NOCTTY);
	if (opened < 0)
		/* Where gvtrace itself has no /proc, it is not known, and nothing can be written to it. */
		return opened == -ENOENT && access("/proc/self", F_OK) == 0 ? -EBADF : opened;
	/* Nothing but a memfd takes seals; another thread may have put any other file in its place. */
	int seals = fcntl(opened, F_GET_SEALS);
	return seals < 0 || (seals & F_SEAL_SEAL) ? -EBADF : steal_fd(&opened);
}

int fake_file_fill(struct stop *stop, int memfd, const char *path, bool empty, mode_t *ret_mode)
{
	struct fakeprocsys *tree = stop_fakeprocsys(stop);
	const char *below = fake_below_proc_sys(path);
	char content[SYSCTL_VALUE_MAX];
	struct sysctl_viewer viewer;

	fake_viewer(stop, path, &viewer);
	*ret_mode = fakeprocsys_lookup(tree, below, &viewer).mode;
	ssize_t length = empty ? 0 : fakeprocsys_read(tree, below, &viewer, content);
	fake_viewer_finish(&viewer);
	/* Another offset than the program's: its own stays where it is. */
	if (length > 0 && pwrite(memfd, content, (size_t)length, 0) != length)
		return -errno;
	return length < 0 ? (int)length : 0;
}

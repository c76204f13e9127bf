/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_file.h"

#include <fcntl.h>
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

int fake_file_fill(struct stop *stop, int fd, const char *path)
{
	char name[32], content[SYSCTL_VALUE_MAX];
	struct sysctl_viewer viewer;

	fake_viewer(stop, path, &viewer);
	ssize_t length = fakeprocsys_read(
		stop_fakeprocsys(stop), fake_below_proc_sys(path), &viewer, content);
	fake_viewer_finish(&viewer);
	if (length < 0)
		return (int)length;

	snprintf(name, sizeof(name), "fd/%d", fd);
	cleanup_close int memfd = stop_open_proc(stop, name, O_RDWR);
	if (memfd < 0)
		return memfd;
	/* Another offset than the program's: its own stays where it is. */
	if (ftruncate(memfd, 0) || pwrite(memfd, content, (size_t)length, 0) != length)
		return -errno;
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree against the kernel's own /proc/sys. Needs root on a Linux; what it writes, it writes in
 * namespaces of its own, except values that are there already.
 */
#ifndef GVTRACE_TEST_FAKEPROCSYS_LINUX_H
#define GVTRACE_TEST_FAKEPROCSYS_LINUX_H

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "catalogue.h"
#include "fakeprocsys.h"
#include "tree.h"
#include "util.h"

static struct fakeprocsys *tree;
static struct sysctl_viewer viewer;
static const char *skip_reason;
static bool in_own_namespaces;

static inline bool in_first_user_namespace(void)
{
	FILE *file = fopen("/proc/self/uid_map", "r");
	unsigned inside = 1, outside = 1, count = 0;

	if (!file)
		return false;
	if (fscanf(file, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	fclose(file);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

static inline int start(void **state)
{
	struct statvfs file_system;

	tree = fakeprocsys_create();
	viewer = (struct sysctl_viewer){ .proc_fd = open("/proc/self", O_RDONLY | O_DIRECTORY) };
	memcpy(viewer.namespaces, tree->own, sizeof(viewer.namespaces));
	if (geteuid() != 0)
		skip_reason = "not root";
	else if (!in_first_user_namespace())
		skip_reason = "not in the first user namespace";
	else if (statvfs("/proc/sys", &file_system) < 0 || file_system.f_flag & ST_RDONLY)
		skip_reason = "/proc/sys is read-only";
	return tree && viewer.proc_fd >= 0 ? 0 : -1;
}

static inline int end(void **state)
{
	close(viewer.proc_fd);
	fakeprocsys_destroy(tree);
	return 0;
}

static inline void skip_unless_possible(void)
{
	if (!skip_reason)
		return;
	print_message("SKIP: %s\n", skip_reason);
	skip();
}

/* From here on in namespaces of this test: no other test may need the first ones after this. */
static inline void enter_own_namespaces(void)
{
	skip_unless_possible();
	if (!in_own_namespaces && unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS) < 0)
		skip_reason = "may not make namespaces";
	skip_unless_possible();
	in_own_namespaces = true;
}

static inline const char *kernel_path(const char *path)
{
	static char full[SYSCTL_PATH_MAX + 16];

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	return full;
}

/* The text with its newline, or "" */
static inline void kernel_read(const char *path, char text[SYSCTL_VALUE_MAX])
{
	int fd = open(kernel_path(path), O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, text, SYSCTL_VALUE_MAX - 1);

	text[length < 0 ? 0 : length] = '\0';
	if (fd >= 0)
		close(fd);
}

/* The bytes taken, or -errno; the descriptor's offset before and after. */
static inline ssize_t kernel_write_on(
	const char *path, off_t *offset, const char *data, size_t length)
{
	int fd = open(kernel_path(path), O_WRONLY | O_TRUNC);
	ssize_t n = fd < 0 || lseek(fd, *offset, SEEK_SET) < 0 ? -1 : write(fd, data, length);

	n = n < 0 ? -errno : n;
	if (fd >= 0) {
		*offset = lseek(fd, 0, SEEK_CUR);
		close(fd);
	}
	return n;
}

static inline ssize_t kernel_write(const char *path, const char *data, size_t length)
{
	return kernel_write_on(path, &(off_t){ 0 }, data, length);
}

#endif

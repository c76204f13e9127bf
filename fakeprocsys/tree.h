/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share of a tree; not for others. */
#ifndef GVTRACE_FAKEPROCSYS_TREE_H
#define GVTRACE_FAKEPROCSYS_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalogue.h"
#include "fakeprocsys.h"
#include "store.h"

enum { UUID_LENGTH = 36 };

struct fakeprocsys {
	struct store *values; /* written, by namespace */
	struct store *first; /* set by fakeprocsys_set_first, all under SCOPE_SYSTEM, 0 */
	uint64_t own[N_SCOPES]; /* this process's namespaces, 0: no such link */
	char boot_id[UUID_LENGTH + 1];
	unsigned char *kernel_files
		[2]; /* by entry: 1 + enum kernel_file, 0: not asked yet; [1]: for writing */
};

/* One file of the tree, as one viewer sees it. */
struct place {
	const struct entry *entry;
	char path[SYSCTL_PATH_MAX]; /* whose value it is, after aliases */
	char default_path
		[SYSCTL_PATH_MAX]; /* the interface "default"'s, that it follows; "" if none */
	uint64_t identity;
};

/* Does not look whether the interface exists. tree may be NULL. 0 or -ENOENT. */
int place_find(struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer,
	struct place *ret_place);

/* The viewer of a process that is in the namespaces of this one; proc_fd is -1. */
struct sysctl_viewer tree_own_viewer(const struct fakeprocsys *tree);

bool place_changed(const struct fakeprocsys *tree, const struct place *place);

/* The value without its newline. path as asked for. */
void place_value(struct fakeprocsys *tree, const struct place *place, const char *path,
	char ret_value[SYSCTL_VALUE_MAX]);

/* The kernel's own file: its length without the last newline, or -errno. */
ssize_t kernel_file_read(const char *path, char ret_value[SYSCTL_VALUE_MAX]);

#endif

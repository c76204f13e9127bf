/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of control groups that Linux has and another kernel may lack, and for each the file that a group has
 * beside it: where that is, the controller is there, and what the missing one reads can be told from it.
 */
#ifndef GVTRACE_CGROUP_FILES_H
#define GVTRACE_CGROUP_FILES_H

#include <stddef.h>

struct cgroup_file {
	const char *name, *beside;
	int version; /* of control groups: 1 or 2 */
};

/* All of them, ended by a NULL name. A name that both versions have stands there twice. */
extern const struct cgroup_file cgroup_files[];

/* The first one of that name after `after` (NULL: from the start), or NULL. */
const struct cgroup_file *cgroup_file_find(const char *name, const struct cgroup_file *after);

#endif

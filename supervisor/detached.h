/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Procfs mounts that are nowhere in the tree: fsmount(2) makes such of all of /proc, and open_tree(2) with OPEN_TREE_CLONE
 * of any folder or file of it. The links of their descriptors say "/" for what the mount begins with, and no more
 * (Linux 6.18, gVisor 2026). So what a clone is of is remembered when it is made, by the mount's number (statx(2),
 * STATX_MNT_ID), which goes with its descriptors wherever they go: dup, fork, exec, another process.
 */
#ifndef GVTRACE_DETACHED_H
#define GVTRACE_DETACHED_H

#include "stop.h"

/* Whether the call just begun may make such a clone, so that its exit has to be seen; and that exit. */
bool detached_enter(struct stop *stop);
void detached_exit(struct stop *stop);

/* Descriptor fd of the program is one, of what path names without links. */
void detached_made(struct stop *stop, int fd, const char *path);

/* Whether any is remembered. */
bool detached_are_known(void);

/*
 * The path in /proc that is meant by a path which the kernel has shown, or is made of what it has shown, if the mount that
 * /proc/TID/NAME is on is a procfs that is nowhere. Asks whether the former is in a rule's path before it asks the
 * kernel for the type, and says no otherwise; rule may be NULL. ret_path has PATH_MAX bytes, and may be path.
 */
bool detached_path(struct stop *stop, const char *name, const char *path, const struct rule *rule,
	char *ret_path);

#endif

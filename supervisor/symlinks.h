/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbolic links on the way to a file, in the root that the program has. */
#ifndef GVTRACE_SYMLINKS_H
#define GVTRACE_SYMLINKS_H

#include "stop.h"

/*
 * Follows every link in path but the last name's, as path_resolution(7). Below /proc nothing is followed but what
 * magic_links.h knows: its links depend on who asks. Names that do not exist are kept as they are,
 * but not before a "..". path is absolute; ret_path has
 * PATH_MAX bytes. Below the path of a rule that leads it elsewhere, that place is looked at; ret_path stays as the program puts it,
 * but for where a link in there leads out of it. 0, -ELOOP, -ENOTDIR or -ENAMETOOLONG.
 */
int symlinks_follow(
	struct stop *stop, const char *path, char *ret_path, struct stop_way *ret_way) MUST_CHECK;

/*
 * Whether the folder that path is in, with the links on the way followed, is in a procfs: 1; 0: no; less: it may be. Three system
 * calls at most, where symlinks_follow() has one for each name. path is absolute.
 */
int symlinks_lead_to_proc(struct stop *stop, const char *path);

#endif

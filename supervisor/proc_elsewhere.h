/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A procfs that is mounted at another place than /proc, as on the root folder that a container is to have, or on /host/proc in a
 * pod that looks at its node. Rules name the files of it by their path in /proc. (One that is mounted nowhere: detached.h.)
 */
#ifndef GVTRACE_PROC_ELSEWHERE_H
#define GVTRACE_PROC_ELSEWHERE_H

#include "stop.h"

/*
 * The path in /proc that is meant by path, which is absolute, without links, and not below /proc, if that is in the rule's.
 * is_procfs: the folder that path is in is known to be in a procfs. If not, mounts are looked at only where path ends like one of the
 * rule's: what is missing in a part of /proc that is mounted elsewhere is not found. ret_path has PATH_MAX bytes, and may be path.
 */
bool proc_elsewhere_path(struct stop *stop, const char *path, bool is_procfs,
	const struct rule *rule, char *ret_path);

/* The same for a descriptor, /proc/TID/NAME, that the kernel shows as path. What a part of /proc begins with is not found. */
bool proc_elsewhere_fd_path(struct stop *stop, const char *name, const char *path,
	const struct rule *rule, char *ret_path);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts that the program sees: /proc/TID/mountinfo, as it is now. */
#ifndef GVTRACE_MOUNTS_H
#define GVTRACE_MOUNTS_H

#include "emulation.h"

/* The number of the mount that a path is on; 0 if that cannot be told. */
int mounts_id_of(struct stop *stop, const char *path);

/* Whether both paths are on one mount; true if that cannot be told. */
bool mounts_are_one(struct stop *stop, const char *a, const char *b);

/* Whether the path, with no links in it, is a mount point: 1, 0, or -1 if that cannot be told. */
int mounts_is_point(struct stop *stop, const char *path);

/* What is at a path, a link itself, to be asked which kind of file it is: a descriptor (O_PATH) that the caller closes, or -errno. */
int mounts_open(struct stop *stop, const char *path) MUST_CHECK;

/* The mount point number index of those below base, which itself does not count. ret_path has PATH_MAX bytes. */
bool mounts_below(struct stop *stop, const char *base, unsigned index, char *ret_path);

/*
 * Where in /proc a path is that is below a procfs mounted elsewhere, or a part of one: "/x/proc/sys" is "/proc/sys" if one is on
 * /x/proc. False: it is in none, or that cannot be told. ret_path has PATH_MAX bytes.
 */
bool mounts_path_in_proc(struct stop *stop, const char *path, char *ret_path);

/* Whether a descriptor is of a mount that has no place yet, as open_tree(2) and fsmount(2) make: it is none of those
 * that the program sees, and so its link says "/". false if that cannot be told. */
bool mounts_is_nowhere(struct stop *stop, int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where control groups are mounted, by the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). A mount begins at a group, its
 * root; programs find a process's group below the mount by taking the root off what /proc/PID/cgroup says.
 */
#ifndef GVTRACE_CGROUP_MOUNTS_H
#define GVTRACE_CGROUP_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a line is of a mount of control groups, of either version; and its root, which no NUL ends. */
bool cgroup_mounts_root(const char *line, const char **ret_root, size_t *ret_length);

/* Whether a group is another one, whose path is outer, or below it. group need not end in NUL. */
bool cgroup_mounts_is_below(const char *group, size_t length, const char *outer);

/* Whether one of the mounts shows groups that are not below outer. */
bool cgroup_mounts_show_more(const char *mountinfo, const char *outer);

/*
 * The one group that all mounts begin at, if that is not "/". False: there is none, or there are several, or its name has
 * characters that mountinfo escapes, or it does not fit.
 */
bool cgroup_mounts_begin(const char *mountinfo, char *ret_group, size_t size);

#endif

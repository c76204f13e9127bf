/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stat(2) and its kin of an edited file (edited_file.h). By name the kernel's own file answers. Of a descriptor, which is
 * a memfd's, the same is said: the kernel is asked by the name, so that who compares the two, as cp does, finds one file.
 */
#ifndef GVTRACE_EDITED_FILE_STAT_H
#define GVTRACE_EDITED_FILE_STAT_H

#include "emulation.h"

/* For default_syscalls. fstat, and newfstatat of a descriptor, stop only in a thread that has asked by name (looked_at). */
#define EDITED_FILE_STAT_SYSCALLS "stat,lstat,newfstatat,fstat,statx"

/* on_enter of such a call (fake_stat_is()) whose path, or that of its descriptor, is path; and on_exit of the same. */
enum verdict edited_file_stat_enter(struct stop *stop, const char *path);
enum exit_verdict edited_file_stat_exit(struct stop *stop);

#endif

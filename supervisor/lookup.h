/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looks at file systems that tracees have mounted. Some are served by a process (FUSE) or another machine (NFS), which may
 * never answer; who asks then waits for ever. The supervisor itself asks none of them: it takes what the kernel knows already
 * (openat2(2), RESOLVE_CACHED), and has everything else done by a helper, for 100 ms at most. A file system that has
 * kept it waiting so long in all is not asked for the next ten seconds.
 *
 * Where the kernel has no RESOLVE_CACHED (before Linux 5.12; gVisor, 2022 to 2026) everything is asked directly, until a
 * tracee mounts FUSE, which in gVisor can be done, too: from then on the helper is asked for everything.
 *
 * All of them fail with -ETIMEDOUT where there was no answer: the program's own call will have to wait for it likewise.
 */
#ifndef GVTRACE_LOOKUP_H
#define GVTRACE_LOOKUP_H

#include "emulation.h"
#include <stdbool.h>

/* In the supervisor, before the first stop. */
void lookup_init(void);

/* Whether not everything is asked directly. */
bool lookup_is_careful(void);

/* There may be file systems of this type from now on, as mount(2) names it. */
void lookup_note_type(const char *type);

/* A call as it begins: of those that mount or make an userfaultfd(2), all are to be seen. */
void lookup_notice(struct stop *stop);

/* The flags for an open of what the functions below are then to read: O_PATH where they are careful. */
int lookup_flags(int flags);

/* Opens what path names within the folder root; links are relative to root, but not where this is not careful. flags with O_PATH.
 * A descriptor with O_CLOEXEC, the caller's, or -errno. */
int lookup_open(int root, const char *path, int flags) MUST_CHECK;

/* What a symbolic link says that path names within the folder root. Its length (cut at size - 1), -EINVAL if it is none, or -errno. */
ssize_t lookup_link(int root, const char *path, char *ret_text, size_t size) MUST_CHECK;

/* Opens anew, with flags, what is open with O_PATH, if that is a file of procfs or a memfd: both answer. Else -EPERM. */
int lookup_reopen(int place, int flags) MUST_CHECK;

/* See stop_statfs() and stop_device(). */
int lookup_statfs(int place, struct statfs *ret_fs) MUST_CHECK;
dev_t lookup_device(int place);

/* Of that, the type; a mount is asked for it once. 0 or -errno. */
int lookup_type(int place, int64_t *ret_type) MUST_CHECK;

/* See stop_read_file() and stop_first_name(); place was opened with lookup_flags(). */
enum { LOOKUP_TEXT_BYTES = 4096 };
ssize_t lookup_read(int place, char *ret_text, size_t size) MUST_CHECK;
int lookup_first_name(int place, char *ret_name, bool *ret_is_file, int64_t *ret_type) MUST_CHECK;

/* No tracee is left: no helper is needed. */
void lookup_end(void);

#endif

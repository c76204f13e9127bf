/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of the open family, whichever it is, for emulations that hand out files of their own. */
#ifndef GVTRACE_OPEN_CALL_H
#define GVTRACE_OPEN_CALL_H

#include "emulation.h"

/* The flags of the open of path; 0, -errno if the call is to fail at once, or 1 for another call. */
int open_call_flags(struct stop *stop, const char *path, uint64_t *ret_flags);

struct open_how;
/* openat2(2), asked with how, becomes openat(2) of the same; how->resolve is left to the caller, but for RESOLVE_IN_ROOT's "/". */
void open_call_to_openat(struct stop *stop, const struct open_how *how);

/* Whether an open with these flags gives a descriptor that can be written to. */
bool open_call_writes(uint64_t flags);
/* Whether it needs the permission to write, as O_TRUNC does by itself. */
bool open_call_changes(uint64_t flags);

/* What the kernel decides by the flags for a regular file of procfs that is there: 0 or -errno. */
int open_call_check(uint64_t flags, bool may_read, bool may_write);

/*
 * The call becomes memfd_create(2), with path as the memfd's name (marker.h). with_area: memory of ours is to
 * be there for on_exit, too. VERDICT_WATCH, VERDICT_AGAIN, or VERDICT_DONE with an error.
 */
enum verdict open_call_to_memfd(
	struct stop *stop, const char *path, uint64_t flags, bool with_area);
/* The same, with the name always in memory of ours; for rules without a path. */
enum verdict open_call_to_memfd_named(struct stop *stop, const char *path, uint64_t flags);
/* The same, with the text of the argument as the name, which is the whole path: VERDICT_WATCH. */
enum verdict open_call_to_memfd_asked(struct stop *stop, int arg, uint64_t flags);

/*
 * on_exit: the descriptor fd could not get its content and is closed; the open is to give the error. At the next on_exit (stop_step() is
 * not 0) that is stop_kept(). EXIT_RUN.
 */
enum exit_verdict open_call_take_back(struct stop *stop, int64_t fd, int error);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a call on a followed descriptor does. Of a fake file: what the calls of /proc/sys do, whose file is a memfd here
 * (fs/proc/proc_sysctl.c and kernel/sysctl.c, Linux 6.18). It is read as it is now, and a write sets a value, or
 * adds to it, by the offset that it is made at. Of an outsider's own /proc: a write is made there.
 */
#ifndef GVTRACE_FOLLOW_CALL_H
#define GVTRACE_FOLLOW_CALL_H

#include "call.h"
#include "stop.h"

/*
 * named: what the call's descriptor is. Returns state, or what must become of the call: watched, or skipped with the result set.
 * With stop->detour set, the thread is asked for the descriptor's offset first, and the call is made again.
 */
enum call_state follow_call_enter(
	struct stop *stop, const struct named_fd *named, enum call_state state);
void follow_call_exit(struct stop *stop, const struct named_fd *named);

/* The argument that is the descriptor of a call on an open file; any other's is of no use. */
int follow_call_fd(const struct stop *stop);

#endif

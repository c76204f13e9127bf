/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The strict mode of seccomp(2), in which a thread may read, write, end, and come back from a signal's handler. The kernel refuses it
 * (EINVAL) to who has a filter, as all have that we trace by one. A filter that says the same is loaded in its place. What is not the same:
 * what is killed dies by SIGSYS, not by SIGKILL; "Seccomp:" of /proc/PID/status is 2; rdtsc works; and without CAP_SYS_ADMIN and
 * no_new_privs it fails (EACCES).
 */
#ifndef GVTRACE_STRICT_MODE_H
#define GVTRACE_STRICT_MODE_H

#include "stop.h"

/* Whether the call that begins is to set that mode. */
bool strict_mode_is_asked(const struct stop *stop);

/* Makes it one that loads the filter. 0, or what stop_push() says. */
int strict_mode_send(struct stop *stop) MUST_CHECK;

#endif

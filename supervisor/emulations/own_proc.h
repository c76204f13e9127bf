/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /proc/self and /proc/thread-self for an outsider (see outsiders.h): a process that a container's /proc has no
 * entry for. What it asks of itself is looked up in our own /proc, which has one, and answered as the
 * container would put it; of our /proc it never gets a descriptor. Its number is the one that getpid(2) gives.
 */
#ifndef GVTRACE_OWN_PROC_H
#define GVTRACE_OWN_PROC_H

#include "emulation.h"

/* What the call does. Of outsiders only. */
enum verdict own_proc_enter(struct stop *stop);
enum exit_verdict own_proc_exit(struct stop *stop);

/* The calls that own_proc_enter is for, besides those by path. */
bool own_proc_is_late(long nr);

/* A link that the kernel lacks may be one that another rule stands in for: /proc/PID/ns/cgroup. */
bool own_proc_is_left(const char *path);

/* What the call does at path in place of its own. False: it is none of this. */
bool own_proc_enter_at(struct stop *stop, const char *path, enum verdict *ret_verdict);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of /proc/PID/status, proc_pid_status(5). */
#ifndef GVTRACE_PROC_STATUS_H
#define GVTRACE_PROC_STATUS_H

#include <sys/types.h>

/*
 * What is behind "NAME:" in such a text, or NULL. The last such line counts: gVisor (2022 to 2026) gives a thread's name in
 * the first one as it is, and there may be lines in it, such as "Uid:" with a 0.
 */
const char *proc_status_find(const char *text, const char *name);

/* The first number behind "NAME:", such as "Tgid" or "PPid"; -1 when the process is gone or has no such line. */
long proc_status_number(pid_t pid, const char *name);
/* The last one of that line, such as that of "NSpid": the number in the process's own namespace. */
long proc_status_last_number(pid_t pid, const char *name);

#endif

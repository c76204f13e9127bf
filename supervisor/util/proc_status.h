/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of /proc/PID/status, proc_pid_status(5). */
#ifndef GVTRACE_PROC_STATUS_H
#define GVTRACE_PROC_STATUS_H

#include <sys/types.h>

/* The first number behind "NAME:", such as "Tgid" or "PPid"; -1 when the process is gone or has no such line. */
long proc_status_number(pid_t pid, const char *name);

#endif

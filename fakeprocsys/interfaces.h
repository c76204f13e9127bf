/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The network interfaces of a process's network namespace. They are asked there, by setns(2), because gVisor (2024,
 * 2026) shows in /proc/PID/net what was the process's namespace when somebody first looked, whatever it has
 * joined since; where that cannot be done, from /proc/PID/net/dev.
 */
#ifndef GVTRACE_FAKEPROCSYS_INTERFACES_H
#define GVTRACE_FAKEPROCSYS_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

/* Their names, in lines as net/dev below proc_fd has them; on the heap, the caller's. NULL if it cannot be had. */
char *interfaces_read(int proc_fd);

/* Each name in such a text: start with *at = text; NULL after the last. Not NUL-terminated. */
const char *interfaces_next(const char **at, size_t *ret_length);

bool interfaces_has(const char *text, const char *name, size_t length);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network interfaces of a process's network namespace, asked from /proc/PID/net/dev. */
#ifndef GVTRACE_FAKEPROCSYS_INTERFACES_H
#define GVTRACE_FAKEPROCSYS_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>

/* The text of net/dev below proc_fd; on the heap, the caller's. NULL if it cannot be had. */
char *interfaces_read(int proc_fd);

/* Each name in such a text: start with *at = text; NULL after the last. Not NUL-terminated. */
const char *interfaces_next(const char **at, size_t *ret_length);

bool interfaces_has(const char *text, const char *name, size_t length);

#endif

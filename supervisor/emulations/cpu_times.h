/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of /proc/stat where the kernel does not count processors' time. */
#ifndef GVTRACE_CPU_TIMES_H
#define GVTRACE_CPU_TIMES_H

#include <stddef.h>

/*
 * Text of /proc/stat in which each cpu line has the uptime, in seconds, as idle time; the caller's to free, with
 * *ret_length. NULL: the kernel counts (the first line is not all zero), it is no such text, or no memory.
 */
char *cpu_times_edit(const char *text, double uptime, size_t *ret_length);

#endif

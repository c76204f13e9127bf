/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fake file is a memfd of the program, and its name says which file it stands for: /proc/TID/fd/N of it
 * reads "/memfd:/proc/sys/kernel/panic (deleted)". So it is recognised wherever the descriptor went: to a
 * child, through dup(2), in another process.
 */
#ifndef GVTRACE_MARKER_H
#define GVTRACE_MARKER_H

#include <stdbool.h>
#include <string.h>

#define MARKER_PREFIX "/memfd:"
#define MARKER_SUFFIX " (deleted)"
/* memfd_create(2): a name has at most 249 bytes. */
enum { MARKER_NAME_MAX = 249 };

/* If link is that of a fake file: leaves the path that it stands for, and returns true. */
static inline bool marker_strip(char *link)
{
	size_t prefix = strlen(MARKER_PREFIX), length = strlen(link),
	       suffix = strlen(MARKER_SUFFIX);

	if (strncmp(link, MARKER_PREFIX "/", prefix + 1) != 0)
		return false;
	if (length > prefix + suffix && strcmp(link + length - suffix, MARKER_SUFFIX) == 0)
		length -= suffix;
	memmove(link, link + prefix, length - prefix);
	link[length - prefix] = '\0';
	return true;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where finished calls are told. One file per sink; a sink writes each event at once and in one piece. */
#ifndef GVTRACE_SINK_H
#define GVTRACE_SINK_H

#include "event.h"

struct sink;

struct sink_type {
	const char *name; /* the word after --log-format */
	/* fd stays the caller's. NULL: no memory. */
	struct sink *(*create)(int fd);
	void (*event)(struct sink *sink, const struct log_event *event);
	/* A remark of gvtrace's own, such as that calls of 32-bit programs pass through. */
	void (*remark)(struct sink *sink, pid_t tid, const char *text);
	/*
	 * -errno of the first write that failed, once, for the caller to report; 0 before and ever after.
	 * A sink goes on trying: a full disk may get room again.
	 */
	int (*take_error)(struct sink *sink);
	void (*destroy)(struct sink *sink); /* accepts NULL */
};

extern const struct sink_type sink_text;

/* The event as one line without newline and stack, as sink_text writes it (docs/log.md), cut at
 * size - 1 bytes. size is at least 1. Returns the length of what stands in ret_line. */
int log_format_line(const struct log_event *event, char *ret_line, int size);

/* "ENOENT" for 2, "E?" with the number for what has no name; in memory of the thread's that the
 * next call may overwrite. */
const char *log_errno_name(int error);

#endif

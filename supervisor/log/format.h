/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to log/: text put together piece by piece in the caller's memory, cut where that ends. */
#ifndef GVTRACE_FORMAT_H
#define GVTRACE_FORMAT_H

#include "util.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORMAT_LINE_SIZE = 64 * 1024 /* any call, its paths as asked and sent, and a stack */ };

struct line {
	char *text; /* always terminated */
	int size; /* bytes, with the terminator; at least 1 */
	int length;
};

void line_add(struct line *line, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Text that is not ours, at most `most` bytes of it. Whatever could end the line or move a terminal's
 * cursor (bytes outside ' ' to '~') and the backslash is written as strace does: \n, \t, \33. So is
 * each byte of `also`.
 */
void line_add_escaped(struct line *line, const char *text, size_t most, const char *also);

/* The same for all of length bytes, NULs included. */
void line_add_data(struct line *line, const char *data, size_t length, const char *also);

/* In quotes, at most `most` bytes as written between them, so that no text can push the result out of its line: then `...`
 * follows. Whether it is there whole. */
bool line_add_quoted(struct line *line, const char *text, int most);

/* HH:MM:SS.micro in local time. */
void line_add_time(struct line *line, uint64_t realtime_ns);

#endif

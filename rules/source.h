/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the text of rule files comes from: files, pipes, and the profiles built in. */
#ifndef GVTRACE_SOURCE_H
#define GVTRACE_SOURCE_H

#include "rules.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { SOURCE_MAX = 1 << 20 /* bytes of a rule file */ };

#define SOURCE_BUILT_IN "<built-in>/" /* before a profile's file name, in messages */

struct source {
	char *text; /* owned; ends in a newline unless empty, then in NUL */
	size_t length;
	bool regular; /* device and inode tell whether it is the same file */
	dev_t device;
	ino_t inode;
};

/*
 * Reads a regular file or a pipe. While we are root, the file must be root's, and nobody else's to write.
 * Returns 0, or -errno with *error (file as its place); *ret_source is the caller's to finish if 0.
 */
int source_read(struct source *ret_source, const char *file, struct rule_error *error);
void source_finish(struct source *source);

/* The profile of that name, or of that name with ".ini" behind it; NULL. */
const struct profile *source_profile(const char *name);

/* The text that file's name in a message stands for, to show a line of it; never waits for a pipe.
 * *ret_text is the caller's to free. Returns 0 or -errno. */
int source_read_again(const char *file, char **ret_text, size_t *ret_length);

#endif

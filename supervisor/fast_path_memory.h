/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of a stopped thread that it may execute, and not write: by tracee_mem_poke(). */
#ifndef GVTRACE_FAST_PATH_MEMORY_H
#define GVTRACE_FAST_PATH_MEMORY_H

#include "stop.h"

/*
 * Replaces an instruction, of at most 8 bytes, that other threads may be about to execute: its first byte is a trap until the
 * others are there, since a word is not written at once. 0 or -errno.
 */
int fast_path_replace(pid_t tid, uint64_t address, const uint8_t *bytes, size_t length) MUST_CHECK;

/* Where a thread has met that trap: another one's fork meanwhile gave the trap to a child. 0, -ENOENT: it is no such trap, or -errno. */
int fast_path_replace_in_child(pid_t tid, uint64_t address) MUST_CHECK;

/* A mapping of a program's file, which nobody else sees changes of. */
struct fast_path_text {
	uint64_t start, end;
	uint64_t
		gap; /* memory for a region below the file, near enough for a jump; 0: there is none */
};
/* The one that is executed where ip is. 0, or -ENOENT: it is another kind of memory. */
int fast_path_find_text(struct stop *stop, uint64_t ip, struct fast_path_text *ret_text) MUST_CHECK;

#endif

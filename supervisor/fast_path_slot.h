/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The slots of the gate, where a call of the fast path is made that need not stop. Most go back behind the program's own system
 * call instruction whatever comes of the call. Those of two kinds look at its result, and where that tells nothing they have the
 * program's own instruction make the same call anew, which then stops:
 * - an openat with O_DIRECTORY of a folder that is not there, which a rule may show;
 * - a readlinkat of a descriptor's link that leads nowhere, or to what begins with /m or /p: the memfd of a file that a rule has
 *   made (marker.h), or something in /proc.
 */
#ifndef GVTRACE_FAST_PATH_SLOT_H
#define GVTRACE_FAST_PATH_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fast_path_slot {
	uint8_t code[48];
	uint64_t back; /* behind the program's system call instruction */
	uint64_t call; /* that instruction */
};

/* Where in a slot its call returns to. */
enum { FAST_PATH_SLOT_RETURN = 7 };

/* The slot of a call of the program's instruction at call. */
void fast_path_make_slot(long nr, uint64_t call, struct fast_path_slot *ret_slot);
/* The same where the result tells: nr is openat or readlinkat. */
void fast_path_make_result_slot(long nr, uint64_t call, struct fast_path_slot *ret_slot);

/* Whether this is one. */
bool fast_path_is_slot(const struct fast_path_slot *slot);

/* What becomes of a thread that was at this place of a slot, with this in the register of results. */
enum fast_path_way {
	FAST_PATH_WAY_CALL, /* it is to make its call */
	FAST_PATH_WAY_ANEW, /* the same, with the call's number in that register */
	FAST_PATH_WAY_BACK, /* it has made it */
};
enum fast_path_way fast_path_way(
	const struct fast_path_slot *slot, size_t offset, int64_t result, long *ret_nr);

#endif

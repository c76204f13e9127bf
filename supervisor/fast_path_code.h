/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine code of the fast path, and how a system call instruction is led to it. Only fast_path_*_<arch>.c
 * know instructions.
 *
 * A place of a program is an instruction right before its system call instruction. That one instruction is replaced
 * by a jump to a cell, which does what the replaced one did and looks at the path: if it cannot match, the call is made
 * in a slot of the gate, from where the filter lets it pass, and else by the program's own instruction, which stops as
 * before. The system call instruction stays, so that threads which wait in it return as they would have.
 */
#ifndef GVTRACE_FAST_PATH_CODE_H
#define GVTRACE_FAST_PATH_CODE_H

#include "fast_path_check.h"
#include "fast_path_slot.h"
#include "regs.h"
#include <stddef.h>

enum {
	FAST_PATH_BEFORE =
		16, /* bytes of a program before the end of the system call instruction */
	FAST_PATH_BEHIND = 112, /* and behind it, that are looked at */
	FAST_PATH_CALL_BYTES = 2, /* the system call instruction */

	/*
	 * The gate is a page at this address in each process that has a fast path, below what programs are linked to, above
	 * mmap_min_addr: slots. Behind them are the names that the slow way is for, as in fast_path_check, in the rest of that page and the
	 * next one. Then there is a first region.
	 */
	FAST_PATH_GATE = 0x1f0000,
	FAST_PATH_GATE_BYTES = 4096,
	FAST_PATH_SLOT_BYTES = sizeof(struct fast_path_slot),
	FAST_PATH_SLOTS = (FAST_PATH_GATE_BYTES - FAST_PATH_FOLDER_BITS / 8) / FAST_PATH_SLOT_BYTES,
	FAST_PATH_NAMES = FAST_PATH_GATE + FAST_PATH_SLOTS * FAST_PATH_SLOT_BYTES,

	/* Memory near a place: fast_path_magic, and cells. Its address is a multiple of its size. */
	FAST_PATH_REGION_BYTES = 16384,
	FAST_PATH_CELL_BYTES = 2048,
	FAST_PATH_CELLS = FAST_PATH_REGION_BYTES / FAST_PATH_CELL_BYTES - 1,
	FAST_PATH_FIRST_REGION = FAST_PATH_GATE + FAST_PATH_REGION_BYTES,
	FAST_PATH_GATE_AND_REGION_BYTES = 2 * FAST_PATH_REGION_BYTES,
};

_Static_assert(FAST_PATH_NAMES + sizeof(struct fast_path_names) <= FAST_PATH_FIRST_REGION,
	"no room for names");

extern const char fast_path_magic[16];

/* A cell of a region, from the second FAST_PATH_CELL_BYTES on. */
struct fast_path_cell {
	uint64_t place,
		call; /* the replaced instruction, and the program's system call instruction */
	uint8_t code[FAST_PATH_CELL_BYTES - 16];
};

struct fast_path_place {
	uint64_t address, call;
	size_t length; /* of all that is replaced */
	bool is_go; /* Syscall6 of Go 1.19 and later: makes any call */
	bool forgets_args; /* is_go, and its arguments are seen to be needed no more */
	long nr; /* the only one otherwise */
	uint64_t padding; /* is_go: where there is room for a jump */
};

/* Whether this machine can run it. */
bool fast_path_code_is_possible(void);

/*
 * bytes: FAST_PATH_BEFORE before ip, where the system call instruction of the call nr ends, and FAST_PATH_BEHIND from it on. False:
 * this place is none that is known.
 */
bool fast_path_find_place(
	const uint8_t *bytes, uint64_t ip, long nr, struct fast_path_place *ret_place);

/* Slots of the gate for the place; ret_slots has room for FAST_PATH_PLACE_SLOTS. How many it needs. */
enum { FAST_PATH_PLACE_SLOTS = FAST_PATH_CALLS + 2 };
size_t fast_path_make_slots(const struct fast_path_place *place,
	const struct fast_path_check *check, struct fast_path_slot *ret_slots);

/* The cell at address, whose calls use the gate's slots from first_slot on. Its length; 0: no room. */
size_t fast_path_make_cell(const struct fast_path_place *place, const struct fast_path_check *check,
	uint64_t address, size_t first_slot, struct fast_path_cell *ret_cell);

/* What is written to the place (place->length bytes), and for Go to its padding, to lead to the cell at address. False: it is too far. */
enum { FAST_PATH_JUMP_BYTES = 8, FAST_PATH_PADDING_BYTES = 5 };
bool fast_path_make_jump(const struct fast_path_place *place, uint64_t address,
	uint8_t ret_bytes[FAST_PATH_JUMP_BYTES], uint8_t ret_padding[FAST_PATH_JUMP_BYTES]);
/* Whether this is how such a jump begins. */
bool fast_path_is_jump(uint8_t byte);
/* Where the long jump at an address leads. False: it is none. */
bool fast_path_jump_target(
	const uint8_t bytes[FAST_PATH_PADDING_BYTES], uint64_t address, uint64_t *ret_target);
enum { FAST_PATH_TRAP = 0xcc /* int3, one byte */ };

#endif

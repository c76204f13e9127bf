/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine code of the fast path, and how a system call instruction is led to it. Only fast_path_code_<arch>.c knows
 * instructions.
 *
 * A place of a program is an instruction right before its system call instruction. That one instruction is replaced
 * by a jump to a ramp, which does what the replaced one did, and leads to a cell, which looks at the path: if it cannot match, the
 * call is made in a slot of the gate, from where the filter lets it pass, and else by the program's own instruction, which stops
 * as before. The system call instruction stays, so that threads which wait in it return as they would have.
 */
#ifndef GVTRACE_FAST_PATH_CODE_H
#define GVTRACE_FAST_PATH_CODE_H

#include "fast_path_check.h"
#include "regs.h"
#include <stddef.h>

enum {
	FAST_PATH_BEFORE =
		16, /* bytes of a program before the end of the system call instruction */
	FAST_PATH_BEHIND = 112, /* and behind it, that are looked at */
	FAST_PATH_CALL_BYTES = 2, /* the system call instruction */

	/*
	 * The gate is a page at this address in each process that has a fast path, below what programs are linked to, above
	 * mmap_min_addr: slots, and which names the slow way is for, as in fast_path_check. Behind it is a first region, and then
	 * come the cells.
	 */
	FAST_PATH_GATE = 0x1f0000,
	FAST_PATH_GATE_BYTES = 4096,
	FAST_PATH_SLOT_BYTES = 32,
	FAST_PATH_SLOTS = (FAST_PATH_GATE_BYTES - FAST_PATH_NAME_BITS / 8) / FAST_PATH_SLOT_BYTES,
	/* Where in a slot its call returns to. */
	FAST_PATH_SLOT_RETURN = 7,
	FAST_PATH_NAMES = FAST_PATH_GATE + FAST_PATH_SLOTS * FAST_PATH_SLOT_BYTES,

	/* A region is near a place: fast_path_magic, and ramps to the cells. Its address is a multiple of its size. */
	FAST_PATH_REGION_BYTES = 4096,
	FAST_PATH_RAMP_BYTES = 32,
	FAST_PATH_RAMPS = FAST_PATH_REGION_BYTES / FAST_PATH_RAMP_BYTES - 1,
	FAST_PATH_FIRST_REGION = FAST_PATH_GATE + FAST_PATH_GATE_BYTES,

	FAST_PATH_FIRST_CELL = FAST_PATH_FIRST_REGION + FAST_PATH_REGION_BYTES,
	FAST_PATH_CELL_BYTES = 1024,
	FAST_PATH_CELLS = 12, /* the first is for Go */
	FAST_PATH_CELL_ENTRY =
		8, /* where its code begins; before it is the way back to the slow path */

	/*
	 * The number of no system call, for which the filter stops; so it does for numbers that are an error. Who has got memory at
	 * FAST_PATH_GATE, and makes a system call right afterwards, makes this one. So does the last slot, with the result of the
	 * call before it as argument FAST_PATH_STUB_ARG.
	 */
	FAST_PATH_ANSWER = FAST_PATH_GATE,
	FAST_PATH_STUB = FAST_PATH_GATE + (FAST_PATH_SLOTS - 1) * FAST_PATH_SLOT_BYTES,
	FAST_PATH_STUB_ARG = 2,
};

extern const char fast_path_magic[16];

/* What leads from a place to its cell. */
struct fast_path_ramp {
	uint8_t code[24];
	uint64_t entry; /* of the cell */
};

struct fast_path_cell {
	uint64_t place,
		call; /* the replaced instruction, and the program's system call instruction */
	uint8_t code[FAST_PATH_CELL_BYTES - 16];
};

/* A slot of the gate. */
struct fast_path_slot {
	uint8_t code[16];
	uint64_t back; /* behind the program's system call instruction */
	uint64_t unused;
};

/* All that is at FAST_PATH_GATE. */
struct fast_path_memory {
	struct fast_path_slot slots[FAST_PATH_SLOTS];
	uint8_t names[FAST_PATH_NAME_BITS / 8];
	char magic[FAST_PATH_RAMP_BYTES];
	struct fast_path_ramp ramps[FAST_PATH_RAMPS];
	struct fast_path_cell cells[FAST_PATH_CELLS];
};

struct fast_path_place {
	uint64_t address, call;
	size_t length; /* of all that is replaced */
	bool is_go; /* Syscall6 of Go 1.19 and later: makes any call */
	bool is_systrap; /* what gVisor's systrap has made of a place: its system call instruction alone cannot be executed */
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

/* What is the same for all places. False: no room. */
bool fast_path_make_memory(
	const struct fast_path_check *check, struct fast_path_memory *ret_memory) MUST_CHECK;

/* What differs: words. */
struct fast_path_word {
	uint64_t address, value;
};
enum { FAST_PATH_WORDS_MAX = FAST_PATH_CALLS + 6 };
/* For a cell (the first one for Go, and for nothing else) and the ramp at the address. Their number. */
size_t fast_path_make_words(const struct fast_path_place *place,
	const struct fast_path_check *check, size_t cell, uint64_t ramp,
	struct fast_path_word ret_words[FAST_PATH_WORDS_MAX]);

/* Whether this is a slot for calls. */
bool fast_path_is_slot(const struct fast_path_slot *slot);

/* What is written to the place (place->length bytes), and for Go to its padding, to lead to the ramp at address. False: it is too far. */
enum { FAST_PATH_JUMP_BYTES = 8 };
bool fast_path_make_jump(const struct fast_path_place *place, uint64_t address,
	uint8_t ret_bytes[FAST_PATH_JUMP_BYTES], uint8_t ret_padding[FAST_PATH_JUMP_BYTES]);
/* Whether this is how such a jump begins. */
bool fast_path_is_jump(uint8_t byte);
enum { FAST_PATH_PADDING_BYTES = 5, FAST_PATH_TRAP = 0xcc /* int3, one byte */ };

#endif

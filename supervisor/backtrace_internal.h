/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to backtrace*.c: what runs in the helper process. All of it dies with that process. */
#ifndef GVTRACE_BACKTRACE_INTERNAL_H
#define GVTRACE_BACKTRACE_INTERNAL_H

#include "backtrace.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BACKTRACE_BLOCK_BYTES =
		1024, /* divides a page; small, for PTRACE_PEEKDATA takes 8 a call */
	BACKTRACE_NAME_BYTES = 1024, /* of a function; C++'s are long */
};

/* From the helper, on a SOCK_SEQPACKET. */
struct backtrace_request {
	enum { BACKTRACE_READ, BACKTRACE_TEXT } kind;
	union {
		uint64_t address; /* of the block; answered by a struct backtrace_block */
		char text[BACKTRACE_BYTES]; /* the last message; not answered */
	};
};
/* The length of a BACKTRACE_READ; the other kind is sent whole. */
#define BACKTRACE_READ_BYTES (offsetof(struct backtrace_request, address) + sizeof(uint64_t))

struct backtrace_block {
	int error; /* 0 or -errno */
	char bytes[BACKTRACE_BLOCK_BYTES];
};

struct backtrace_frame {
	uint64_t address;
	bool is_return; /* the call is right before it */
};

/* One helper's answer: 0, -ETIMEDOUT, -EPIPE if it ended without one, or -errno. */
int backtrace_try(
	pid_t tid, const struct regs *regs, bool with_libunwind, char ret_text[BACKTRACE_BYTES]);

/* The helper's whole life. with_libunwind is false at the second try, after the first one crashed. */
_Noreturn void backtrace_help(int socket, pid_t tid, const struct regs *regs, bool with_libunwind);

/* The thread's memory, asked for from the supervisor, over the socket, block by block and kept. 0, -EFAULT or -ESRCH. */
void backtrace_read_from(int socket);
int backtrace_read(uint64_t address, void *ret_data, size_t length);

struct backtrace_mapping {
	uint64_t start, end;
	uint64_t base; /* where the first part of the same file is */
	bool is_code;
	uint64_t inode; /* 0: not of a file */
	const char *name; /* "" for anonymous memory */
};
void backtrace_read_mappings(pid_t tid);
/* NULL: there is none. */
const struct backtrace_mapping *backtrace_mapping_of(uint64_t address);
/* The first part of a file, by the name that the kernel gives it. NULL: it is not mapped. */
const struct backtrace_mapping *backtrace_mapping_named(const char *name);
/* Opens its file; -1 if it cannot be had. */
int backtrace_open(pid_t tid, const struct backtrace_mapping *mapping);

/* Where the file that is mapped at the address begins in memory; 0: nothing is mapped there. */
uint64_t backtrace_base_of(uint64_t address);
bool backtrace_is_code(uint64_t address);

/*
 * libunwind's answer, as far as Go code and with it; 0 if it was left out of the build. Returns the
 * number of frames. ret_frame_pointer: what the register held in the last one.
 */
int backtrace_unwind(
	const struct regs *regs, struct backtrace_frame *ret_frames, uint64_t *ret_frame_pointer);

/*
 * Opens the executable's table of functions if it is a Go program's (1.18 or newer have one that is read
 * here; of older ones only the fact is known). base: where the executable is loaded.
 */
void backtrace_go_open(pid_t tid, uint64_t base);
/* Whether an address of the executable is Go's own code: C's, of cgo, has its place behind it. */
bool backtrace_is_go_code(uint64_t address);
bool backtrace_go_name(uint64_t address, char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset);

#endif

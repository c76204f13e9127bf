/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper's side: frames by libunwind or by frame pointers, and their text. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>

#include "backtrace_elf.h"

enum {
	CALL_BYTES = 5, /* x86's: e8 and the distance, little-endian */
	CALL_OPCODE = 0xe8,
	LEAF_BYTES = 256, /* a wrapper of a system call is no longer */
};

static pid_t thread;

/* The first part of the executable. NULL: it is not found. */
static const struct backtrace_mapping *find_program(pid_t tid)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/%d/exe", tid);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[MAX(n, 0)] = '\0';
	return n > 0 ? backtrace_mapping_named(path) : NULL;
}

/*
 * A function without a frame of its own (Go's Syscall6 is one) leaves its return address on top of the
 * stack, and the frame pointer to its caller. That address is believed if the call before it leads to this function.
 */
static bool is_leaf_return(uint64_t address, uint64_t instruction)
{
	unsigned char call[CALL_BYTES];
	int32_t distance;

	if (!backtrace_is_code(address) ||
		backtrace_read(address - CALL_BYTES, call, sizeof(call)) || call[0] != CALL_OPCODE)
		return false;
	memcpy(&distance, call + 1, sizeof(distance));
	uint64_t function = address + (uint64_t)(int64_t)distance;
	return function <= instruction && instruction - function < LEAF_BYTES;
}

/*
 * Adds callers to n frames. Each frame pointer has to be above the one before it: so the walk ends,
 * whatever the memory holds.
 */
static int walk(uint64_t frame, uint64_t above, struct backtrace_frame *frames, int n)
{
	uint64_t words[2]; /* the caller's frame pointer, the return address */

	while (n < BACKTRACE_FRAMES && frame >= above && frame % sizeof(words[0]) == 0 &&
		backtrace_read(frame, words, sizeof(words)) == 0 && backtrace_is_code(words[1])) {
		frames[n++] = (struct backtrace_frame){ words[1], true };
		above = frame + sizeof(words);
		frame = words[0];
	}
	return n;
}

static int walk_all(const struct regs *regs, struct backtrace_frame *ret_frames)
{
	uint64_t instruction = regs_instruction_pointer(regs), stack = regs_stack_pointer(regs);
	uint64_t top;
	int n = 0;

	ret_frames[n++] = (struct backtrace_frame){ instruction, false };
	if (backtrace_read(stack, &top, sizeof(top)) == 0 && is_leaf_return(top, instruction))
		ret_frames[n++] = (struct backtrace_frame){ top, true };
	return walk(regs_frame_pointer(regs), stack, ret_frames, n);
}

/*
 * libunwind knows nothing of goroutine stacks, but Go keeps frame pointers everywhere; C keeps them
 * only sometimes. C that Go has called (cgo) runs on another stack, and has left the frame pointer of
 * the goroutine as it was.
 */
static int find_frames(
	const struct regs *regs, bool with_libunwind, struct backtrace_frame *ret_frames)
{
	struct backtrace_frame walked[BACKTRACE_FRAMES];
	uint64_t frame_pointer = 0;
	int n = 0, n_walked;

	if (with_libunwind && !backtrace_is_go_code(regs_instruction_pointer(regs)))
		n = backtrace_unwind(regs, ret_frames, &frame_pointer);
	if (n >= 2 && backtrace_is_go_code(ret_frames[n - 1].address))
		return walk(frame_pointer, 0, ret_frames, n);
	if (n >= 2)
		return n;
	n_walked = walk_all(regs, walked);
	if (n >= n_walked)
		return n;
	memcpy(ret_frames, walked, (size_t)n_walked * sizeof(*walked));
	return n_walked;
}

/* As many as frames, at most: so it cannot be full. */
static const struct backtrace_elf *file_of(const struct backtrace_mapping *mapping)
{
	static struct {
		uint64_t base;
		bool is_elf;
		struct backtrace_elf elf;
	} files[BACKTRACE_FRAMES];
	static int n;
	int i = 0;

	while (i < n && files[i].base != mapping->base)
		i++;
	if (i == n) {
		files[n].base = mapping->base;
		files[n].is_elf =
			backtrace_elf_open(backtrace_open(thread, mapping), &files[n].elf);
		n++;
	}
	return files[i].is_elf ? &files[i].elf : NULL;
}

static bool name_of(const struct backtrace_mapping *mapping, uint64_t address, char *ret_name,
	uint64_t *ret_offset)
{
	struct backtrace_module module;
	const struct backtrace_elf *elf;

	if (backtrace_is_go_code(address))
		return backtrace_go_name(address, ret_name, ret_offset);
	if (!mapping->inode || !backtrace_module_read(mapping->base, &module))
		return false;
	elf = file_of(mapping);
	return elf && backtrace_elf_name(elf, address - module.bias, ret_name, ret_offset);
}

/* Returns the length, as snprintf does. */
static int format_frame(const struct backtrace_frame *frame, int index, char *ret_line, size_t size)
{
	/* A call that does not return may be its function's last instruction. */
	uint64_t inside = frame->address - frame->is_return, offset;
	const struct backtrace_mapping *mapping = backtrace_mapping_of(inside);
	char name[BACKTRACE_NAME_BYTES] = "";

	if (!mapping)
		return snprintf(ret_line, size, "  #%d  %#" PRIx64 "  ?", index, frame->address);
	if (name_of(mapping, inside, name, &offset))
		offset += frame->is_return;
	else
		offset = frame->address - mapping->base;
	for (char *c = name; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	return snprintf(ret_line, size, "  #%d  %#" PRIx64 "  %s(%s+%#" PRIx64 ")", index,
		frame->address, *mapping->name ? mapping->name : "[anonymous]", name, offset);
}

_Noreturn void backtrace_help(int socket, pid_t tid, const struct regs *regs, bool with_libunwind)
{
	static struct backtrace_request last = { .kind = BACKTRACE_TEXT };
	struct backtrace_frame frames[BACKTRACE_FRAMES];
	char line[PATH_MAX * 2];
	size_t used = 0;

	backtrace_read_from(socket);
	thread = tid;
	backtrace_read_mappings(tid);
	const struct backtrace_mapping *program = find_program(tid);
	if (program)
		backtrace_go_open(tid, program->base);
	int n = find_frames(regs, with_libunwind, frames);
	for (int i = 0; i < n; i++) {
		size_t length = (size_t)format_frame(&frames[i], i, line, sizeof(line));
		length = MIN(length, sizeof(line) - 1);
		if (used + length + 2 > sizeof(last.text))
			break;
		if (used)
			last.text[used++] = '\n';
		memcpy(last.text + used, line, length);
		used += length;
	}
	send(socket, &last, sizeof(last), MSG_NOSIGNAL);
	_exit(0);
}

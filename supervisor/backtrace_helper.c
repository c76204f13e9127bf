/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper's side: frames by libunwind or by frame pointers, and their text. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "backtrace_elf.h"

enum {
	CACHED_PAGES = 256, /* a power of two */
	CALL_BYTES = 5, /* e8 and the distance, little-endian */
	CALL_OPCODE = 0xe8,
	LEAF_BYTES = 256, /* a wrapper of a system call is no longer */
};

struct mapping {
	uint64_t start, end;
	uint64_t base; /* where the first part of the same file is */
	bool is_code;
	uint64_t inode; /* 0: not of a file */
	const char *name; /* "" for anonymous memory */
};

static int supervisor;
static pid_t thread;
static struct mapping *mappings;
static size_t n_mappings;
static bool is_go;
static const struct mapping *program; /* the first part of the executable; NULL: not found */

static struct cached_page {
	bool used;
	uint64_t address;
	struct backtrace_page page;
} cache[CACHED_PAGES];

static const struct backtrace_page *cached(uint64_t address)
{
	struct cached_page *entry = &cache[address / BACKTRACE_PAGE_BYTES % CACHED_PAGES];
	static struct backtrace_request request = { .kind = BACKTRACE_READ_PAGE };

	if (entry->used && entry->address == address)
		return &entry->page;
	entry->used = true;
	entry->address = request.address = address;
	if (send(supervisor, &request, BACKTRACE_READ_BYTES, MSG_NOSIGNAL) < 0 ||
		recv(supervisor, &entry->page, sizeof(entry->page), 0) != sizeof(entry->page))
		_exit(1);
	return &entry->page;
}

int backtrace_read(uint64_t address, void *ret_data, size_t length)
{
	char *out = ret_data;

	while (length > 0) {
		size_t skip = address % BACKTRACE_PAGE_BYTES;
		size_t take = MIN(length, BACKTRACE_PAGE_BYTES - skip);
		const struct backtrace_page *page = cached(address - skip);

		if (page->error)
			return page->error;
		memcpy(out, page->bytes + skip, take);
		out += take;
		address += take;
		length -= take;
	}
	return 0;
}

/* proc_pid_maps(5): "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME". */
static void add_mapping(char *line)
{
	const struct mapping *before = n_mappings ? &mappings[n_mappings - 1] : NULL;
	struct mapping mapping = { 0 };
	char permissions[5];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*x:%*x %" SCNu64 " %n", &mapping.start,
		    &mapping.end, permissions, &mapping.inode, &name) < 4 ||
		!name)
		return;
	mapping.is_code = permissions[2] == 'x';
	mapping.base = mapping.start;
	mapping.name = line + name;
	if (before && *mapping.name && strcmp(before->name, mapping.name) == 0) {
		mapping.name = before->name;
		mapping.base = before->base;
	} else {
		mapping.name = strdup(mapping.name);
	}
	struct mapping *more = realloc(mappings, (n_mappings + 1) * sizeof(*more));
	if (!more || !mapping.name)
		_exit(1);
	mappings = more;
	mappings[n_mappings++] = mapping;
}

static void read_mappings(pid_t tid)
{
	char path[64], *line = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	FILE *file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0)
		add_mapping(line);
}

static const struct mapping *mapping_of(uint64_t address)
{
	for (size_t i = 0; i < n_mappings; i++)
		if (address >= mappings[i].start && address < mappings[i].end)
			return &mappings[i];
	return NULL;
}

uint64_t backtrace_base_of(uint64_t address)
{
	const struct mapping *mapping = mapping_of(address);

	return mapping ? mapping->base : 0;
}

bool backtrace_is_code(uint64_t address)
{
	const struct mapping *mapping = mapping_of(address);

	return mapping && mapping->is_code;
}

static void find_program(pid_t tid)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/%d/exe", tid);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[MAX(n, 0)] = '\0';
	for (size_t i = 0; n > 0 && i < n_mappings && !program; i++)
		if (strcmp(mappings[i].name, path) == 0)
			program = &mappings[i];
}

static bool is_in_program(uint64_t address)
{
	const struct mapping *mapping = mapping_of(address);

	return program && mapping && mapping->base == program->base;
}

/*
 * A function without a frame of its own (Go's Syscall6 is one) leaves its return address on top of the
 * stack, and rbp to its caller. That address is believed if the call before it leads to this function.
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

/* Each frame pointer has to be above the one before it: so the walk ends, whatever the memory holds. */
static int walk_frame_pointers(const struct regs *regs, struct backtrace_frame *ret_frames)
{
	uint64_t instruction = regs_instruction_pointer(regs), above = regs_stack_pointer(regs);
	uint64_t frame = regs_frame_pointer(regs);
	uint64_t words[2]; /* the caller's frame pointer, the return address */
	int n = 0;

	ret_frames[n++] = (struct backtrace_frame){ instruction, false };
	if (backtrace_read(above, words, sizeof(words[0])) == 0 &&
		is_leaf_return(words[0], instruction))
		ret_frames[n++] = (struct backtrace_frame){ words[0], true };
	while (n < BACKTRACE_FRAMES && frame >= above && frame % sizeof(words[0]) == 0 &&
		backtrace_read(frame, words, sizeof(words)) == 0 && backtrace_is_code(words[1])) {
		ret_frames[n++] = (struct backtrace_frame){ words[1], true };
		above = frame + sizeof(words);
		frame = words[0];
	}
	return n;
}

/*
 * libunwind knows nothing of goroutine stacks, but Go keeps frame pointers everywhere; C keeps them
 * only sometimes. A Go program's C libraries are left to libunwind.
 */
static int find_frames(
	const struct regs *regs, bool with_libunwind, struct backtrace_frame *ret_frames)
{
	struct backtrace_frame other[BACKTRACE_FRAMES];
	bool walk_first = is_go && is_in_program(regs_instruction_pointer(regs));
	int n = walk_first || !with_libunwind ? 0 : backtrace_unwind(regs, ret_frames);

	if (n >= 2)
		return n;
	int walked = walk_frame_pointers(regs, other);
	if (walked < 2 && walk_first && with_libunwind)
		n = backtrace_unwind(regs, ret_frames);
	if (n >= walked)
		return n;
	memcpy(ret_frames, other, (size_t)walked * sizeof(*other));
	return walked;
}

static int open_as(uint64_t inode, const char *format, ...) PRINTF_LIKE(2, 3);
/* Only the file that was mapped: another may have its name by now, even one that blocks. */
static int open_as(uint64_t inode, const char *format, ...)
{
	char path[PATH_MAX + 64];
	struct stat stat;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_ino != inode)
		return -1;
	return steal_fd(&fd);
}

/*
 * The kernel's own link to it is exact, and for the privileged only. A name in the list of mappings is
 * relative to the root of the mount namespace, or to ours in a chroot within our own.
 */
static int open_file(const struct mapping *mapping)
{
	int fd = open_as(mapping->inode, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, thread,
		mapping->start, mapping->end);

	if (fd < 0)
		fd = open_as(mapping->inode, "/proc/%d/root%s", thread, mapping->name);
	return fd < 0 ? open_as(mapping->inode, "%s", mapping->name) : fd;
}

/* As many as frames, at most: so it cannot be full. */
static const struct backtrace_elf *file_of(const struct mapping *mapping)
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
		files[n].is_elf = backtrace_elf_open(open_file(mapping), &files[n].elf);
		n++;
	}
	return files[i].is_elf ? &files[i].elf : NULL;
}

static bool name_of(
	const struct mapping *mapping, uint64_t address, char *ret_name, uint64_t *ret_offset)
{
	struct backtrace_module module;
	const struct backtrace_elf *elf;

	if (is_go && is_in_program(address))
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
	const struct mapping *mapping = mapping_of(inside);
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

	supervisor = socket;
	thread = tid;
	read_mappings(tid);
	find_program(tid);
	is_go = program && backtrace_go_open(tid, program->base);
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
	send(supervisor, &last, sizeof(last), MSG_NOSIGNAL);
	_exit(0);
}

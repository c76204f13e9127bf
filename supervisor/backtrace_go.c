/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Go programs carry their functions' names in .gopclntab even when stripped. Source of the layout:
 * Go's src/runtime/symtab.go, pcHeader and moduledata; src/internal/abi/symtab.go, the magic numbers.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>

#include "backtrace_internal.h"

enum {
	SECTIONS_MAX = 1024,
	GO_1_18 = 0xfffffff0,
	GO_1_20 = 0xfffffff1,
	MODULE_TEXT = 176, /* offset of moduledata's text, since 1.18 */
};

struct go_header {
	uint32_t magic;
	uint8_t zero[2], instruction_bytes, pointer_bytes;
	uint64_t n_functions, n_files;
	uint64_t text; /* where the functions begin; 0 since 1.26 */
	uint64_t names, units, files, lines, functions; /* offsets from the header */
};

struct go_function {
	uint32_t entry; /* from the start of the text */
	uint32_t data; /* from `functions`: uint32_t entry; int32_t name, from `names` */
};

static int file = -1;
static uint64_t table_offset; /* of .gopclntab in the file */
static uint64_t text;
static struct go_header header;

static bool read_file(uint64_t offset, void *ret_data, size_t length)
{
	return pread(file, ret_data, length, (off_t)offset) == (ssize_t)length;
}

struct sections {
	Elf64_Shdr table, module, text; /* sh_type SHT_NULL: there is none */
	bool has_build_id;
};

static void note_section(struct sections *sections, const Elf64_Shdr *section, const char *name)
{
	if (strcmp(name, ".gopclntab") == 0 || strcmp(name, ".data.rel.ro.gopclntab") == 0)
		sections->table = *section;
	else if (strcmp(name, ".go.module") == 0)
		sections->module = *section;
	else if (strcmp(name, ".text") == 0)
		sections->text = *section;
	else if (strcmp(name, ".note.go.buildid") == 0)
		sections->has_build_id = true;
}

static bool find_sections(const Elf64_Ehdr *elf, struct sections *ret_sections)
{
	Elf64_Shdr names, section;
	char name[32];

	*ret_sections = (struct sections){ 0 };
	if (elf->e_shentsize != sizeof(section) || elf->e_shnum > SECTIONS_MAX ||
		!read_file(elf->e_shoff + (uint64_t)elf->e_shstrndx * sizeof(names), &names,
			sizeof(names)))
		return false;
	for (unsigned i = 0; i < elf->e_shnum; i++) {
		if (!read_file(elf->e_shoff + i * sizeof(section), &section, sizeof(section)))
			return false;
		ssize_t n = pread(
			file, name, sizeof(name) - 1, (off_t)(names.sh_offset + section.sh_name));
		name[MAX(n, 0)] = '\0';
		note_section(ret_sections, &section, name);
	}
	return ret_sections->table.sh_type != SHT_NULL || ret_sections->has_build_id;
}

/* What is added to the file's addresses: 0 for a program that is not position-independent. */
static bool find_bias(const Elf64_Ehdr *elf, uint64_t base, uint64_t *ret_bias)
{
	Elf64_Phdr segment;

	for (unsigned i = 0; i < elf->e_phnum; i++) {
		if (!read_file(elf->e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			return false;
		if (segment.p_type == PT_LOAD) {
			*ret_bias = base - (segment.p_vaddr - segment.p_offset);
			return true;
		}
	}
	return false;
}

/* Read in memory, where addresses are relocated. .text may begin with C's functions. */
static void find_text(const struct sections *sections, uint64_t bias)
{
	uint64_t header_text = bias + sections->table.sh_addr + offsetof(struct go_header, text);

	if (backtrace_read(header_text, &text, sizeof(text)) == 0 && text)
		return;
	if (sections->module.sh_type != SHT_NULL &&
		backtrace_read(
			bias + sections->module.sh_addr + MODULE_TEXT, &text, sizeof(text)) == 0)
		return;
	text = bias + sections->text.sh_addr;
}

bool backtrace_go_open(pid_t tid, uint64_t base)
{
	struct sections sections;
	Elf64_Ehdr elf;
	char path[64];
	uint64_t bias;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0 || !read_file(0, &elf, sizeof(elf)) ||
		memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
		!find_sections(&elf, &sections))
		return false;
	table_offset = sections.table.sh_offset;
	if (sections.table.sh_type == SHT_NULL || !find_bias(&elf, base, &bias) ||
		!read_file(table_offset, &header, sizeof(header)) ||
		(header.magic != GO_1_18 && header.magic != GO_1_20))
		header.n_functions = 0;
	else
		find_text(&sections, bias);
	return true;
}

static bool read_function(uint64_t index, struct go_function *ret_function)
{
	return read_file(table_offset + header.functions + index * sizeof(*ret_function),
		ret_function, sizeof(*ret_function));
}

bool backtrace_go_name(uint64_t address, char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset)
{
	uint64_t low = 0, high = header.n_functions, wanted = address - text;
	struct go_function function;
	int32_t name[2];

	/* The last function that begins at the address or before it; low itself always does. */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (!read_function(middle, &function))
			return false;
		if (function.entry <= wanted)
			low = middle;
		else
			high = middle;
	}
	if (high == 0 || !read_function(low, &function) || function.entry > wanted ||
		!read_file(table_offset + header.functions + function.data, name, sizeof(name)))
		return false;
	ssize_t n = pread(file, ret_name, BACKTRACE_NAME_BYTES - 1,
		(off_t)(table_offset + header.names + (uint64_t)(int64_t)name[1]));
	if (n <= 0)
		return false;
	ret_name[n] = '\0';
	*ret_offset = wanted - function.entry;
	return true;
}

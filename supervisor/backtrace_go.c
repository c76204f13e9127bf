/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Go programs carry their functions' names in .gopclntab even when stripped. Source of the layout:
 * Go's src/runtime/symtab.go, pcHeader and moduledata; src/internal/abi/symtab.go, the magic numbers.
 */
#include <fcntl.h>
#include <stdio.h>

#include "backtrace_elf.h"

enum {
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

static struct backtrace_elf file;
static bool is_go;
static uint64_t program; /* its base */
static uint64_t table_offset; /* of .gopclntab in the file */
static uint64_t text;
static uint64_t text_length; /* after it may come C's functions */
static struct go_header header;

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

static bool find_sections(struct sections *ret_sections)
{
	Elf64_Shdr section;
	char name[32];

	*ret_sections = (struct sections){ 0 };
	for (unsigned i = 0; i < file.n_sections; i++)
		if (backtrace_elf_section(&file, i, &section) &&
			backtrace_elf_read_text(
				&file, file.names + section.sh_name, name, sizeof(name)))
			note_section(ret_sections, &section, name);
	return ret_sections->table.sh_type != SHT_NULL || ret_sections->has_build_id;
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

/* After the last function comes its end, of which there is only the entry. */
static bool read_function(uint64_t index, struct go_function *ret_function, size_t length)
{
	return backtrace_elf_read(&file,
		table_offset + header.functions + index * sizeof(*ret_function), ret_function,
		length);
}

void backtrace_go_open(pid_t tid, uint64_t base)
{
	struct backtrace_module module;
	struct go_function end;
	struct sections sections;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	if (!backtrace_elf_open(open(path, O_RDONLY | O_CLOEXEC), &file) ||
		!find_sections(&sections))
		return;
	is_go = true;
	program = base;
	table_offset = sections.table.sh_offset;
	if (sections.table.sh_type == SHT_NULL || !backtrace_module_read(base, &module) ||
		!backtrace_elf_read(&file, table_offset, &header, sizeof(header)) ||
		(header.magic != GO_1_18 && header.magic != GO_1_20) ||
		!read_function(header.n_functions, &end, sizeof(end.entry)))
		return;
	text_length = end.entry;
	find_text(&sections, module.bias);
}

bool backtrace_is_go_code(uint64_t address)
{
	const struct backtrace_mapping *mapping = is_go ? backtrace_mapping_of(address) : NULL;

	return mapping && mapping->base == program &&
	       (text_length == 0 || address - text < text_length);
}

bool backtrace_go_name(uint64_t address, char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset)
{
	uint64_t low = 0, high = text_length ? header.n_functions : 0, wanted = address - text;
	struct go_function function;
	int32_t name[2];

	/* The last function that begins at the address or before it; low itself always does. */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (!read_function(middle, &function, sizeof(function)))
			return false;
		if (function.entry <= wanted)
			low = middle;
		else
			high = middle;
	}
	if (wanted >= text_length || !read_function(low, &function, sizeof(function)) ||
		function.entry > wanted ||
		!backtrace_elf_read(&file, table_offset + header.functions + function.data, name,
			sizeof(name)) ||
		!backtrace_elf_read_text(&file,
			table_offset + header.names + (uint64_t)(int64_t)name[1], ret_name,
			BACKTRACE_NAME_BYTES))
		return false;
	*ret_offset = wanted - function.entry;
	return true;
}

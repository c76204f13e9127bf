/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ELF files say of addresses: their segments as they stand in memory, their symbols in the file. */
#include "backtrace_elf.h"

enum {
	SEGMENTS_MAX = 128,
	SECTIONS_MAX = 4096,
	SYMBOLS_AT_ONCE = 1024,
};

static bool is_elf_64(const Elf64_Ehdr *elf)
{
	return memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 && elf->e_ident[EI_CLASS] == ELFCLASS64;
}

bool backtrace_module_read(uint64_t base, struct backtrace_module *ret_module)
{
	struct backtrace_module module = { .base = base };
	bool has_bias = false;
	Elf64_Phdr segment;
	Elf64_Ehdr elf;

	if (backtrace_read(base, &elf, sizeof(elf)) || !is_elf_64(&elf) ||
		elf.e_phnum > SEGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < elf.e_phnum; i++) {
		if (backtrace_read(
			    base + elf.e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			return false;
		if (segment.p_type == PT_LOAD && !has_bias) {
			module.bias = base - (segment.p_vaddr - segment.p_offset);
			has_bias = true;
		}
		if (segment.p_type == PT_LOAD)
			module.end = module.bias + segment.p_vaddr + segment.p_memsz;
		else if (segment.p_type == PT_GNU_EH_FRAME)
			module.unwind_table = segment.p_vaddr;
	}
	if (module.unwind_table)
		module.unwind_table += module.bias;
	*ret_module = module;
	return has_bias;
}

bool backtrace_elf_read(
	const struct backtrace_elf *elf, uint64_t offset, void *ret_data, size_t length)
{
	return pread(elf->fd, ret_data, length, (off_t)offset) == (ssize_t)length;
}

bool backtrace_elf_read_text(
	const struct backtrace_elf *elf, uint64_t offset, char *ret_text, size_t size)
{
	ssize_t n = pread(elf->fd, ret_text, size - 1, (off_t)offset);

	ret_text[MAX(n, 0)] = '\0';
	return n > 0 && *ret_text;
}

bool backtrace_elf_open(int fd, struct backtrace_elf *ret_elf)
{
	struct backtrace_elf elf = { .fd = fd };
	Elf64_Shdr names;
	Elf64_Ehdr header;

	if (fd < 0 || !backtrace_elf_read(&elf, 0, &header, sizeof(header)) ||
		!is_elf_64(&header) || header.e_shentsize != sizeof(names) ||
		header.e_shnum > SECTIONS_MAX)
		return false;
	elf.sections = header.e_shoff;
	elf.n_sections = header.e_shnum;
	if (!backtrace_elf_section(&elf, header.e_shstrndx, &names))
		return false;
	elf.names = names.sh_offset;
	*ret_elf = elf;
	return true;
}

bool backtrace_elf_section(const struct backtrace_elf *elf, unsigned index, Elf64_Shdr *ret_section)
{
	return index < elf->n_sections &&
	       backtrace_elf_read(elf, elf->sections + index * sizeof(*ret_section), ret_section,
		       sizeof(*ret_section));
}

static bool find_section(const struct backtrace_elf *elf, uint32_t type, Elf64_Shdr *ret_section)
{
	for (unsigned i = 0; i < elf->n_sections; i++)
		if (backtrace_elf_section(elf, i, ret_section) && ret_section->sh_type == type)
			return true;
	return false;
}

/* Whether the symbol is a function that holds the address, or, without a size, begins there. */
static bool holds(const Elf64_Sym *symbol, uint64_t address)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
	       address >= symbol->st_value && address - symbol->st_value < MAX(symbol->st_size, 1);
}

/* The last such function to begin: hand-written assembly may have one within another. */
static bool find_symbol(const struct backtrace_elf *elf, const Elf64_Shdr *table, uint64_t address,
	Elf64_Sym *ret_symbol)
{
	static Elf64_Sym symbols[SYMBOLS_AT_ONCE];
	bool found = false;

	for (uint64_t at = 0; at < table->sh_size; at += sizeof(symbols)) {
		ssize_t n = pread(elf->fd, symbols, MIN(sizeof(symbols), table->sh_size - at),
			(off_t)(table->sh_offset + at));
		if (n <= 0)
			break;
		for (size_t i = 0; i < (size_t)n / sizeof(*symbols); i++) {
			if (!holds(&symbols[i], address) ||
				(found && symbols[i].st_value <= ret_symbol->st_value))
				continue;
			*ret_symbol = symbols[i];
			found = true;
		}
	}
	return found;
}

bool backtrace_elf_name(const struct backtrace_elf *elf, uint64_t address,
	char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset)
{
	Elf64_Shdr table, strings;
	Elf64_Sym symbol = { 0 };

	/* A stripped file has only the symbols that others link to. */
	if ((!find_section(elf, SHT_SYMTAB, &table) && !find_section(elf, SHT_DYNSYM, &table)) ||
		!backtrace_elf_section(elf, table.sh_link, &strings) ||
		!find_symbol(elf, &table, address, &symbol) ||
		!backtrace_elf_read_text(
			elf, strings.sh_offset + symbol.st_name, ret_name, BACKTRACE_NAME_BYTES))
		return false;
	*ret_offset = address - symbol.st_value;
	return true;
}

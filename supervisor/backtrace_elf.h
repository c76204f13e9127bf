/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to backtrace*.c: ELF as far as a backtrace needs it. Only 64-bit files, as the program. */
#ifndef GVTRACE_BACKTRACE_ELF_H
#define GVTRACE_BACKTRACE_ELF_H

#include "backtrace_internal.h"
#include <elf.h>

/* A loaded file, by the headers at its start in memory: true whatever became of the file. */
struct backtrace_module {
	uint64_t base, end;
	uint64_t bias; /* what is added to the file's addresses */
	uint64_t unwind_table; /* .eh_frame_hdr; 0: there is none */
};
bool backtrace_module_read(uint64_t base, struct backtrace_module *ret_module);

struct backtrace_elf {
	int fd;
	uint64_t sections, names; /* offsets in the file */
	unsigned n_sections;
};

/* False if it is not ELF, or has no sections. Keeps fd. */
bool backtrace_elf_open(int fd, struct backtrace_elf *ret_elf);
bool backtrace_elf_read(
	const struct backtrace_elf *elf, uint64_t offset, void *ret_data, size_t length);
/* At most size - 1 bytes. False if there is nothing. */
bool backtrace_elf_read_text(
	const struct backtrace_elf *elf, uint64_t offset, char *ret_text, size_t size);
bool backtrace_elf_section(
	const struct backtrace_elf *elf, unsigned index, Elf64_Shdr *ret_section);
/* The function at an address of the file, by its symbols. */
bool backtrace_elf_name(const struct backtrace_elf *elf, uint64_t address,
	char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset);

#endif

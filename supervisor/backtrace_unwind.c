/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libunwind on a remote thread. It gets everything from us, and all of it is memory: its own search for
 * files (libunwind-ptrace) fails in a chroot, may block at a path of the program's, and aborts at tables
 * that it does not know (seen in its source, 1.6 to 1.8).
 */
#include "backtrace_elf.h"

#ifdef GVTRACE_UNWIND
#include <libunwind.h>

/* DWARF's search, which libunwind exports, and declares nowhere; perf uses it as well. */
#define dwarf_search_unwind_table UNW_OBJ(dwarf_search_unwind_table)
extern int dwarf_search_unwind_table(unw_addr_space_t as, unw_word_t address, unw_dyn_info_t *table,
	unw_proc_info_t *ret_info, int need_unwind_info, void *arg);

/* Linux Standard Base, .eh_frame_hdr: as every linker writes it, sorted, with 32-bit distances. */
struct unwind_table {
	uint8_t version, frames_encoding, count_encoding, entries_encoding;
	int32_t frames;
	uint32_t n_entries;
};
enum {
	VERSION = 1,
	COUNT_ENCODING = 0x03, /* DW_EH_PE_udata4 */
	ENTRIES_ENCODING = 0x3b, /* DW_EH_PE_datarel | DW_EH_PE_sdata4 */
	ENTRY_BYTES = 8,
};

static struct regs thread_regs;

static int find_function(unw_addr_space_t as, unw_word_t address, unw_proc_info_t *ret_info,
	int need_unwind_info, void *arg)
{
	struct backtrace_module module;
	struct unwind_table table;

	if (!backtrace_module_read(backtrace_base_of(address), &module) || !module.unwind_table ||
		backtrace_read(module.unwind_table, &table, sizeof(table)) ||
		table.version != VERSION || table.count_encoding != COUNT_ENCODING ||
		table.entries_encoding != ENTRIES_ENCODING)
		return -UNW_ENOINFO;
	unw_dyn_info_t found = {
		.format = UNW_INFO_FORMAT_REMOTE_TABLE,
		.start_ip = module.base,
		.end_ip = module.end,
		.u.rti = {
			.segbase = module.unwind_table,
			.table_data = module.unwind_table + sizeof(table),
			.table_len = (unw_word_t)table.n_entries * ENTRY_BYTES / sizeof(unw_word_t),
		},
	};
	return dwarf_search_unwind_table(as, address, &found, ret_info, need_unwind_info, arg);
}

static void forget_function(unw_addr_space_t as, unw_proc_info_t *info, void *arg)
{
}

static int no_dynamic_code(unw_addr_space_t as, unw_word_t *ret_address, void *arg)
{
	return -UNW_ENOINFO;
}

static int access_memory(
	unw_addr_space_t as, unw_word_t address, unw_word_t *value, int write, void *arg)
{
	return write || backtrace_read(address, value, sizeof(*value)) ? -UNW_EINVAL : 0;
}

static int access_register(
	unw_addr_space_t as, unw_regnum_t number, unw_word_t *value, int write, void *arg)
{
	return write || !regs_dwarf(&thread_regs, number, value) ? -UNW_EBADREG : 0;
}

static int access_float(
	unw_addr_space_t as, unw_regnum_t number, unw_fpreg_t *value, int write, void *arg)
{
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t as, unw_word_t address, char *ret_name, size_t size,
	unw_word_t *ret_offset, void *arg)
{
	return -UNW_ENOINFO;
}

static unw_accessors_t accessors = {
	.find_proc_info = find_function,
	.put_unwind_info = forget_function,
	.get_dyn_info_list_addr = no_dynamic_code,
	.access_mem = access_memory,
	.access_reg = access_register,
	.access_fpreg = access_float,
	.resume = resume,
	.get_proc_name = no_name,
};

int backtrace_unwind(
	const struct regs *regs, struct backtrace_frame *ret_frames, uint64_t *ret_frame_pointer)
{
	unw_addr_space_t space = unw_create_addr_space(&accessors, 0);
	unw_cursor_t cursor;
	unw_word_t address, frame_pointer;
	bool is_return = false;
	int n = 0;

	thread_regs = *regs;
	if (!space || unw_init_remote(&cursor, space, NULL))
		return 0;
	do {
		/* Where libunwind has no information it guesses by frame pointers. */
		if (unw_get_reg(&cursor, UNW_REG_IP, &address) || !backtrace_is_code(address))
			break;
		ret_frames[n++] = (struct backtrace_frame){ address, is_return };
		if (unw_get_reg(&cursor, REGS_DWARF_FRAME_POINTER, &frame_pointer) == 0)
			*ret_frame_pointer = frame_pointer;
		/* A signal came between two instructions. */
		is_return = unw_is_signal_frame(&cursor) <= 0;
	} while (n < BACKTRACE_FRAMES && !backtrace_is_go_code(address) && unw_step(&cursor) > 0);
	return n;
}
#else
int backtrace_unwind(
	const struct regs *regs, struct backtrace_frame *ret_frames, uint64_t *ret_frame_pointer)
{
	return 0;
}
#endif

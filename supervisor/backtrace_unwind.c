/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libunwind on a remote thread. It finds the files itself, below /proc/TID/root, so another mount
 * namespace is no obstacle. Memory and registers it gets from us: the helper is not the tracer.
 */
#include "backtrace_internal.h"

#ifdef GVTRACE_UNWIND
#include <libunwind-ptrace.h>

static struct regs thread_regs;
static void *files; /* _UPT's state: which file it has mapped */
static unw_addr_space_t space;

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

static unw_accessors_t accessors = {
	.find_proc_info = _UPT_find_proc_info,
	.put_unwind_info = _UPT_put_unwind_info,
	.get_dyn_info_list_addr = no_dynamic_code,
	.access_mem = access_memory,
	.access_reg = access_register,
	.access_fpreg = access_float,
	.resume = resume,
	.get_proc_name = _UPT_get_proc_name,
};

int backtrace_unwind(pid_t tid, const struct regs *regs, struct backtrace_frame *ret_frames)
{
	unw_cursor_t cursor;
	unw_word_t address;
	bool is_return = false;
	int n = 0;

	thread_regs = *regs;
	space = unw_create_addr_space(&accessors, 0);
	files = _UPT_create(tid);
	if (!space || !files || unw_init_remote(&cursor, space, files))
		return 0;
	do {
		if (unw_get_reg(&cursor, UNW_REG_IP, &address) || !address)
			break;
		ret_frames[n++] = (struct backtrace_frame){ address, is_return };
		/* A signal came between two instructions. */
		is_return = unw_is_signal_frame(&cursor) <= 0;
	} while (n < BACKTRACE_FRAMES && unw_step(&cursor) > 0);
	return n;
}

bool backtrace_unwind_name(
	uint64_t address, char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset)
{
	unw_word_t offset;

	if (!files || _UPT_get_proc_name(
			      space, address, ret_name, BACKTRACE_NAME_BYTES, &offset, files) < 0) {
		ret_name[0] = '\0';
		return false;
	}
	*ret_offset = offset;
	return true;
}
#else
int backtrace_unwind(pid_t tid, const struct regs *regs, struct backtrace_frame *ret_frames)
{
	return 0;
}

bool backtrace_unwind_name(
	uint64_t address, char ret_name[BACKTRACE_NAME_BYTES], uint64_t *ret_offset)
{
	return false;
}
#endif

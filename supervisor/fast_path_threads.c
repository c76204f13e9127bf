/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path_threads.h"

#include <signal.h>
#include <sys/ptrace.h>

#include "fast_path_code.h"
#include "fast_path_memory.h"
#include "tracee_mem.h"

static bool is_used;

/* The slot that a thread is in. False: it is in none, or the memory is gone, or other code, as in a program that is linked to there. */
static bool find_slot(const struct tracee *tracee, uint64_t ip, struct fast_path_slot *ret_slot)
{
	return ip >= FAST_PATH_GATE && ip < FAST_PATH_NAMES &&
	       tracee_mem_read(tracee->tid, ip - ip % FAST_PATH_SLOT_BYTES, ret_slot,
		       sizeof(*ret_slot)) == 0 &&
	       fast_path_is_slot(ret_slot);
}

bool fast_path_hide(const struct tracee *tracee, struct regs *regs)
{
	struct fast_path_slot slot;

	if (!is_used || !find_slot(tracee, regs_instruction_pointer(regs), &slot))
		return false;
	regs_set_instruction_pointer(regs, slot.back);
	return true;
}

/* Between instructions: to where the program itself would be. */
static void leave_slot(const struct fast_path_slot *slot, struct regs *regs)
{
	size_t offset = regs_instruction_pointer(regs) % FAST_PATH_SLOT_BYTES;
	long nr;

	switch (fast_path_way(slot, offset, regs_result(regs), &nr)) {
	case FAST_PATH_WAY_ANEW:
		regs_set_result(regs, nr);
		/* fallthrough */
	case FAST_PATH_WAY_CALL:
		regs_set_instruction_pointer(regs, slot->call);
		break;
	case FAST_PATH_WAY_BACK:
		regs_set_instruction_pointer(regs, slot->back);
		break;
	}
}

bool fast_path_is_region(pid_t tid, uint64_t address)
{
	char magic[sizeof(fast_path_magic)];

	return tracee_mem_read(tid, address, magic, sizeof(magic)) == 0 &&
	       memcmp(magic, fast_path_magic, sizeof(magic)) == 0;
}

/* The cell that a thread is in. False: it is in none. */
static bool find_cell(struct tracee *tracee, uint64_t ip, uint64_t ret_place_and_call[2])
{
	uint64_t region = ip - ip % FAST_PATH_REGION_BYTES;

	return fast_path_is_region(tracee->tid, region) && ip - region >= FAST_PATH_CELL_BYTES &&
	       tracee_mem_read(tracee->tid, ip - ip % FAST_PATH_CELL_BYTES, ret_place_and_call,
		       2 * sizeof(uint64_t)) == 0;
}

/* The same for one that is before the jump to a cell which stands behind the end of Go's function. */
static bool find_cell_of_jump(struct tracee *tracee, uint64_t ip, uint64_t ret_place_and_call[2])
{
	uint8_t bytes[FAST_PATH_PADDING_BYTES];
	uint64_t target;

	return tracee_mem_read(tracee->tid, ip, bytes, sizeof(bytes)) == 0 &&
	       fast_path_jump_target(bytes, ip, &target) &&
	       find_cell(tracee, target, ret_place_and_call) && ret_place_and_call[0] != ip;
}

/* Why a signal came that is an instruction's doing; 0: it is somebody's. */
static int why_raised(const struct tracee *tracee, int signal)
{
	siginfo_t info;

	return (signal == SIGSEGV || signal == SIGBUS || signal == SIGTRAP || signal == SIGSYS) &&
			       ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &info) == 0 &&
			       info.si_code > 0
		       ? info.si_code
		       : 0;
}

/* Whether the instruction before ip was a trap only while fast_path_replace() was at it. */
static bool is_replaced_trap(const struct tracee *tracee, uint64_t ip)
{
	uint8_t byte;

	return tracee_mem_read(tracee->tid, ip - 1, &byte, sizeof(byte)) == 0 &&
	       (fast_path_is_jump(byte) ||
		       (byte == FAST_PATH_TRAP &&
			       fast_path_replace_in_child(tracee->tid, ip - 1) == 0));
}

/*
 * A filter has raised SIGSYS, in place of a call in the gate: its handler makes the result. The signal tells the address of the call,
 * too, and handlers compare the two (Chromium's).
 */
static void refuse_in_slot(
	const struct tracee *tracee, const struct fast_path_slot *slot, struct regs *regs)
{
	siginfo_t info;

	regs_set_instruction_pointer(regs, slot->back);
	if (ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &info))
		return;
	info.si_call_addr = (void *)regs_instruction_pointer(regs);
	ptrace(PTRACE_SETSIGINFO, tracee->tid, 0, &info);
}

void fast_path_is_used_now(void)
{
	is_used = true;
}

bool fast_path_is_used(void)
{
	return is_used;
}

int fast_path_at_signal(struct tracee *tracee, struct regs *regs, int signal)
{
	uint64_t ip = regs_instruction_pointer(regs), cell[2]; /* place, call */
	struct fast_path_slot slot;

	if (!is_used)
		return signal;
	int why = why_raised(tracee, signal);
	/* A path that is no memory: the kernel is to say so. Or a link's buffer, which another thread has unmapped since. */
	bool is_fault = why && (signal == SIGSEGV || signal == SIGBUS);
	if (signal == SIGTRAP && (why == SI_KERNEL || why == TRAP_BRKPT) &&
		is_replaced_trap(tracee, ip)) {
		regs_set_instruction_pointer(regs, ip - 1);
		return 0;
	}
	bool is_in_slot = find_slot(tracee, ip, &slot);
	if (!is_in_slot && !find_cell(tracee, ip, cell) && !find_cell_of_jump(tracee, ip, cell))
		return signal;
	/* Step by step it would never get through: the next step that is told is the program's own. */
	if (signal == SIGTRAP && why == TRAP_TRACE)
		return 0;
	if (is_in_slot && signal == SIGSYS && why)
		refuse_in_slot(tracee, &slot, regs);
	else if (is_in_slot)
		leave_slot(&slot, regs);
	else
		regs_set_instruction_pointer(regs, is_fault ? cell[1] : cell[0]);
	return is_fault ? 0 : signal;
}

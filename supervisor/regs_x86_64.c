/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regs.h"

#include <sys/ptrace.h>

enum { USER_CODE_SEGMENT_64 = 0x33, SYSCALL_INSTRUCTION_BYTES = 2 };
#define X32_SYSCALL_BIT 0x40000000L

int regs_read(pid_t tid, struct regs *ret_regs)
{
	return ptrace(PTRACE_GETREGS, tid, NULL, &ret_regs->raw) ? -errno : 0;
}

int regs_write(pid_t tid, const struct regs *regs)
{
	return ptrace(PTRACE_SETREGS, tid, NULL, &regs->raw) ? -errno : 0;
}

bool regs_is_native(const struct regs *regs)
{
	return regs->raw.cs == USER_CODE_SEGMENT_64 &&
	       ((int)regs->raw.orig_rax < 0 || !(regs->raw.orig_rax & X32_SYSCALL_BIT));
}

/* As addr_to_vsyscall_nr() of the kernel: one behind the other at each 1024 bytes. */
bool regs_is_vsyscall(const struct regs *regs)
{
	return (regs->raw.rip & ~0xc00ULL) == 0xffffffffff600000;
}

long regs_syscall(const struct regs *regs)
{
	return (int)regs->raw.orig_rax;
}

void regs_set_syscall(struct regs *regs, long nr)
{
	regs->raw.orig_rax = (unsigned long)nr;
}

/* The order of syscall(2): rdi, rsi, rdx, r10, r8, r9. */
static unsigned long long *arg_register(struct regs *regs, int arg)
{
	switch (arg) {
	case 0:
		return &regs->raw.rdi;
	case 1:
		return &regs->raw.rsi;
	case 2:
		return &regs->raw.rdx;
	case 3:
		return &regs->raw.r10;
	case 4:
		return &regs->raw.r8;
	default:
		return &regs->raw.r9;
	}
}

uint64_t regs_arg(const struct regs *regs, int arg)
{
	return *arg_register((struct regs *)regs, arg);
}

void regs_set_arg(struct regs *regs, int arg, uint64_t value)
{
	*arg_register(regs, arg) = value;
}

int64_t regs_result(const struct regs *regs)
{
	return (int64_t)regs->raw.rax;
}

void regs_set_result(struct regs *regs, int64_t result)
{
	regs->raw.rax = (unsigned long long)result;
}

void regs_rewind_to(struct regs *regs, const struct regs *asked)
{
	*regs = *asked;
	regs->raw.rip -= SYSCALL_INSTRUCTION_BYTES;
	regs->raw.rax = asked->raw.orig_rax;
	/* No call is in flight any more: else the kernel would take rax for a result to restart. */
	regs->raw.orig_rax = (unsigned long long)-1;
}

uint64_t regs_stack_pointer(const struct regs *regs)
{
	return regs->raw.rsp;
}

uint64_t regs_frame_pointer(const struct regs *regs)
{
	return regs->raw.rbp;
}

uint64_t regs_instruction_pointer(const struct regs *regs)
{
	return regs->raw.rip;
}

void regs_set_instruction_pointer(struct regs *regs, uint64_t address)
{
	regs->raw.rip = address;
}

/* System V ABI, AMD64 supplement, figure 3.36. */
bool regs_dwarf(const struct regs *regs, int number, uint64_t *ret_value)
{
	const struct user_regs_struct *raw = &regs->raw;
	const uint64_t values[] = { raw->rax, raw->rdx, raw->rcx, raw->rbx, raw->rsi, raw->rdi,
		raw->rbp, raw->rsp, raw->r8, raw->r9, raw->r10, raw->r11, raw->r12, raw->r13,
		raw->r14, raw->r15, raw->rip };

	if (number < 0 || number >= (int)ARRAY_SIZE(values))
		return false;
	*ret_value = values[number];
	return true;
}

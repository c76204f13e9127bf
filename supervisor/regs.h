/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The registers of a stopped thread. Only regs_<arch>.c knows their names. */
#ifndef GVTRACE_REGS_H
#define GVTRACE_REGS_H

#include "util.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct regs {
	struct user_regs_struct raw;
};

/* 0, or -ESRCH when the thread is not there or not stopped any more. */
int regs_read(pid_t tid, struct regs *ret_regs) MUST_CHECK;
int regs_write(pid_t tid, const struct regs *regs) MUST_CHECK;

/* The call was made with the 64-bit calling convention and number space of this program. False for
 * 32-bit programs and x32 calls. (int $0x80 in a 64-bit program can't be told by registers.) */
bool regs_is_native(const struct regs *regs);

/*
 * At a seccomp stop: the call is one by the vsyscall page, as programs made them before 2011 (time, gettimeofday, getcpu), which the kernel
 * carries out at the fault of executing it: neither entry nor exit stop.
 */
bool regs_is_vsyscall(const struct regs *regs);

long regs_syscall(const struct regs *regs);
/* -1: the call will not run, and its result is what regs_set_result says. Set at an entry or seccomp
 * stop only. */
void regs_set_syscall(struct regs *regs, long nr);

uint64_t regs_arg(const struct regs *regs, int arg);
void regs_set_arg(struct regs *regs, int arg, uint64_t value);

int64_t regs_result(const struct regs *regs);
void regs_set_result(struct regs *regs, int64_t result);

/*
 * At an exit stop: the thread will make the asked call again, from its own system call instruction.
 * Only good for that very call: gVisor's systrap platform patches call sites such that one that is
 * entered anew runs with the number written there (seen in release 20240729).
 */
void regs_rewind_to(struct regs *regs, const struct regs *asked);

uint64_t regs_stack_pointer(const struct regs *regs);
uint64_t regs_frame_pointer(const struct regs *regs);
uint64_t regs_instruction_pointer(const struct regs *regs);
void regs_set_instruction_pointer(struct regs *regs, uint64_t address);
enum { REGS_DWARF_FRAME_POINTER = 6 };
/* By the number that DWARF gives it, as libunwind counts too. False: there is no such register. */
bool regs_dwarf(const struct regs *regs, int number, uint64_t *ret_value);

#endif

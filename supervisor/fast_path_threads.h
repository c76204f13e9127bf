/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that are in the code of the fast path (fast_path_code.h): nobody but gvtrace is to see them there. */
#ifndef GVTRACE_FAST_PATH_THREADS_H
#define GVTRACE_FAST_PATH_THREADS_H

#include "regs.h"
#include "tracee.h"

/*
 * A call begins: if it is made in a gate, regs become those of the program's own system call instruction. True: so they did, and are to be
 * written if anything is done about the call; what is behind it in the gate might make it anew.
 */
bool fast_path_hide(const struct tracee *tracee, struct regs *regs);

/*
 * At a signal's stop, or another between instructions (signal 0): regs of a thread that is in code of ours become those where the
 * program would have been, to be written. Returns the signal, or 0 if that code has raised it and the program's own call is to fail
 * instead.
 */
int fast_path_at_signal(struct tracee *tracee, struct regs *regs, int signal);

/* Some process has a fast path, so that threads may be in it: from now on. */
void fast_path_is_used_now(void);
bool fast_path_is_used(void);

/* Whether a region begins at the address. A forked child has its parent's, and a parent those of its vfork(2) child. */
bool fast_path_is_region(pid_t tid, uint64_t address);

#endif

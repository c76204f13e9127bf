/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The call stack of a stopped thread, for the log. It is taken in a helper process: the program's own
 * files and memory decide what an unwinder meets, and it must not take the supervisor with it.
 */
#ifndef GVTRACE_BACKTRACE_H
#define GVTRACE_BACKTRACE_H

#include "regs.h"
#include <sys/types.h>

enum {
	BACKTRACE_FRAMES = 64, /* at most; what is deeper is left out */
	BACKTRACE_BYTES = 32 * 1024, /* of text, with the NUL */
};

/*
 * Writes one line a frame, "  #N  0xADDRESS  MODULE(FUNCTION+0xOFFSET)", innermost first, without a
 * newline at the end. The function and what follows it is only there if its name can be had; without
 * one the offset is from the start of the module. A line in parentheses says why there is no stack.
 * The thread has to be in a ptrace stop, and `regs` are its registers. Blocks for some milliseconds;
 * never for more than a few seconds, whatever the program is.
 */
void backtrace_write(pid_t tid, const struct regs *regs, char ret_text[BACKTRACE_BYTES]);

#endif

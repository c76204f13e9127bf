/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How this kernel orders the stops of one call, found by an experiment with a child. Linux since 4.8
 * reports the entry, then seccomp, then the exit; gVisor (2022 to 2026) seccomp, then the entry, then
 * the exit. uname(2) tells neither, and PTRACE_GET_SYSCALL_INFO is not to be had in gVisor.
 * By the same child: what becomes of a signal that comes during a stop.
 */
#ifndef GVTRACE_CALIBRATE_H
#define GVTRACE_CALIBRATE_H

#include "util.h"
#include <stdbool.h>

struct stop_order {
	/* PTRACE_SYSCALL after a seccomp stop reports the entry again before the exit. */
	bool entry_repeats;
	/*
	 * A signal that comes while the thread is stopped stays pending, and when the thread goes on nobody looks: gVisor
	 * 2022 and 2024. In 2026 it looks ("check for pending signals after Task.endInternalStopLocked()").
	 */
	bool overlooks_signals;
	/* A call on a socket that is interrupted says EINTR, also where it should be made again: see restarts.h. Asked only
	 * where signals are overlooked. */
	bool loses_restarts;
};

/* The step that needs seccomp(2). */
#define CALIBRATE_FILTER "seccomp(SECCOMP_SET_MODE_FILTER)"

/*
 * 0; or -errno with *ret_failed naming the step that failed, a literal such as "PTRACE_SEIZE": what is
 * missing to trace at all is found here, before the command starts. Where the step is CALIBRATE_FILTER, *ret_order is right
 * all the same while nothing stops by seccomp.
 */
int calibrate(struct stop_order *ret_order, const char **ret_failed) MUST_CHECK;

#endif

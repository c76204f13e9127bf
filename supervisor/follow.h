/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While a process holds a fake file open for writing, every call of all its threads stops (another thread
 * than the one that opened may write): its writes are checked and stored as the kernel would, at once.
 * It is short: open, write, close. Nobody else pays. The same while it holds a folder open that the kernel lacks: what its
 * descriptor stands for is known here only; and while it is in one.
 */
#ifndef GVTRACE_FOLLOW_H
#define GVTRACE_FOLLOW_H

#include "call.h"
#include "stop.h"

/* A thread that was not there before: it may have inherited such a descriptor. */
void follow_new_tracee(struct tracee *tracee);
/* Some descriptors may have been closed: forgets those that are not what they were. */
void follow_recheck(struct tracee *tracee);

/* All threads of a process but this one are to stop, so that call_stops_always() is asked of them. */
void follow_interrupt_others(struct tracee *tracee);

/* The last thread of a process is gone. */
void follow_process_ended(const struct process *process);

/* At a call's begin and exit, when its process may be followed. follow_enter returns state, or what must
 * become of the call: watched, or skipped with the result set. */
enum call_state follow_enter(struct stop *stop, enum call_state state);
void follow_exit(struct stop *stop);

#endif

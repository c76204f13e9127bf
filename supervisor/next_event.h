/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tracee has something to report: the only waitpid for tracees. */
#ifndef GVTRACE_NEXT_EVENT_H
#define GVTRACE_NEXT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Once, before the first. calls_are_dear: system calls are, as in gVisor. */
void next_event_init(bool calls_are_dear);

/*
 * Waits for an event of any tracee, of which there are about n. Returns its tid, with *ret_status as of
 * waitpid(2); -EINTR when a signal was handled; -ECHILD when there is none left.
 */
pid_t next_event(size_t n, int *ret_status);

/* Waits until that tracee has something to report, which next_event() gives when its turn comes. False: the time is up. */
bool next_event_await(pid_t tid, int milliseconds);

/* Whether it has something to report that next_event() has not given yet; or is gone. */
bool next_event_is_there(pid_t tid);

/*
 * Takes from the kernel what all tracees have to report, for next_event() to give when its turn comes: a thread that has ended is
 * in its process until it is taken. In gVisor (2024 to 2026) an exec that finds such a one there waits for its end for ever.
 */
void next_event_collect(void);

/* How many ends of processes have been taken from the kernel, given or not: each may have sent a SIGCHLD. */
unsigned long next_event_ends(void);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that have their parent's memory (clone(2), CLONE_VM): in gVisor 2024 such a child is there in 0.3 ms, one
 * of fork(2) in 2 to 15. All that is in memory is in common, errno too, so that the two take turns.
 */
#ifndef GVTRACE_CHILD_H
#define GVTRACE_CHILD_H

#include "util.h"
#include <sys/types.h>

/*
 * Memory for a child to run on, with an unmapped page below it. NULL: no memory. It must outlive the child, and is
 * taken away by child_stack_unmap(), which accepts NULL, and keeps a few for the next children. From any thread.
 */
void *child_stack_map(void) MUST_CHECK;
void child_stack_unmap(void *stack);

/*
 * Starts run(data) in a process of its own, which ends with what that returns; flags are clone(2)'s, such as CLONE_VFORK,
 * beside CLONE_VM and SIGCHLD. Returns the child's id, or -errno. run() must come to its end, not call exit(3).
 */
pid_t child_start(void *stack, int flags, int (*run)(void *data), void *data) MUST_CHECK;

#endif

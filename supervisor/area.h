/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of ours in a process: how it is asked for, and its slots. */
#ifndef GVTRACE_AREA_H
#define GVTRACE_AREA_H

#include "stop.h"

bool area_is_there(const struct process *process);
/* The arguments of the mmap(2) that makes one. */
extern const uint64_t area_mmap_args[SYSCALL_ARGS];
/* stop_run() of it. */
void area_run_mmap(struct stop *stop);
/* That mmap gave this result: an address, or -errno, which adds nothing. */
void area_add(struct process *process, int64_t result);

/* Takes one that nobody uses away from the process, if it has any: its address, for munmap(2); 0: it has none. */
uint64_t area_take_away(struct process *process);

#endif

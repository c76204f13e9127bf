/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A filter can grow, never shrink, so what only some processes need is added to theirs on demand. A rule for
 * one path that also names calls by descriptor (fstat) would make every fstat of every program stop. Such
 * a rule waits until a process opens that path; then the process, and what it starts, gets a second filter
 * by a seccomp(2) call made in it, for all its threads (SECCOMP_FILTER_FLAG_TSYNC).
 */
#ifndef GVTRACE_GROW_H
#define GVTRACE_GROW_H

#include "plan.h"
#include "stop.h"

/* 0; or -errno when the second filter can't be made. Does nothing when no armed rule waits. */
int grow_init(const struct rule_set *rules);

/* Whether an open just begun is of a path that a rule waits for. */
bool grow_enter(struct stop *stop);
/* At its exit, each time one of the calls run for it has ended: EXIT_RUN or EXIT_DONE. */
enum exit_verdict grow_exit(struct stop *stop);

/* Of a process that has made a child, and of that child at its first stop, in any order: it has its parent's filters. */
void grow_made_child(struct tracee *tracee);
void grow_new_tracee(struct tracee *tracee);
void grow_inherit(struct process *heir, const struct process *from);
void grow_process_ended(const struct process *process);

#endif

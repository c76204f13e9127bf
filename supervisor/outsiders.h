/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Outsiders: processes that have been told that they joined a pid namespace, where the kernel cannot do it, and
 * all that they start (do = join-pid). They are outside of it, so the kernel does not end them with it: when
 * nobody is left inside, they are killed here, as pid_namespaces(7) says of the others.
 */
#ifndef GVTRACE_OUTSIDERS_H
#define GVTRACE_OUTSIDERS_H

#include "tracee.h"

/* A thread that was not there before: it is an outsider if who made it is one. */
void outsiders_new_tracee(struct tracee *tracee);
/* The thread has made a child or a thread, which may or may not have been seen yet. */
void outsiders_made_child(struct tracee *tracee);
/* A thread has ended that was never seen to stop. */
void outsiders_never_seen(pid_t tid);
/* It has executed a program: from now on it has nothing of the /proc of before. */
void outsiders_exec(struct process *process);
/* The last thread of a process is gone. */
void outsiders_process_ended(struct process *process);

#endif

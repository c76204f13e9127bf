/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A call that another process than the stopped one is to make: any thread of it makes it in place of its next
 * call, which it then makes again. Until then all its calls stop, and threads that block are interrupted, so
 * that it comes soon. Who has asked for it is held for that long.
 */
#ifndef GVTRACE_ERRAND_H
#define GVTRACE_ERRAND_H

#include "stop.h"

/* Whether the thread's process has an errand that nobody runs yet. */
bool errand_waits(const struct tracee *tracee);
/* Makes the call that has just begun the errand's. */
void errand_begin(struct stop *stop);
/* Its exit: those who were held for it are let go. */
void errand_end(struct tracee *tracee);

/* A thread is gone, perhaps while it was held. */
void errand_tracee_ended(const struct tracee *tracee);

/* A process has ended: nobody waits for it any more. */
void errand_process_ended(pid_t tgid);

/* If an errand takes too long, whoever is held is let go. waitpid is interrupted for it. */
void errand_expire(void);

/* How a thread that was held goes on. */
void errand_init(void (*resume)(struct tracee *tracee));

#endif

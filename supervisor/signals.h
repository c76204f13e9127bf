/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that come while a thread is stopped, on kernels that overlook them (stop_order.overlooks_signals: gVisor 2022
 * and 2024, under any tracer). There the signal stays pending, and a thread that waits after its stop waits on; whoever
 * waits for its answer, as setuid(2) of glibc does for all threads, waits with it. Elsewhere nothing of this does anything.
 *
 * Before a thread goes on, the kernel is made to look (signals_notice). A signal that came between that and its going on
 * would be overlooked all the same. So calls that send signals stop, and until such a call has been made nobody is resumed.
 */
#ifndef GVTRACE_SIGNALS_H
#define GVTRACE_SIGNALS_H

#include "calibrate.h"
#include "filter.h"
#include "stop.h"
#include "tracee.h"

void signals_init(const struct stop_order *order);

/*
 * Calls that send signals stop, but for Go's preemption, which sends SIGURG all the time and again; and those that set a timer
 * that will. 0 or -errno.
 */
int signals_plan(struct filter *filter) MUST_CHECK;

/* At the stop that begins a call: whether it sends a signal at once, and its exit has to be seen. */
bool signals_enter(struct stop *stop);

/* The thread is in a stop, and is to go on: what has come meanwhile will be noticed. */
void signals_notice(struct tracee *tracee);
/* The same on the way to user mode, without a gap, and seldom: it costs a stop. */
void signals_notice_at_exit(struct tracee *tracee);
/* The thread is in a stop after which the kernel looks by itself. */
void signals_looks_itself(struct tracee *tracee);

/* The thread is in a stop; it is about to go on; it has ended. */
void signals_stopped(struct tracee *tracee);
void signals_goes_on(struct tracee *tracee);
void signals_tracee_ended(struct tracee *tracee);

/* The thread has gone on. If it is about to send a signal, returns when it has, or else, on a busy machine, after some time. */
void signals_wait_for_sender(struct tracee *tracee);
/* The thread is in its next stop, or has ended: by now it has. */
void signals_sender_stopped(struct tracee *tracee);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that are interrupted though no signal is handled. Under a tracer that is frequent: signals that the program ignores
 * interrupt, too, because the tracer is to see them, and so do we (PTRACE_INTERRUPT). Linux makes most calls again by itself then,
 * signal(7). Not so
 * - epoll_wait, sigtimedwait, semop and their kin, io_uring_enter, calls on sockets with a timeout (SO_RCVTIMEO), which say EINTR
 *   whatever interrupts them (signal(7), "never restarted");
 * - in gVisor, calls on sockets: 20240729 means to make them again, but looks for another error than the one that its sockets give
 *   (sys_socket.go, ConvertIntr; stop_order.loses_restarts).
 */
#ifndef GVTRACE_RESTARTS_H
#define GVTRACE_RESTARTS_H

#include "calibrate.h"
#include "regs.h"
#include "tracee.h"

void restarts_init(const struct stop_order *order);

/*
 * The thread, with these registers, is in the stop of a signal, or (0) in the one that an interruption leads to. If that has ended such
 * a call, they are changed: the kernel is to make it again, or to say EINTR, as the signal's handler wants it. A time that the
 * call was to wait counts from the first interruption. When it is over, the call has the result that it then has by itself.
 * Such a call is seen to begin and to end from now on: as long as tracee->restart is not RESTART_NONE the thread has to be resumed such
 * that the next call stops.
 */
void restarts_notice(struct tracee *tracee, struct regs *regs, int signal);

/*
 * A call begins; will_run: the kernel is to run it. Whether it is one that is made again: its exit has to be seen then. Where an argument
 * says how long it waits, that is what is left until its end.
 */
bool restarts_begins(struct tracee *tracee, bool will_run);

/* At an exit stop, before anybody looks at the result. */
void restarts_ends(struct tracee *tracee);

/* The thread has stopped with its process (SIGSTOP, ^Z): such calls say EINTR when it goes on, also untraced. */
void restarts_group_stop(struct tracee *tracee);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls on sockets that are interrupted, on kernels that then say EINTR in any case (stop_order.loses_restarts). gVisor
 * 20240729 means to make them again, but looks for another error than the one that its sockets give (sys_socket.go,
 * ConvertIntr). Linux makes them again unless a handler without SA_RESTART has run, signal(7). That matters more
 * under a tracer than without one: signals that are ignored interrupt, too, because the tracer is to see them, and so do
 * we (PTRACE_INTERRUPT). Elsewhere nothing of this does anything.
 */
#ifndef GVTRACE_RESTARTS_H
#define GVTRACE_RESTARTS_H

#include "calibrate.h"
#include "regs.h"

void restarts_init(const struct stop_order *order);

/*
 * A thread with these registers is in the stop of a signal, or in the one that an interruption leads to. If that has ended such
 * a call, they are changed: the kernel is to make it again, or to say EINTR, as the signal's handler wants it.
 */
void restarts_notice(struct regs *regs);

#endif

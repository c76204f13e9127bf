/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who compares fstat of a descriptor with stat of the name, as cp and tar do, asks by the name, opens it, and then asks of
 * the descriptor at once. Where that is not the kernel's file, the answer has to be a rule's. So that not each fstat of a
 * program that opens such a file stops from then on (grow.h), and of all that it starts, the thread's next calls do: where the name was asked for before
 * (stop_looks_at(), stop_has_opened() of emulation.h).
 */
#ifndef GVTRACE_LOOKED_AT_H
#define GVTRACE_LOOKED_AT_H

#include "tracee.h"

/* Whether every call of the thread stops for that. */
bool looked_at_stops(const struct tracee *tracee);
/* At each exit stop, behind what is done there. */
void looked_at_exit(struct tracee *tracee);
/* The thread has executed a program. */
void looked_at_exec(struct tracee *tracee);

#endif

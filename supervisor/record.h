/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From stops to log events. */
#ifndef GVTRACE_RECORD_H
#define GVTRACE_RECORD_H

#include "stop.h"
#include "supervise.h"

void record_init(const struct supervise_options *options);

/* Whether this call will be logged: a rule acts on it, or has acted on the file that a link tells, or its name was asked for. */
bool record_wants(const struct stop *stop);
/* Keeps what the log needs of the entry: texts that arguments point to, the time. */
void record_enter(struct stop *stop);
/* The call is finished; given: what the program gets. Does nothing without a record_enter. */
void record_exit(struct stop *stop, int64_t given);

/* Whether this rule only logs, so that the next ones are to be tried. */
bool record_is_log_rule(const struct rule *rule);

/* The thread has executed a program: as an ordinary user, a setuid one runs without its owner's rights,
 * which is said once. */
void record_exec(const struct tracee *tracee);

/* The thread runs a 32-bit program, or makes an x32 call: such calls pass through. Said once. */
void record_foreign_abi(const struct tracee *tracee);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens at the two ends of a call: rules are matched, emulations run, registers written. */
#ifndef GVTRACE_CALL_H
#define GVTRACE_CALL_H

#include "supervise.h"
#include "tracee.h"

enum call_state {
	CALL_PASSES, /* nothing of ours: no exit stop is needed */
	CALL_WATCHED, /* its exit stop is needed */
	CALL_SENT, /* only to put back the arguments; never what call_enter() returns */
	CALL_SKIPPED, /* the kernel will not run it; its result is set, no exit stop is needed */
	CALL_ALONE, /* nothing of ours, and no exit stop follows, even where every call stops */
	CALL_GONE, /* the thread died */
};

void call_init(const struct supervise_options *options);

/* Whether every call of the thread stops: it is resumed with PTRACE_SYSCALL. */
bool call_stops_always(const struct tracee *tracee);

/* At the stop that begins a call, or begins again one that was rewound. at_seccomp: it is the filter's. */
enum call_state call_enter(struct tracee *tracee, bool at_seccomp);

/*
 * At the stop that begins a call of a thread for which there is no memory: one that takes a path is not made, its result
 * is -ENOMEM, because the kernel's own file must not stand in for a fake one. Any other is made.
 */
void call_refuse(pid_t tid);

/* At a seccomp stop behind the stop that began the call, where every call stops: what filters say of it. */
void call_judged(const struct tracee *tracee);

/* At the exit stop. May rewind the call: it then begins again. */
void call_exit(struct tracee *tracee);

#endif

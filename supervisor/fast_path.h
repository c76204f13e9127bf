/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls whose path cannot match a rule, at native speed: a place of a program that makes such calls again and again is
 * led through code of ours in the process (fast_path_code.h), which lets those pass that can be told by their text, and
 * leaves all others to the stop that they would have had. A process in which anything is not as expected goes on without.
 */
#ifndef GVTRACE_FAST_PATH_H
#define GVTRACE_FAST_PATH_H

#include "filter.h"
#include "stop.h"

/* Before anything runs. If there are calls that can be told so, filter lets them pass where they are made in a gate. */
void fast_path_init(
	const struct rule_set *rules, const struct syscall_set *logged, struct filter *filter);

/*
 * At the seccomp stop of a call that nobody is interested in. True: it has been made, in stop, a call of ours, after which
 * comes fast_path_call_has_run(), and then the asked call is to be made again.
 */
bool fast_path_wants_call(struct stop *stop);
void fast_path_call_has_run(struct stop *stop, int64_t result);

/*
 * Whether the program reads none of the arguments after the call: where it is seen to be made by Go's Syscall6, which gives its third
 * argument to its caller as a second result, though, where no call made here has one. They then need not be put back.
 */
bool fast_path_forgets_args(const struct stop *stop);

/*
 * A call begins that loads a filter (own_filters.h): its process gets no calls of ours any more, about which that might do anything.
 * What is led already goes on.
 */
void fast_path_notice(struct stop *stop);

#endif

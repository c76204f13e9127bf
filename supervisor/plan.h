/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which system calls stop: computed from the armed rules, what the log wants, and what following needs. */
#ifndef GVTRACE_PLAN_H
#define GVTRACE_PLAN_H

#include "filter.h"
#include "rules.h"
#include <stdbool.h>

/*
 * The filter for these; an empty one means that nothing has to be traced. has_log: what rules do is to be seen, so that also
 * those stop which the filter could refuse by itself. NULL: no memory, or a call that libseccomp does not take.
 */
struct filter *plan_filter(
	const struct rule_set *rules, const struct syscall_set *logged, bool has_log);

/* Whether the filter refuses the call by itself, with ENOSYS. */
bool plan_refuses(long nr);

/* Whether io_uring_setup(2) fails with ENOSYS: a rule that an io_uring's opens would slip past is armed. */
bool plan_refuses_io_uring(const struct rule_set *rules);

/*
 * Whether the rule's calls by descriptor (fstat, and newfstatat with AT_EMPTY_PATH, which is glibc's) wait for
 * a process to have a descriptor that they are about, see grow.h and looked_at.h. It is so for an emulation that makes or edits files,
 * and for a rule that names one path, without a wildcard: then its opening is what is waited for.
 */
bool plan_waits(const struct rule *rule);
bool plan_waits_for_path(const struct rule *rule);
/* Whether the call gives a descriptor of the path that it takes. */
bool plan_opens(long nr);

/* The calls by descriptor of the rules that wait; *ret_filter is NULL if none does. 0 or -errno. */
int plan_second_filter(const struct rule_set *rules, struct filter **ret_filter);

/* Whether a call of the rule stops in outsiders only (see outsiders.h): newfstatat does as fstat. */
bool plan_is_late(const struct rule *rule, long nr);

/* These calls; *ret_filter is NULL if there are none. 0 or -errno. */
int plan_late_filter(const struct rule_set *rules, struct filter **ret_filter);

#endif

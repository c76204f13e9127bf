/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which system calls stop: computed from the armed rules, what the log wants, and what following needs. */
#ifndef GVTRACE_PLAN_H
#define GVTRACE_PLAN_H

#include "filter.h"
#include "rules.h"

/* The filter for these; an empty one means that nothing has to be traced. NULL: no memory, or a call that
 * libseccomp does not take. */
struct filter *plan_filter(const struct rule_set *rules, const struct syscall_set *logged);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Seccomp filters that programs load themselves. One may leave a call to a tracer (SECCOMP_RET_TRACE), for which there is none where
 * gvtrace is not: the call then fails with ENOSYS (seccomp(2)), and a program may count on that.
 */
#ifndef GVTRACE_OWN_FILTERS_H
#define GVTRACE_OWN_FILTERS_H

#include "stop.h"

/* Whether the call loads a filter, or tries to: all such calls stop, by plan.c. libseccomp asks without one for what the kernel knows. */
bool own_filters_are_loaded(const struct stop *stop);

/* Such a call begins. */
void own_filters_notice(struct stop *stop);

/*
 * At a seccomp stop: whether it is for such a filter. Where ours wants a stop, too, the one that was loaded last is told, so that of a
 * process that has got its second filter (grow.h) after its own it may be ours.
 */
bool own_filters_leave(const struct tracee *tracee);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of another ABI than x86-64's, which pass through: 32-bit ones, also of 64-bit code (int $0x80), and x32's. A few leave behind
 * what the supervisor has to know of.
 */
#ifndef GVTRACE_FOREIGN_CALL_H
#define GVTRACE_FOREIGN_CALL_H

#include "tracee.h"

/* Whether after a foreign call of this number there may be memory that is never filled in, see lookup_notice(). */
bool foreign_call_may_make_dead_memory(long nr);

/*
 * At a call's stop: whether 64-bit code has made a 32-bit call: registers do not tell. At a seccomp stop our filter has told them apart, and
 * lets only a few stop; at an entry stop the kernel is asked. Not for gVisor, where there are none.
 */
bool foreign_call_is_made(const struct tracee *tracee, long nr, bool at_seccomp);

#endif

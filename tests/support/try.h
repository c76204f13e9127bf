/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For cases whose output is that of the kernel's own file: a call as it stands in the source, its result and its error. */
#ifndef GVTRACE_TRY_H
#define GVTRACE_TRY_H

#include "case.h"

#define TRY(call)                                                                           \
	do {                                                                                \
		errno = 0;                                                                  \
		long n_ = (long)(call);                                                     \
		printf("%s = %ld %s\n", #call, n_, n_ == -1 ? strerrorname_np(errno) : ""); \
		fflush(stdout);                                                             \
	} while (0)

#endif

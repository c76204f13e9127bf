/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What gvtrace itself has to say, on standard error: "gvtrace: ...". */
#ifndef GVTRACE_DIAG_H
#define GVTRACE_DIAG_H

#include "util.h"

void diag(const char *format, ...) PRINTF_LIKE(1, 2);
/* At most once for each place in the code. */
#define diag_once(...)                     \
	do {                               \
		static int said_;          \
		if (!said_++)              \
			diag(__VA_ARGS__); \
	} while (0)

/* Exit codes, as env(1) and the shells have them. */
enum { EXIT_GVTRACE_FAILED = 125, EXIT_CANNOT_EXECUTE = 126, EXIT_NOT_FOUND = 127 };

/* Only before the first tracee is resumed. */
_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);

#endif

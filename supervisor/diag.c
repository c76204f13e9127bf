/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>

static void say(const char *format, va_list args)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "gvtrace: ");

	n += vsnprintf(text + n, sizeof(text) - (size_t)n - 1, format, args);
	if (n > (int)sizeof(text) - 2)
		n = (int)sizeof(text) - 2;
	text[n++] = '\n';
	/* One write, so that lines of several processes stay whole. */
	if (write(STDERR_FILENO, text, (size_t)n) < 0)
		return;
}

void diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(EXIT_GVTRACE_FAILED);
}

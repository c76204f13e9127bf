/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "diag.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

enum { PATIENCE_MS = 200 };

static void say(const char *format, va_list args)
{
	struct pollfd reader = { .fd = STDERR_FILENO, .events = POLLOUT };
	char text[1024];
	int n = snprintf(text, sizeof(text), "gvtrace: ");

	n += vsnprintf(text + n, sizeof(text) - (size_t)n - 1, format, args);
	if (n > (int)sizeof(text) - 2)
		n = (int)sizeof(text) - 2;
	text[n++] = '\n';
	/* Who reads the pipe, or stopped the terminal (a program can, too), must not keep us: then it is lost. */
	if (poll(&reader, 1, PATIENCE_MS) == 0)
		return;
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

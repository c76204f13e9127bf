/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of an answer. */
#include "experiments.h"

#include <stdarg.h>
#include <stdio.h>

int probe_say(char evidence[PROBE_EVIDENCE_MAX], int yes, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(evidence, PROBE_EVIDENCE_MAX, format, arguments);
	va_end(arguments);
	return yes;
}

const char *probe_errno_name(int error)
{
	const char *name = strerrorname_np(error);
	return name ? name : "an unknown error";
}

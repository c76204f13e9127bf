/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the programs that look at what traces them. After case.h. */
#ifndef GVTRACE_TRACER_H
#define GVTRACE_TRACER_H

#include "case.h"

/* 0: nobody. */
static pid_t tracer_of_us(void)
{
	char line[256];
	int tracer = 0;
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (status)
		fclose(status);
	return tracer;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs of tests/robustness share. */
#ifndef GVTRACE_LOOPS_H
#define GVTRACE_LOOPS_H

#include <stdlib.h>
#include <time.h>

/* How much longer than usual a test is to run. */
__attribute__((unused)) static int loops(void)
{
	const char *text = getenv("GVTRACE_LOOPS");

	return text && atoi(text) > 0 ? atoi(text) : 1;
}

__attribute__((unused)) static double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the tests in which some tracees wait for ever, and nobody else may. After case.h. */
#ifndef GVTRACE_OTHERS_H
#define GVTRACE_OTHERS_H

#include "case.h"
#include "loops.h"

/* Those who have nothing to do with it open fake files and fork, within reason. */
static void others_go_on(const char *meanwhile)
{
	enum { PATIENCE_S = 2, GOOD_TURNS = 15 };
	double begin = seconds_now();

	for (int i = 0; i < GOOD_TURNS; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(sees_fake() ? 0 : 1);
		CHECK_EXITS(child, 0);
	}
	double took = seconds_now() - begin;
	if (took > PATIENCE_S) {
		printf("%s: the others took %.1f s\n", meanwhile, took);
		fflush(stdout);
		_exit(1);
	}
}

#endif

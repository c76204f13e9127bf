/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "looked_at.h"

#include "stop.h"

/* The open's own, and those of calls that may come between (Python has fcntl). */
enum { EXITS = 5 };

void stop_looks_at(struct stop *stop, uint64_t file)
{
	stop->tracee->looked_at = file;
}

void stop_has_opened(struct stop *stop, uint64_t file)
{
	struct tracee *tracee = stop->tracee;

	if (file && tracee->looked_at == file)
		tracee->n_looking = EXITS;
	tracee->looked_at = 0;
}

bool looked_at_stops(const struct tracee *tracee)
{
	return tracee->n_looking > 0;
}

void looked_at_exit(struct tracee *tracee)
{
	/* A call that is to begin again has not ended. */
	if (tracee->n_looking > 0 && !tracee->replays)
		tracee->n_looking--;
}

void looked_at_exec(struct tracee *tracee)
{
	tracee->looked_at = 0;
	tracee->n_looking = 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What asks questions (run.c) and the child that answers them (asking.c) have in common. */
#ifndef GVTRACE_ASKING_H
#define GVTRACE_ASKING_H

#include "probe.h"
#include "util.h"
#include <stdint.h>
#include <sys/types.h>

#define ASKING_NONE SIZE_MAX

/* Which question is being asked. */
struct cursor {
	size_t index; /* ASKING_NONE: none yet */
	bool asks; /* it is taken, and its answer is not there */
};

/* Questions that are asked together, and their answers. */
struct asking {
	const struct probe_question *questions;
	size_t n;
	pid_t asker;
	int timeout_ms;
	size_t next; /* the first one that nobody has taken */
	bool *taken; /* by question */
	bool is_kept; /* processes that were given up may still write to it */
	struct asking *next_kept;
	struct probe_answer answers[];
};

/* A child of the asker, and what it shares with it and with the processes of its experiments. */
struct lane {
	struct asking *asking;
	int answer_fd;
	bool is_single; /* one question, that of the cursor, whose answer goes through the pipe */
	void *stacks[2]; /* of the child, of an experiment */
	struct cursor cursor; /* written by the child, as the next */
	unsigned
		n_begun; /* questions; the asker has the clock, which would be a system call for each in gVisor */

	pid_t maker; /* of the process of an experiment */
	volatile bool made; /* written by that process */
	struct lane *next_kept;
};

/* `yes` of the word by which a child says that no question is left, and all its answers are in the common memory. */
enum { ASKING_LAST_WORD = -1 };

/*
 * Takes the next question. Whoever has the first one of a probe has all of that probe: an experiment may keep what it
 * saw for the next argument, and never runs twice at the same time. False where none is left.
 */
bool asking_next(struct asking *asking, struct cursor *cursor) MUST_CHECK;

/* The child: its exit code. data is a struct lane. */
int asking_answer(void *data);

#endif

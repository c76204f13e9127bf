/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A probe is one question about the running kernel, answered by an experiment, never by uname(2).
 * The names stand in rules (`needs = NAME [ARGUMENT]`) and in --probe's output; both read this table.
 */
#ifndef GVTRACE_PROBE_H
#define GVTRACE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum { PROBE_EVIDENCE_MAX = 160 };

struct probe {
	const char *name;
	const char *question; /* "Is the root inode of /proc other than 1?": yes = the kernel lacks it */
	const char *takes;    /* NULL, or what its argument is: "a version such as 5.10" */
	/* NULL, or checks the argument when a rule file is loaded: true if it is good. */
	bool (*check_argument)(const char *argument);
	/*
	 * Runs in a child process of its own, which may be killed, change its namespaces and its root.
	 * Returns 1 (yes), 0 (no), and in every case writes what was seen, such as "keyctl(...) = EACCES".
	 */
	int (*ask)(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
};

/* All probes, ended by a NULL name. table.c */
extern const struct probe probes[];

struct probe_answer {
	int yes; /* 1, 0; a probe whose child died or hung answers 0, and the evidence says so */
	char evidence[PROBE_EVIDENCE_MAX];
};

/* Whether needs ("NAME", "!NAME", "NAME ARGUMENT") is well-formed: NULL, or a sentence of what is wrong in
 * a static buffer, with the nearest name. */
const char *probe_check(const char *needs);

/* Asks in a child process, at most once per name and argument in this process. "!" turns the answer. */
struct probe_answer probe_ask(const char *needs);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A probe is one question about the running kernel, answered by an experiment, never by uname(2): only
 * kernel-older-than reads it, because what the kernel says there is the very question.
 * The names stand in rules (`needs = NAME [ARGUMENT]`) and in --probe's output; both read this table.
 */
#ifndef GVTRACE_PROBE_H
#define GVTRACE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PROBE_EVIDENCE_MAX = 160 };

struct probe {
	const char *name;
	const char *
		question; /* "Is the root inode of /proc other than 1?": yes = the kernel lacks it */
	const char *takes; /* NULL, or what its argument is: "a version such as 5.10" */
	/* NULL, or checks the argument when a rule file is loaded: true if it is good. */
	bool (*check_argument)(const char *argument);
	/* No namespace, keyring, handler or child is changed, so that others may be asked in the same process. */
	bool changes_nothing;
	/* The same until it asks whether it is alone (experiments.h), which few kernels make it do. */
	bool changes_late;
	/* When it is alone it may be so with others like it, one after the other, in namespaces that these have entered.
	 * Not for one that takes an argument. */
	bool joins_others;
	/* Is waited for more than others: asked first, so that others are asked beside it. */
	bool is_slow;
	/*
	 * Runs in a process made for questions, which may be killed. Its memory is the asker's: what it
	 * allocates it frees, what it opens it closes, what it changes it puts back, and it starts no thread.
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

/* Asks in a child process, at most once per name and argument in this process. "!" turns the answer; needs
 * that probe_check refuses answers 0. */
struct probe_answer probe_ask(const char *needs);

/* Asks all that was not answered before in one go, to be had by probe_ask(): much quicker than one by one. */
void probe_ask_all(const char *const needs[], size_t n);

/* The same as probe_ask() for a probe that need not be in the table; argument is NULL where it takes none. The probe must
 * outlive the process's last question. */
struct probe_answer probe_ask_one(const struct probe *probe, const char *argument);

/*
 * Asks now, whatever was answered before: makes a child, waits at most timeout_ms for the answer, and leaves no
 * process, mount or folder behind. Only a child that even SIGKILL does not end within a second is left to
 * be reaped by whoever waits next.
 */
struct probe_answer probe_run(const struct probe *probe, const char *argument, int timeout_ms);

/* A question, and room for its answer. argument is NULL where the probe takes none. */
struct probe_question {
	const struct probe *probe;
	const char *argument;
	struct probe_answer answer;
};

/*
 * The same for n questions, each with timeout_ms of its own, two at a time: those of the same probe never at the same time,
 * and in order. They share two children, and the asker's memory; of these those that change something have a process of
 * their own. When one kills its process, or hangs, that child is given up, and the dead one is asked again alone, in a
 * copy of the asker. It has a second thread meanwhile.
 */
void probe_run_all(struct probe_question *questions, size_t n, int timeout_ms);

/* Whether two texts of `needs` are the same question, however blanks stand in them. */
bool probe_needs_equal(const char *one, const char *other);

/*
 * Prints one line per probe below a line of headings: its name, yes or no, the evidence, the rules that it
 * arms. A probe that takes an argument has a line for each argument that was asked for before (arming the
 * rules does), or one without an answer. rules_of() writes the names of the rules whose `needs` is the
 * given text into ret, or ""; it is asked for "NAME" where the answer is yes, for "!NAME" where it is no.
 */
void probe_report(FILE *out,
	void (*rules_of)(const char *needs, char *ret, size_t size, void *data), void *data);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules: when (which system calls) + do (one emulation). Loading is all or nothing; after it a rule
 * set does not change, except that arming switches rules off by their probes.
 */
#ifndef GVTRACE_RULES_H
#define GVTRACE_RULES_H

#include "emulation.h"
#include "path.h"
#include "syscalls.h"
#include <stdbool.h>
#include <stdio.h>

enum { RULE_CONDITIONS = SYSCALL_ARGS };

struct rule {
	char *name; /* of its section, unique; owned */
	const char *file; /* borrowed from the set */
	int line; /* of its section header */
	char *why; /* owned, or NULL */
	char *needs; /* a probe, "!" before it for its opposite, its argument after a blank;
	                         owned, or NULL for always */
	bool enabled; /* as the file says */
	bool armed; /* enabled, and its probe says yes; set by rules_arm */
	bool stack; /* log the caller's stack */
	struct syscall_set syscalls;
	struct path_glob *path; /* NULL: any call */
	struct path_glob
		*program; /* NULL: any program; matched against the path, or its last name */
	struct arg_condition conditions[RULE_CONDITIONS + 1]; /* ended by arg -1; all must hold */
	const struct emulation *emulation;
	void *config; /* owned */
};

/* `name = value` of a [sysctl] section or of -s; the last of a name wins. */
struct sysctl_setting {
	char *name, *value; /* owned */
	const char *file;
	int line, column; /* of the value */
};

struct rule_set {
	char *summary; /* of the outermost profile; owned, or NULL */
	struct rule **rules; /* in the order in which they are tried */
	size_t n_rules;
	struct sysctl_setting *sysctls;
	size_t n_sysctls;
	/* Everything below is private to rules/. */
	struct rule_file **files; /* read so far; rules and errors borrow their names */
	size_t n_files;
	struct rule **by_syscall
		[SYSCALL_MAX]; /* armed rules in file order, NULL-terminated; NULL: none */
};

/* What the rules are checked against; the caller's tables, so that rules/ depends on none of them. */
struct rules_context {
	const struct emulation *const *emulations; /* ended by NULL */
	/* 0; or -EINVAL with a sentence, and perhaps the nearest name, in *error (place left alone). */
	int (*check_probe)(const char *needs, struct rule_error *error);
	/* The same; -ENOENT if it is the name that is wrong. */
	int (*check_sysctl)(const char *name, const char *value, struct rule_error *error);
};

/* rules_create returns NULL when out of memory; rules_destroy accepts NULL. */
struct rule_set *rules_create(void);
void rules_destroy(struct rule_set *set);

/*
 * Adds a file, or a shipped profile by name ("containers"), with what it includes. What is read later
 * stands on top of what was read before it, and so does a file on top of what it includes: a rule takes
 * the place of the one of the same name, new rules are tried first, in file order, and a sysctl's last
 * value holds. A file that was read before is not read again. On an error nothing of the set may be used
 * any more. Returns 0, -EINVAL (*error says where and why), -ENOMEM, or -errno of the file with *error
 * saying which; -EPERM is also for a file that others may write, while running as root.
 */
int rules_load_file(struct rule_set *set, const char *file, const struct rules_context *context,
	struct rule_error *error);
int rules_load_profile(struct rule_set *set, const char *name, const struct rules_context *context,
	struct rule_error *error);
/* NAME=VALUE from the command line. */
int rules_add_sysctl(struct rule_set *set, const char *assignment,
	const struct rules_context *context, struct rule_error *error);

/* Asks for each needed probe once, sets `armed`, and makes the index by number. holds(): 1, 0. Returns 0
 * or -ENOMEM. May be called again. */
int rules_arm(struct rule_set *set, int (*holds)(const char *needs, void *data), void *data);

/* Shipped profiles, ended by a NULL name. */
struct profile {
	const char *name, *text;
};
extern const struct profile profiles[];

/* What rules_match asks about a call; the supervisor answers lazily, --explain from its arguments. */
struct match_query {
	long nr;
	const uint64_t *args;
	void *data;
	/*
	 * The path of argument arg, or NULL when it has none or cannot match the rule's (a cheap look at its
	 * last name may say so before anything is resolved).
	 */
	const char *(*path)(void *data, int arg, const struct rule *rule);
	const char *(*program)(void *data); /* the executable's path, or "" */
};

/*
 * The first armed rule from *cursor on (start at 0) that matches; the cursor then stands behind it, so
 * that another call goes on from there. *ret_path_args: 1 << argument for each argument whose path
 * matched. NULL: none, or none any more.
 */
const struct rule *rules_match(const struct rule_set *set, const struct match_query *query,
	size_t *cursor, unsigned *ret_path_args);

/* The same for the rules that edit the text of the file at path (`edit` of emulation.h), as read by a program. */
const struct rule *rules_match_text(
	const struct rule_set *set, const char *path, const char *program, size_t *cursor);

/* Whether a rule's `program` is about the executable at this path. */
bool rules_program_matches(const struct path_glob *glob, const char *program);

/* Whether all that a rule with a path is about is in /proc. */
bool rule_is_in_proc(const struct rule *rule);

/*
 * Whether a rule with a path names the very last name of text, so that it is worth to look for links on the way, and at other mounts.
 * /proc has files called "cgroup", and container stacks ask for /sys/fs/cgroup all the time: a link called "fs" is not taken for
 * one to a folder of /proc.
 */
bool rule_names(const struct rule *rule, const char *text);

/*
 * "FILE:LINE:COLUMN: TEXT\n", with the line and a caret below it if caret and the file can be read. Without a line:
 * "gvtrace: FILE: TEXT\n".
 */
void rule_error_print(FILE *out, const struct rule_error *error, bool caret);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which calls can be told by their path's text alone to match no armed rule: an absolute path that begins with none of the
 * rules' first folders, and whose last name is none that a rule is about, matches nothing, whatever links are on its
 * way (see stop_path.c: links are looked at for those names only).
 */
#ifndef GVTRACE_FAST_PATH_CHECK_H
#define GVTRACE_FAST_PATH_CHECK_H

#include "rules.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	FAST_PATH_PREFIXES = 8,
	FAST_PATH_PREFIX_BYTES = 12,
	FAST_PATH_NAME_BITS = 32768, /* a name's bit is in the low bits of its CRC-32C */
	FAST_PATH_FOLDER_BITS = 512, /* the same, for folders */
	FAST_PATH_CALLS = 15,
	FAST_PATH_PROGRAMS = 4,
};

/* The calls that can be told so, by how often container stacks make them. The path is argument 0 or 1. */
extern const struct fast_path_call {
	long nr;
	int path_arg;
} fast_path_calls[FAST_PATH_CALLS];
/* The path_arg of one of them. */
int fast_path_arg(long nr);

struct fast_path_check {
	struct syscall_set
		calls; /* of fast_path_calls, those that stop for rules which can all be told so */
	/* The names of folders in "/" that the slow path is for; ended by an empty one. */
	char prefixes[FAST_PATH_PREFIXES + 1][FAST_PATH_PREFIX_BYTES];
	/* The last names that it is for, and those that it is for even where the path is seen to be a folder. */
	struct fast_path_names {
		uint8_t folders[FAST_PATH_FOLDER_BITS / 8];
		uint8_t all[FAST_PATH_NAME_BITS / 8];
	} names;
	struct syscall_set
		by_result; /* of these calls, those that fast_path_result_tells() may say yes to */
	bool is_cgroup_elsewhere; /* a rule is about paths that end in "/fs/cgroup" */
	/* Rules without a path, for these programs only. Borrowed; ended by NULL. */
	const struct path_glob *programs[FAST_PATH_PROGRAMS + 1];
};

/* False: no call can be told so. logged: calls that the log wants in any case. */
bool fast_path_check_make(const struct rule_set *rules, const struct syscall_set *logged,
	struct fast_path_check *ret_check);

/* Whether a call's path cannot match, as the code in the tracee (fast_path_code.h) finds it, too. */
bool fast_path_cannot_match(
	const struct fast_path_check *check, long nr, const char *path, uint64_t flags);

/*
 * Whether the call, of which that is not so, does match nothing if it has a certain result, as the code in the tracee finds it, too:
 * an openat with O_DIRECTORY of a single name in some folder, if it succeeds; a readlinkat of a link of /proc to a descriptor, if that
 * is a file that no rule has made (fast_path_slot.h). Otherwise the call is made anew, and stops: it has changed nothing.
 */
bool fast_path_result_tells(
	const struct fast_path_check *check, long nr, const char *path, uint64_t open_flags);
/* Of the flags of openat, those that are looked at, and what they are then. */
enum { FAST_PATH_OPEN_MASK = O_TMPFILE | O_CREAT, FAST_PATH_OPEN_FOLDER = O_DIRECTORY };

/* Whether a program of this path may be among check->programs. */
bool fast_path_names_program(const struct fast_path_check *check, const char *program);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths as text: no function here asks the kernel. */
#ifndef GVTRACE_PATH_H
#define GVTRACE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How far a path is followed, while everybody waits. Links: the kernel's own MAXSYMLINKS. Bytes: each name is asked for from
 * the root on, so much path in all. 100 names of 10 bytes take 50 KiB; with what a program can put into one path, links
 * among it, 40 full walks of 2,000 names took 14 s.
 */
enum { PATH_LINKS_MAX = 40, PATH_ASKED_BYTES_MAX = 128 * 1024 };

/*
 * Joins path to base (an absolute path; not looked at if path is absolute) and removes "//", "." and
 * ".." as text. The result is absolute, without a trailing slash unless it is "/". Returns its length,
 * or -ENAMETOOLONG (ret_path then holds rubbish). ret_path may not overlap path or base.
 */
int path_join(const char *base, const char *path, char *ret_path, size_t size);

/* The last name of a path, without trailing slashes: its start, and its length in *ret_length
 * (0 for "/" and ""). */
const char *path_last_name(const char *path, size_t *ret_length);

/* Whether a name within a path is this one. */
bool path_is_name(const char *name, size_t length, const char *wanted);

/* Whether one of the names in a path, or part of one, is "..". */
bool path_has_dot_dot(const char *path);

/* Adds a name, in place, to an absolute path; to "/" too. 0, or -ENAMETOOLONG when that has no room in size bytes. */
int path_push(char *path, size_t size, const char *name, size_t length);
/* Removes the last name of an absolute path, in place, not below "/". */
void path_pop(char *path);

/* Whether a path is folder or below it; both absolute, without a slash at their ends. */
bool path_is_below(const char *path, const char *folder);

/* How /sys/fs/cgroup ends, in whatever folder a container's files are; and whether a path does, without its trailing slash. */
#define PATH_FS_CGROUP "/fs/cgroup"
bool path_is_fs_cgroup(const char *path);

/* Undoes the \ooo of mountinfo, in place. */
void path_unescape(char *text);

/* A glob over absolute paths: `*` and `?` and [set] within a component, `**` across components, `\`
 * quotes. A trailing slash-star-star also matches the folder itself; slash-star-star-slash also matches
 * a single slash. Matching never takes exponential time. */
struct path_glob;

/* NULL with *ret_why (a literal sentence) for a glob that is wrong; NULL and *ret_why NULL: no memory.
 * A glob that does not start with "/" is only good for names: path_glob_create(..., true) allows it. */
struct path_glob *path_glob_create(const char *text, bool name_allowed, const char **ret_why);
void path_glob_destroy(struct path_glob *glob);
const char *path_glob_text(const struct path_glob *glob);
bool path_glob_match(const struct path_glob *glob, const char *path);
/* Whether some path that ends in this name could match: false only if none can. For "", "." and "..",
 * which say nothing about where a path ends, it is true. */
bool path_glob_may_end_in(const struct path_glob *glob, const char *name, size_t length);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The links of /proc that lead to what a descriptor, the working directory or the root folder is, whatever
 * their text says (proc_pid_fd(5)); and what a thread's own links say, as the thread would put it.
 */
#ifndef GVTRACE_MAGIC_LINKS_H
#define GVTRACE_MAGIC_LINKS_H

#include "calibrate.h"
#include "stop.h"

/*
 * Before the first stop. The armed rules lead paths elsewhere, for what the kernel then shows of them; borrowed.
 * Where statfs(2) tells that something is in no procfs, its link need not be read. That is asked of gVisor (2022 to 2026), told
 * by its order of stops: statfs(2) has nobody to wait for there, while in 2024 the readlink(2) of a descriptor in a mount whose
 * folder is gone never returns (docs/gvisor.md). On Linux it is the other way round: statfs(2) may wait for a FUSE server, and
 * is left to the helper of lookup.h.
 */
void magic_links_init(const struct rule_set *rules, const struct stop_order *order);
bool magic_links_ask_type(void);

enum { MAGIC_LINKS_MAX = 8 /* as many hops as a name made of such links is followed */ };

/* What the link /proc/TID/NAME says, as the program sees it. ret_path has PATH_MAX bytes. 0, or -errno when
 * it leads to no path. */
int magic_link_path(struct stop *stop, const char *name, char *ret_path) MUST_CHECK;

/*
 * The same before the thread's own root is taken off, which is another link to be read. *ret_is_whole: there is nothing to be taken
 * off. Where an armed rule leads paths elsewhere, magic_links_lead_elsewhere(), what the link says is perhaps not what was asked.
 */
int magic_link_shown(
	struct stop *stop, const char *name, char *ret_path, bool *ret_is_whole) MUST_CHECK;
bool magic_links_lead_elsewhere(void);
/* Makes of such a text, in place, what was asked. False: no rule has led it elsewhere. */
bool magic_link_as_asked(struct stop *stop, char *path);
/* The rule that leads path elsewhere, for this call and program, or NULL; *ret_path (of PATH_MAX bytes) is where. */
const struct rule *magic_links_lead(struct stop *stop, const char *path, char *ret_path);

/*
 * Whether path is /proc/self, /proc/thread-self or /proc/PID with fd/N, cwd or root below it: then *ret_name is
 * what to ask of /proc/TID ("../PID/fd/N" of another process), and *ret_rest what follows in path. Not of a process whose links
 * mean another thing to the thread (proc_number.h).
 */
bool magic_link_in(
	struct stop *stop, const char *path, char *ret_name, size_t size, const char **ret_rest);
/* Whether such a name is that of a root folder. */
bool magic_link_is_root(const char *name);

/* Follows such links in path, in place, the last name only where the call does. ret_name (of size bytes; may be NULL) gets the
 * name of the last one that was followed but for "root", or stays as it is: false. */
bool magic_links_follow(struct stop *stop, char *path, char *ret_name, size_t size);
bool magic_links_follow_last(const struct stop *stop);

/* Whether path is a folder that an armed rule shows and the kernel lacks. */
bool magic_links_rule_shows(struct stop *stop, const char *path);

/* Whether the file system of what /proc/TID/NAME leads to is a procfs, be it mounted nowhere in the tree. -errno: not known. */
int magic_link_is_procfs(struct stop *stop, const char *name);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path that a link of /proc is in, as the kernel shows it to us: the thread's own root may still stand before what the thread would
 * say. That root is one more link to be read (12 us in gVisor 2024), for nothing where the path is none of a rule's whatever is
 * taken off: what is left is the path itself, or "/", or begins at one of its slashes.
 */
#ifndef GVTRACE_PATH_SHOWN_H
#define GVTRACE_PATH_SHOWN_H

#include "stop.h"

/*
 * Text relative to the link /proc/TID/VIA; or, where via is NULL, an absolute one that begins with such a link. ret_path has PATH_MAX
 * bytes. False: there is none, or it may be more than a root that makes the difference.
 */
bool path_shown(struct stop *stop, const char *via, const char *text, char *ret_path);

/* Whether, from one of its slashes on, it is a path of the rule's, or one that /proc can be put before. */
bool path_shown_ends_like(const char *shown, const struct rule *rule);

/* Whether a rule's path may match that, with any root taken off, be it in a procfs that is mounted nowhere (detached.h). */
bool path_shown_may_match(const char *shown, const struct rule *rule);

#endif

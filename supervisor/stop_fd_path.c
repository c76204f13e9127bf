/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stop_fd_path.h"

#include <fcntl.h>
#include <stdio.h>

#include "detached.h"
#include "magic_links.h"
#include "path.h"
#include "path_shown.h"
#include "proc_elsewhere.h"

/* The name below /proc/TID of such an argument. False: it is none. */
static bool link_name(const struct stop *stop, int arg, char ret_name[32])
{
	int fd = (int)stop_asked(stop, arg);

	if (stop->info->args[arg] == ARG_CWD_OUT || fd == AT_FDCWD)
		strcpy(ret_name, "cwd");
	else if (fd < 0)
		return false;
	else
		snprintf(ret_name, 32, "fd/%d", fd);
	return true;
}

static bool is_kept(const struct stop *stop, int arg)
{
	return stop->fd_path_is_kept && stop->fd_path.arg == arg;
}

static int resolve(struct stop *stop, int arg)
{
	struct stop_path *slot = &stop->fd_path;
	char name[32];

	if (!link_name(stop, arg, name))
		return -ENOENT;
	if (is_kept(stop, arg))
		return slot->error;
	slot->arg = arg;
	slot->error = magic_link_path(stop, name, slot->path);
	stop->fd_path_is_kept = stop->keeps_answers;
	return slot->error;
}

/* Whether the descriptor just asked for is in a procfs that is mounted elsewhere than on /proc, or nowhere, and what it is of there is
 * in the rule's path; it then says so. */
static void match_other_procfs(struct stop *stop, const struct rule *rule)
{
	struct stop_path *slot = &stop->fd_path;
	char name[32];

	if (stop->info->args[slot->arg] != ARG_FD || !rule->path ||
		path_is_below(slot->path, "/proc") || path_glob_match(rule->path, slot->path))
		return;
	snprintf(name, sizeof(name), "fd/%d", (int)stop_asked(stop, slot->arg));
	if (!detached_path(stop, name, slot->path, rule, slot->path))
		proc_elsewhere_fd_path(stop, name, slot->path, rule, slot->path);
}

int stop_fd_path(struct stop *stop, int arg, const char **ret_path)
{
	int r = resolve(stop, arg);

	*ret_path = stop->fd_path.path;
	if (r == 0 && stop->rule)
		match_other_procfs(stop, stop->rule);
	return r;
}

/* Whether it is none of the rule's in any root. */
static bool matches_in_no_root(struct stop *stop, int arg, const struct rule *rule)
{
	char name[32], shown[PATH_MAX];

	return !is_kept(stop, arg) && link_name(stop, arg, name) &&
	       path_shown(stop, name, "", shown) && !path_shown_may_match(shown, rule);
}

const char *stop_fd_match_path(struct stop *stop, int arg, const struct rule *rule)
{
	const char *path;

	if (matches_in_no_root(stop, arg, rule) || stop_fd_path(stop, arg, &path))
		return NULL;
	match_other_procfs(stop, rule);
	return path;
}

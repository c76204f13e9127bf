/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc_elsewhere.h"

#include "magic_links.h"
#include "mounts.h"
#include "path.h"
#include "path_shown.h"

bool proc_elsewhere_path(struct stop *stop, const char *path, bool is_procfs,
	const struct rule *rule, char *ret_path)
{
	char found[PATH_MAX];

	if (!path_is_below(path_glob_text(rule->path), "/proc") || path_is_below(path, "/proc") ||
		(!is_procfs && !path_shown_ends_like(path, rule)) ||
		!mounts_path_in_proc(stop, path, found) || !path_glob_match(rule->path, found))
		return false;
	strcpy(ret_path, found);
	return true;
}

bool proc_elsewhere_fd_path(struct stop *stop, const char *name, const char *path,
	const struct rule *rule, char *ret_path)
{
	/* gVisor 2022 does not tell the type of a folder of procfs: ENOSYS. */
	return path_shown_ends_like(path, rule) && magic_link_is_procfs(stop, name) != 0 &&
	       proc_elsewhere_path(stop, path, true, rule, ret_path);
}

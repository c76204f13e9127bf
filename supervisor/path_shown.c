/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path_shown.h"

#include <stdio.h>

#include "detached.h"
#include "magic_links.h"
#include "path.h"

/* With a root taken off, the path might begin with another link of /proc. */
static bool may_lead_on(const char *path)
{
	return strstr(path, "/proc/") || strstr(path, "/dev/fd/");
}

bool path_shown(struct stop *stop, const char *via, const char *text, char *ret_path)
{
	char name[64], absolute[PATH_MAX], base[PATH_MAX];
	bool is_whole;

	if (magic_links_lead_elsewhere() || detached_are_known())
		return false;
	if (!via) {
		if (path_join("/", text, absolute, sizeof(absolute)) < 0 ||
			!magic_link_in(stop, absolute, name, sizeof(name), &text) ||
			magic_link_is_root(name) ||
			(*text == '\0' && !magic_links_follow_last(stop)))
			return false;
		via = name;
	}
	if (magic_link_shown(stop, via, base, &is_whole) || is_whole)
		return false;
	return path_join(base, text, ret_path, PATH_MAX) >= 0 && !may_lead_on(ret_path);
}

static bool matches(const struct rule *rule, const char *path)
{
	char below_proc[PATH_MAX + 8];

	if (path_glob_match(rule->path, path))
		return true;
	snprintf(below_proc, sizeof(below_proc), "/proc%s", path[1] ? path : "");
	return path_glob_match(rule->path, below_proc);
}

bool path_shown_ends_like(const char *shown, const struct rule *rule)
{
	for (const char *path = shown; path; path = strchr(path + 1, '/'))
		if (matches(rule, path))
			return true;
	return false;
}

bool path_shown_may_match(const char *shown, const struct rule *rule)
{
	return path_shown_ends_like(shown, rule) || matches(rule, "/");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cgroup_mounts.h"

#include <string.h>

enum { ROOT_FIELD = 3 };

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

bool cgroup_mounts_root(const char *line, const char **ret_root, size_t *ret_length)
{
	const char *root = line, *end = line + strcspn(line, "\n");
	const char *dash = memmem(line, (size_t)(end - line), " - ", 3);

	if (!dash ||
		(strncmp(dash, " - cgroup ", 10) != 0 && strncmp(dash, " - cgroup2 ", 11) != 0))
		return false;
	for (int i = 0; i < ROOT_FIELD; i++) {
		root = memchr(root, ' ', (size_t)(dash - root));
		if (!root)
			return false;
		root++;
	}
	*ret_root = root;
	*ret_length = strcspn(root, " ");
	return true;
}

bool cgroup_mounts_is_below(const char *group, size_t length, const char *outer)
{
	size_t n = strlen(outer);

	return length >= n && memcmp(group, outer, n) == 0 && (length == n || group[n] == '/');
}

bool cgroup_mounts_show_more(const char *mountinfo, const char *outer)
{
	const char *root;
	size_t length;

	for (const char *line = mountinfo; *line; line = next_line(line))
		if (cgroup_mounts_root(line, &root, &length) &&
			!cgroup_mounts_is_below(root, length, outer))
			return true;
	return false;
}

bool cgroup_mounts_begin(const char *mountinfo, char *ret_group, size_t size)
{
	const char *root, *first = NULL;
	size_t length, first_length = 0;

	for (const char *line = mountinfo; *line; line = next_line(line)) {
		if (!cgroup_mounts_root(line, &root, &length))
			continue;
		if (first && (length != first_length || memcmp(root, first, length) != 0))
			return false;
		first = root;
		first_length = length;
	}
	if (first_length < 2 || first_length >= size || memchr(first, '\\', first_length))
		return false;
	memcpy(ret_group, first, first_length);
	ret_group[first_length] = '\0';
	return true;
}

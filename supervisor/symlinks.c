/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "symlinks.h"

#include <fcntl.h>

#include "lookup.h"
#include "magic_links.h"
#include "path.h"

/* What is left to walk becomes the link's target and then the rest. */
static int prepend(char *rest, const char *target, const char *behind)
{
	char joined[PATH_MAX];
	size_t target_length = strlen(target), behind_length = strlen(behind);

	if (target_length + 1 + behind_length >= sizeof(joined))
		return -ENAMETOOLONG;
	memcpy(joined, target, target_length);
	joined[target_length] = '/';
	memcpy(joined + target_length + 1, behind, behind_length + 1);
	strcpy(rest, joined);
	return 0;
}

/* At the first time that it is needed. 0 or -errno. */
static int open_root(struct stop *stop, int *root)
{
	if (*root < 0)
		*root = stop_open_proc(stop, "root", O_PATH | O_DIRECTORY);
	return MIN(*root, 0);
}

static bool is_folder(int root, const char *path)
{
	cleanup_close int fd = lookup_open(root, path, O_PATH | O_DIRECTORY);

	return fd >= 0;
}

int symlinks_lead_to_proc(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8], link[48], folder[PATH_MAX];

	path += strspn(path, "/") - 1;
	const char *slash = strrchr(path, '/');
	if (path_is_below(path, "/proc") || snprintf(name, sizeof(name), "root%.*s",
						    (int)(slash - path), path) >= (int)sizeof(name))
		return -1;
	if (!magic_links_lead_elsewhere())
		return magic_link_is_procfs(stop, name);
	/* What a rule has led elsewhere is of another type. */
	cleanup_close int fd = stop_open_proc(stop, name, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, folder, sizeof(folder) - 1);
	if (n < 0)
		return -1;
	folder[n] = '\0';
	/* Anywhere in it: the thread's root may be another than ours. */
	for (const char *p = folder; (p = strstr(p, "/proc")); p++)
		if (path_is_below(p, "/proc"))
			return -1;
	return 0;
}

int symlinks_follow(struct stop *stop, const char *path, char *ret_path, bool *ret_leaves_shown)
{
	char rest[PATH_MAX], target[PATH_MAX];
	cleanup_close int root = -1;
	size_t asked = 0;
	int links = 0;

	*ret_leaves_shown = false;
	strcpy(rest, path);
	strcpy(ret_path, "/");
	for (const char *p = rest; *p;) {
		p += strspn(p, "/");
		size_t length = strcspn(p, "/");
		const char *behind = p + length + strspn(p + length, "/");

		if (length == 0)
			break;
		if (length == 2 && strncmp(p, "..", 2) == 0) {
			int r = open_root(stop, &root);
			if (r)
				return r;
			asked += strlen(ret_path);
			if (asked > PATH_ASKED_BYTES_MAX)
				return -ELOOP;
			if (ret_path[1] && !is_folder(root, ret_path)) {
				if (!magic_links_rule_shows(stop, ret_path))
					return -ENOTDIR;
				*ret_leaves_shown = true;
			}
			path_pop(ret_path);
		} else if (length != 1 || *p != '.') {
			int r = path_push(ret_path, PATH_MAX, p, length);
			if (r)
				return r;
			bool may_be_link = *behind && !path_is_below(ret_path, "/proc");
			asked += may_be_link ? strlen(ret_path) : 0;
			if (asked > PATH_ASKED_BYTES_MAX)
				return -ELOOP;
			r = may_be_link ? open_root(stop, &root) : 0;
			if (r)
				return r;
			ssize_t n = may_be_link
					    ? lookup_link(root, ret_path, target, sizeof(target))
					    : -1;
			if (n > 0) {
				if (++links > PATH_LINKS_MAX)
					return -ELOOP;
				if (target[0] == '/')
					strcpy(ret_path, "/");
				else
					path_pop(ret_path);
				r = prepend(rest, target, behind);
				if (r)
					return r;
				p = rest;
				continue;
			}
		}
		p = behind;
	}
	return 0;
}

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

/* What a link of /proc counts, of which some ten questions are asked. */
enum { MAGIC_LINK_BYTES = 256 };

struct walk {
	struct stop *stop;
	char *path; /* so far, as the program puts it */
	char other[PATH_MAX]; /* where a rule leads that */
	int root;
	size_t asked;
	struct stop_way *way;
};

/* What the kernel is to be asked about: *ret_place, where path is. *ret_rule leads it there; NULL: none. 0 or -errno. */
static int find_place(struct walk *walk, const struct rule **ret_rule, const char **ret_place)
{
	*ret_rule = magic_links_lead(walk->stop, walk->path, walk->other);
	*ret_place = *ret_rule ? walk->other : walk->path;
	walk->asked += strlen(*ret_place);
	return walk->asked > PATH_ASKED_BYTES_MAX ? -ELOOP : open_root(walk->stop, &walk->root);
}

/*
 * A "..". is_there: it is of a link that lies where a rule leads, and leads on from there. *ret_target, where the way has led out of a
 * rule's folder, is that as if a link had said it: on the way to the folder no link was looked at. 0 or -errno.
 */
static int step_up(struct walk *walk, bool is_there, char *ret_target)
{
	const struct rule *rule;
	const char *place;
	char above[PATH_MAX];
	int r = find_place(walk, &rule, &place);

	if (r)
		return r;
	if (walk->path[1] && !is_folder(walk->root, place)) {
		if (!magic_links_rule_shows(walk->stop, walk->path))
			return -ENOTDIR;
		walk->way->leaves_shown = true;
	}
	path_pop(walk->path);
	if (!rule || magic_links_lead(walk->stop, walk->path, above) == rule)
		return 0;
	walk->way->left = rule;
	if (is_there)
		path_pop(strcpy(walk->path, walk->other));
	else
		strcpy(ret_target, walk->path);
	return 0;
}

/* Whether path is a link of /proc to a descriptor's file, the working directory or the root; then it is what that leads to. */
static bool step_by_magic_link(struct walk *walk)
{
	char name[64], target[PATH_MAX] = "/";
	const char *rest;

	if (!magic_link_in(walk->stop, walk->path, name, sizeof(name), &rest) ||
		(!magic_link_is_root(name) && magic_link_path(walk->stop, name, target)))
		return false;
	strcpy(walk->path, target);
	return true;
}

/* path is not the last name: *ret_target is what the link there says, or "", and *ret_is_there whether a rule leads to it. 0 or -errno. */
static int read_link(struct walk *walk, char *ret_target, bool *ret_is_there)
{
	const struct rule *rule;
	const char *place;

	*ret_target = '\0';
	*ret_is_there = false;
	if (path_is_below(walk->path, "/proc") || path_is_below(walk->path, "/dev"))
		walk->asked += MAGIC_LINK_BYTES;
	if (walk->asked > PATH_ASKED_BYTES_MAX)
		return -ELOOP;
	if (step_by_magic_link(walk) ||
		(path_is_below(walk->path, "/proc") && !magic_links_lead_elsewhere()))
		return 0;
	int r = find_place(walk, &rule, &place);
	*ret_is_there = rule;
	if (r || path_is_below(place, "/proc"))
		return r;
	if (lookup_link(walk->root, place, ret_target, PATH_MAX) < 0)
		*ret_target = '\0';
	return 0;
}

/*
 * Where to begin: in a folder that a rule leads elsewhere, if the text begins with its path. That is as the rule has it, be there
 * links on it or not. walk->path is how far it goes.
 */
static const char *begin(struct walk *walk, const char *path)
{
	size_t length;

	strcpy(walk->path, "/");
	for (const char *p = path; magic_links_lead_elsewhere(); p += length) {
		p += strspn(p, "/");
		length = strcspn(p, "/");
		if (length == 0 || path_is_name(p, length, "..") ||
			(!path_is_name(p, length, ".") &&
				path_push(walk->path, PATH_MAX, p, length)))
			break;
		if (magic_links_lead(walk->stop, walk->path, walk->other))
			return p + length;
	}
	strcpy(walk->path, "/");
	return path;
}

static int follow(struct walk *walk, const char *path)
{
	char rest[PATH_MAX], target[PATH_MAX];
	bool is_there;
	int links = 0;

	strcpy(rest, path);
	const char *p = begin(walk, rest);
	/* What is left to walk but for the texts of links that lie where a rule leads. */
	size_t own = strlen(p);
	while (*p) {
		p += strspn(p, "/");
		size_t length = strcspn(p, "/");
		const char *behind = p + length + strspn(p + length, "/");

		if (length == 0)
			break;
		*target = '\0';
		is_there = false;
		if (path_is_name(p, length, "..")) {
			int r = step_up(walk, strlen(p) > own, target);
			if (r)
				return r;
		} else if (!path_is_name(p, length, ".")) {
			int r = path_push(walk->path, PATH_MAX, p, length);
			if (r == 0 && *behind)
				r = read_link(walk, target, &is_there);
			if (r)
				return r;
		}
		p = behind;
		if (!*target)
			continue;
		if (++links > PATH_LINKS_MAX)
			return -ELOOP;
		own = MIN(own, strlen(behind));
		int r = prepend(rest, target, behind);
		if (r)
			return r;
		p = rest;
		if (target[0] == '/')
			p = begin(walk, rest);
		else
			path_pop(walk->path);
		own = is_there ? own : strlen(p);
	}
	return 0;
}

int symlinks_follow(struct stop *stop, const char *path, char *ret_path, struct stop_way *ret_way)
{
	struct walk walk = { .stop = stop, .path = ret_path, .root = -1, .way = ret_way };

	*ret_way = (struct stop_way){ 0 };
	int r = follow(&walk, path);
	if (walk.root >= 0)
		close(walk.root);
	/* It may have led back, or on to where another rule's is. */
	if (ret_way->left && magic_links_lead(stop, ret_path, walk.other))
		ret_way->left = NULL;
	return r;
}

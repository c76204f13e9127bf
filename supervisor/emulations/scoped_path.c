/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scoped_path.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "path.h"

/* What a step counts that asks for nothing else: "../../.." in forty links took a second. */
enum { STEP_BYTES = 32 };
enum { NAME_BYTES = PATH_MAX + 24 /* with what comes before a path below /proc/TID */ };

struct walk {
	struct stop *stop;
	uint64_t resolve;
	bool is_scoped; /* else it may leave where it begins, and is only looked at */
	bool follows_last, creates;
	char base[24]; /* below /proc/TID: where it begins */
	char path[PATH_MAX +
		  1]; /* so far, from there; "/" is where it begins. Without links, if it is scoped */
	char rest[PATH_MAX];
	const char *
		ending; /* for the result: "" where the last name had a slash behind it, "." where it was dots, or NULL */
	int links;
	size_t asked; /* bytes */
};

bool scoped_path_is_asked(const struct open_how *how)
{
	return how->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static const char *skip_slashes(const char *p)
{
	return p + strspn(p, "/");
}

static int push(struct walk *walk, const char *name, size_t length)
{
	return path_push(walk->path, sizeof(walk->path), name, length);
}

/* False: it was far enough. */
static bool may_ask(struct walk *walk)
{
	walk->asked += strlen(walk->path + 1) + STEP_BYTES;
	return walk->asked <= PATH_ASKED_BYTES_MAX;
}

/* The folder path, which is part of what was walked. A descriptor, the caller's, or -errno. */
static int open_folder(struct walk *walk, const char *path)
{
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%s%s", walk->base, path);
	return stop_open_proc(walk->stop, name, O_PATH | O_DIRECTORY);
}

/* What the link at path says: its length, -EINVAL for what is none, or -errno. */
static ssize_t read_link(struct walk *walk, char *ret_text, size_t size)
{
	char name[NAME_BYTES];

	if (!may_ask(walk))
		return -ELOOP;
	snprintf(name, sizeof(name), "%s%s", walk->base, walk->path);
	return stop_read_proc_link(walk->stop, name, ret_text, size);
}

/* Whether the link at path is one of procfs. */
static bool is_of_proc(struct walk *walk)
{
	char folder[sizeof(walk->path)];
	struct statfs fs;

	strcpy(folder, walk->path);
	path_pop(folder);
	cleanup_close int place = open_folder(walk, folder);
	return place >= 0 && stop_statfs(place, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* A link that says who reads it, and nothing to us, who may not be in that procfs' pid namespace. */
static bool is_own(struct walk *walk, const char *name, size_t length)
{
	return (path_is_name(name, length, "self") || path_is_name(name, length, "thread-self")) &&
	       is_of_proc(walk);
}

/* Whether names in the folder of a process pass a link that leads to what something is, whatever its text says. */
static bool pass_magic(const char *rest, bool follows_last)
{
	static const char *const links[] = { "exe", "cwd", "root" };
	static const char *const folders[] = { "fd", "ns", "map_files" };
	bool is_in_folder = false;

	for (const char *p = skip_slashes(rest); *p;) {
		size_t length = strcspn(p, "/");
		bool is_link = is_in_folder;
		is_in_folder = false;
		for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
			is_link |= path_is_name(p, length, links[i]);
			is_in_folder |= path_is_name(p, length, folders[i]);
		}
		if (is_link && (p[length] || follows_last))
			return true;
		p = skip_slashes(p + length);
	}
	return false;
}

/*
 * The link at path is of procfs, and says text to us. Those that lead to what something is are forbidden. What the others say, such as
 * "self", depends on who reads them: they stay, and all that comes behind is left to the kernel, without "..".
 */
static int pass_proc(struct walk *walk, const char *text, const char *behind)
{
	if (path_has_dot_dot(behind))
		return -EXDEV;
	if (text[0] == '/' || strchr(text, ':') || pass_magic(behind, walk->follows_last))
		return walk->resolve & RESOLVE_NO_MAGICLINKS ? -ELOOP : -EXDEV;
	behind = skip_slashes(behind);
	return *behind ? push(walk, behind, strlen(behind)) : 0;
}

/* 1: the walk goes on, 0: it has ended, or -errno. */
static int go_up(struct walk *walk)
{
	struct statx status;

	if (!may_ask(walk))
		return -ELOOP;
	cleanup_close int place = open_folder(walk, walk->path);
	if (place < 0)
		return place == -ETIMEDOUT ? -EAGAIN : place;
	/* gVisor (2024) opens sockets and devices with these flags. */
	if (statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0 &&
		!S_ISDIR(status.stx_mode))
		return -ENOTDIR;
	if (!walk->path[1] && (walk->resolve & RESOLVE_BENEATH))
		return -EXDEV;
	if (!walk->path[1] && !walk->is_scoped && strcmp(walk->base, "root") != 0) {
		/* lookup.h does not leave where it begins: from here on that is the root. */
		int r = stop_path_base(walk->stop, 1, walk->path);
		if (r)
			return r;
		strcpy(walk->base, "root");
	}
	path_pop(walk->path);
	return 1;
}

/* The link at path, own (is_own()), or says text. As go_up(). */
static int follow(struct walk *walk, bool own, const char *text, const char *behind)
{
	char joined[PATH_MAX];

	if (walk->resolve & RESOLVE_NO_SYMLINKS || ++walk->links > PATH_LINKS_MAX)
		return -ELOOP;
	if (own || is_of_proc(walk))
		return pass_proc(walk, own ? "" : text, behind);
	if (text[0] == '/' && (walk->resolve & RESOLVE_BENEATH))
		return -EXDEV;
	if (text[0] == '/')
		strcpy(walk->path, "/");
	else
		path_pop(walk->path);
	if (snprintf(joined, sizeof(joined), "%s%s", text, behind) >= (int)sizeof(joined))
		return -ENAMETOOLONG;
	strcpy(walk->rest, skip_slashes(joined));
	return 1;
}

/* The next name of what is left, which is not empty. As go_up(). */
static int step(struct walk *walk)
{
	char text[PATH_MAX];
	size_t length = strcspn(walk->rest, "/");
	const char *behind = walk->rest + length, *next = skip_slashes(behind);
	bool is_last = !*next, is_dot = path_is_name(walk->rest, length, ".");
	bool climbs = path_is_name(walk->rest, length, "..");
	int r = 1;

	walk->ending = !is_last ? NULL : is_dot || climbs ? "." : *behind ? "" : NULL;
	if (climbs) {
		r = go_up(walk);
	} else if (!is_dot) {
		r = push(walk, walk->rest, length);
		if (r)
			return r;
		/* With O_CREAT the kernel says EISDIR of a slash, whatever is there. */
		if (is_last && (*behind ? walk->creates : !walk->follows_last))
			return 0;
		bool own = is_own(walk, walk->rest, length);
		ssize_t n = own ? 1 : read_link(walk, text, sizeof(text));
		if (n > 0)
			return follow(walk, own, text, behind);
		/* What is not there is left to the kernel, which may make it. What we cannot see may be a link. */
		if (is_last && (n == -ENOENT || n == -ENOTDIR))
			return 0;
		r = n == -EINVAL ? 1 : n == -ETIMEDOUT ? -EAGAIN : n ? (int)n : -ENOENT;
	}
	memmove(walk->rest, next, strlen(next) + 1);
	return r;
}

/* Whether there is nothing where the walk began, which makes all that was asked there fail. */
static bool begins_nowhere(const struct walk *walk)
{
	cleanup_close int place = stop_open_proc(walk->stop, walk->base, O_PATH);

	return place == -ENOENT;
}

int scoped_path_resolve(struct stop *stop, const struct open_how *how, char *ret_path)
{
	const char *text = stop_path_text(stop, 1);
	bool is_absolute = text && text[0] == '/';
	int dirfd = (int)stop_asked(stop, 0), r = 1;
	struct walk walk = { .stop = stop,
		.resolve = how->resolve,
		.is_scoped = how->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH),
		.follows_last = !(how->flags & O_NOFOLLOW) &&
				(how->flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL),
		.creates = how->flags & O_CREAT,
		.path = "/" };

	if (!text) {
		ssize_t n = stop_read_string(stop, stop_asked(stop, 1), ret_path, PATH_MAX);
		return n < 0 ? (int)n : -EFAULT;
	}
	if (is_absolute && (how->resolve & RESOLVE_BENEATH))
		return -EXDEV;
	if (is_absolute && !walk.is_scoped)
		strcpy(walk.base, "root");
	else if (dirfd == AT_FDCWD)
		strcpy(walk.base, "cwd");
	else
		snprintf(walk.base, sizeof(walk.base), "fd/%d", dirfd);
	snprintf(walk.rest, sizeof(walk.rest), "%s", skip_slashes(text));
	while (r == 1 && *walk.rest)
		r = step(&walk);
	if (r < 0)
		return r == -ENOENT && begins_nowhere(&walk) ? -EBADF : r;
	if (!walk.is_scoped || !*text) {
		strcpy(ret_path, text);
		return 0;
	}
	if (walk.path[1] && walk.ending) {
		r = push(&walk, walk.ending, strlen(walk.ending));
		if (r)
			return r;
	}
	strcpy(ret_path, walk.path[1] ? walk.path + 1 : ".");
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which paths of an outsider lead to its own entry in /proc: each name is walked as the kernel would, since they
 * come by links as well (/dev/stdout, /dev/fd, /proc/mounts, the log of a web server).
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "own_proc_parts.h"
#include "path.h"

struct walk {
	struct stop *stop;
	struct own_place *place;
	int root; /* of the thread; a descriptor */
	int links;
	size_t asked;
	bool knows_proc,
		is_without_us; /* whether its /proc has been looked at, and has no entry for us */
	bool own; /* at is below /proc/PID of an outsider */
	bool was_own;
	char at[PATH_MAX]; /* without links */
	char rest[PATH_MAX * 2];
};

/* Whether the thread's /proc is a procfs that does not know it: as it does not know us. */
static bool is_without_us(struct walk *walk)
{
	char text[32];
	struct stat st;

	if (!walk->knows_proc) {
		walk->knows_proc = true;
		walk->is_without_us =
			readlinkat(walk->root, "proc/self", text, sizeof(text)) < 0 &&
			errno == ENOENT &&
			fstatat(walk->root, "proc/self", &st, AT_SYMLINK_NOFOLLOW) == 0;
	}
	return walk->is_without_us;
}

static pid_t number_of(const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (name[0] < '1' || name[0] > '9' || *end || number > INT32_MAX)
		return 0;
	return (pid_t)number;
}

/* The process's own number, or that of another outsider: that is there where the container has no such one. */
static bool is_own_number(struct walk *walk, pid_t number)
{
	char name[32];
	struct stat st;

	if (number == stop_tgid(walk->stop) || number == stop_tid(walk->stop))
		return true;
	snprintf(name, sizeof(name), "proc/%d", number);
	return stop_is_outsider_with(walk->stop, number) && fstatat(walk->root, name, &st, 0);
}

static void pop(struct walk *walk)
{
	path_pop(walk->at);
	walk->own = walk->own && strchr(walk->at + strlen("/proc"), '/');
}

/* What is left to walk becomes text, and then the rest. */
static bool walk_text(struct walk *walk, const char *text, const char *rest)
{
	char joined[sizeof(walk->rest)];

	if (++walk->links > PATH_LINKS_MAX ||
		snprintf(joined, sizeof(joined), "%s/%s", text, rest) >= (int)sizeof(joined))
		return false;
	strcpy(walk->rest, joined);
	if (text[0] == '/') {
		strcpy(walk->at, "/");
		walk->own = false;
	}
	return true;
}

/* Sets at to /proc/PID, and what stands below it. */
static void enter_own(struct walk *walk, pid_t pid, const char *below)
{
	snprintf(walk->at, sizeof(walk->at), "/proc/%d%s", pid, below);
	walk->own = walk->was_own = true;
}

/* The link /proc/self or /proc/thread-self is itself what is asked for. */
static void is_self(struct walk *walk, const char *text)
{
	walk->place->kind = OWN_SELF;
	snprintf(walk->place->target, sizeof(walk->place->target), "%s", text);
}

/* A name in /proc. True when it has been walked; *ret_done: the place is known. */
static bool walk_in_proc(
	struct walk *walk, const char *name, size_t length, bool follow, bool *ret_done)
{
	pid_t tgid = stop_tgid(walk->stop), tid = stop_tid(walk->stop);
	char text[48];

	*ret_done = false;
	if (path_is_name(name, length, "self")) {
		snprintf(text, sizeof(text), "%d", tgid);
		if ((*ret_done = !follow))
			is_self(walk, text);
		enter_own(walk, tgid, "");
		return true;
	}
	if (path_is_name(name, length, "thread-self")) {
		snprintf(text, sizeof(text), "%d/task/%d", tgid, tid);
		if ((*ret_done = !follow))
			is_self(walk, text);
		enter_own(walk, tgid, strchr(text, '/'));
		return true;
	}
	if (length < sizeof(text)) {
		memcpy(text, name, length);
		text[length] = '\0';
		pid_t number = number_of(text);
		if (number && is_own_number(walk, number)) {
			enter_own(walk, number, "");
			return true;
		}
	}
	return false;
}

static void ends_with_error(struct walk *walk, int error)
{
	walk->place->kind = OWN_ERROR;
	walk->place->error = error;
}

/*
 * Whether the thread may follow the links of /proc/PID that at is in: as the owner may, and who passes for it, in a folder of
 * mode 0500. The kernel asks for the rights of ptrace(2) there. gVisor's folder fd has mode 0555.
 */
static bool may_follow(struct walk *walk)
{
	char name[32];
	struct stat st;
	pid_t pid = (pid_t)atoi(walk->at + strlen("/proc/"));

	if (pid == stop_tgid(walk->stop) || pid == stop_tid(walk->stop))
		return true;
	snprintf(name, sizeof(name), "/proc/%d", pid);
	if (stat(name, &st))
		return false;
	st.st_mode = S_IFDIR | 0500;
	return own_proc_may(walk->stop, &st, X_OK) == 0;
}

/* A name below /proc/PID of an outsider has been walked: it may be a link. True when the place is known. */
static bool walk_link(struct walk *walk, const char *rest, bool last, bool follow)
{
	struct own_place *place = walk->place;
	char text[PATH_MAX];
	struct stat st;

	if (lstat(walk->at, &place->st)) {
		ends_with_error(walk, -errno);
		return true;
	}
	if (!S_ISLNK(place->st.st_mode)) {
		if (!last && !S_ISDIR(place->st.st_mode)) {
			ends_with_error(walk, -ENOTDIR);
			return true;
		}
		return false;
	}
	place->kind = OWN_LINK;
	strcpy(place->path, walk->at);
	if (last && !follow)
		return true;
	if (!may_follow(walk)) {
		ends_with_error(walk, -EACCES);
		return true;
	}
	if (own_proc_link_text(walk->stop, walk->at, text) < 0 || text[0] != '/') {
		if (!last)
			ends_with_error(walk, -ENOTDIR);
		place->followed = true;
		return true;
	}
	/* What stands for something of /proc/PID, or is not the last name, is walked on. */
	if (last && strncmp(text, "/proc/", 6) != 0) {
		place->followed = true;
		strcpy(place->target, text);
		return true;
	}
	if (!last && (stat(walk->at, &st) || !S_ISDIR(st.st_mode))) {
		ends_with_error(walk, -ENOTDIR);
		return true;
	}
	place->kind = OWN_NOT;
	if (!walk_text(walk, text, rest)) {
		ends_with_error(walk, -ELOOP);
		return true;
	}
	return false;
}

/* If the name that at ends in is a link, what it says is walked next. */
static void follow_link(struct walk *walk, const char *rest)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(walk->root, walk->at + 1, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	pop(walk);
	if (!walk_text(walk, text, rest))
		walk->rest[0] = '\0'; /* the kernel will say what is wrong with it */
}

static void walk_all(struct walk *walk, bool follow)
{
	for (const char *p = walk->rest; *p;) {
		p += strspn(p, "/");
		size_t length = strcspn(p, "/");
		const char *behind = p + length + strspn(p + length, "/");
		/* A slash behind the last name asks for a folder. */
		bool last = *behind == '\0', follows = follow || !last || p[length] == '/';
		bool done = false, in_proc = false;
		int links = walk->links;

		if (length == 0)
			break;
		if (path_is_name(p, length, "..")) {
			pop(walk);
			p = behind;
			continue;
		}
		if (path_is_name(p, length, ".")) {
			p = behind;
			continue;
		}
		if (strcmp(walk->at, "/proc") == 0 && is_without_us(walk))
			in_proc = walk_in_proc(walk, p, length, follows, &done);
		if (done)
			return;
		if (!in_proc && path_push(walk->at, sizeof(walk->at), p, length))
			return;
		walk->asked += strlen(walk->at);
		if (walk->asked > PATH_ASKED_BYTES_MAX)
			return;
		if (walk->own) {
			if (walk_link(walk, behind, last, follows))
				return;
		} else if (follows) {
			follow_link(walk, behind);
		}
		p = walk->links == links ? behind : walk->rest;
	}
	struct own_place *place = walk->place;
	if (walk->own && lstat(walk->at, &place->st) == 0) {
		place->kind = S_ISDIR(place->st.st_mode) ? OWN_FOLDER : OWN_FILE;
		strcpy(place->path, walk->at);
	} else if (strcmp(walk->at, "/proc") == 0 && is_without_us(walk)) {
		place->kind = OWN_PROC;
		strcpy(place->target, walk->was_own ? "/proc" : "");
	} else if (walk->was_own) {
		place->kind = OWN_ELSEWHERE;
		strcpy(place->target, walk->at);
	}
}

/* base: where a relative text begins, without links; NULL: it is absolute. */
static void resolve(struct stop *stop, const char *base, const char *text, bool follow,
	struct own_place *ret_place)
{
	struct walk walk = { .stop = stop, .place = ret_place };
	cleanup_close int root = stop_open_proc(stop, "root", O_PATH | O_DIRECTORY);

	ret_place->kind = OWN_NOT;
	ret_place->followed = false;
	ret_place->path[0] = ret_place->target[0] = '\0';
	walk.root = root;
	if (root < 0 || strlen(text) >= PATH_MAX)
		return;
	strcpy(walk.at, base ? base : "/");
	strcpy(walk.rest, text);
	if (base && strncmp(base, "/proc/", 6) == 0) {
		char name[16] = "";
		size_t length = strcspn(base + 6, "/");
		if (length < sizeof(name))
			memcpy(name, base + 6, length);
		pid_t number = number_of(name);
		walk.own = walk.was_own =
			number && is_own_number(&walk, number) && is_without_us(&walk);
	}
	walk_all(&walk, follow);
}

void own_proc_resolve(struct stop *stop, int arg, bool follow, struct own_place *ret_place)
{
	const char *text = stop_path_text(stop, arg);
	char base[PATH_MAX];

	ret_place->kind = OWN_NOT;
	if (!text || (text[0] != '/' && stop_path_base(stop, arg, base)))
		return;
	resolve(stop, text[0] == '/' ? NULL : base, text, follow, ret_place);
}

void own_proc_resolve_path(
	struct stop *stop, const char *path, bool follow, struct own_place *ret_place)
{
	resolve(stop, NULL, path, follow, ret_place);
}

ssize_t own_proc_link_text(struct stop *stop, const char *path, char ret_text[PATH_MAX])
{
	char own[32];
	int length = snprintf(own, sizeof(own), "/proc/%d/", stop_tgid(stop));
	ssize_t n;

	if (strncmp(path, own, (size_t)length) == 0) {
		const char *below = path + length;
		if (strncmp(below, "task/", 5) == 0 && strchr(below + 5, '/'))
			below = strchr(below + 5, '/') + 1;
		if (stop_link_path(stop, below, ret_text) == 0)
			return (ssize_t)strlen(ret_text);
	}
	if (strstr(path, "/ns/pid") && stop_joined_pid(stop))
		return snprintf(ret_text, PATH_MAX, "pid:[%llu]",
			(unsigned long long)stop_joined_pid(stop));
	n = readlink(path, ret_text, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	ret_text[n] = '\0';
	return n;
}

bool own_proc_is_at(struct stop *stop, const char *link, const char *path)
{
	cleanup_close int root = stop_open_proc(stop, "root", O_PATH | O_DIRECTORY);
	struct stat leads_to, there;

	return root >= 0 && path[0] == '/' && stat(link, &leads_to) == 0 &&
	       fstatat(root, path[1] ? path + 1 : ".", &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       leads_to.st_dev == there.st_dev && leads_to.st_ino == there.st_ino;
}

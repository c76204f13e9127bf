/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The side of the process that may have to wait for ever. */
#include "lookup_helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "path.h"
#include "util.h"

/* In all: each link could make it so many again, and everybody waits. */
enum { NAMES_MAX = PATH_MAX / 2 };

static struct lookup_shared *shared;

static enum { UNKNOWN, NO, YES } has_cached;

void lookup_use_no_cache(void)
{
	has_cached = NO;
}

bool lookup_has_cached(void)
{
	/* A link of that kind is never in the cache. gVisor 2026 takes the flag, and opens the file all the same. */
	if (has_cached == UNKNOWN) {
		cleanup_close int fd =
			lookup_openat2(AT_FDCWD, "/proc/self/root", O_PATH, RESOLVE_CACHED);
		has_cached = fd == -EAGAIN ? YES : NO;
	}
	return has_cached == YES;
}

static int stat_unasked(int place, struct statx *ret_status)
{
	return statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO,
		       ret_status)
		       ? -errno
		       : 0;
}

static dev_t device_of(const struct statx *status)
{
	return makedev(status->stx_dev_major, status->stx_dev_minor);
}

dev_t lookup_device_unasked(int place)
{
	struct statx status;

	return stat_unasked(place, &status) ? 0 : device_of(&status);
}

/* All memfds are of one file system, and no other file is to be had there. */
bool lookup_is_memfd(int place)
{
	static dev_t device;

	if (!device) {
		cleanup_close int own = memfd_create("gvtrace", MFD_CLOEXEC);
		device = own < 0 ? 0 : lookup_device_unasked(own);
	}
	return device && lookup_device_unasked(place) == device;
}

uint64_t lookup_identity(int place, const char *where)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	if (lookup_has_cached())
		return lookup_device_unasked(place);
	for (; *where; where++)
		hash = (hash ^ (unsigned char)*where) * UINT64_C(1099511628211);
	return hash | 1;
}

int lookup_openat2(int root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

ssize_t lookup_send(int socket, const void *data, size_t length, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec vector = { (void *)data, length };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

ssize_t lookup_receive(int socket, void *ret_data, size_t size, int *ret_fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector = { ret_data, size };
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.bytes) };

	*ret_fd = -1;
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return n;
}

static bool is_slow(uint64_t identity)
{
	for (size_t i = 0; i < LOOKUP_SLOW_MAX; i++)
		if (identity && shared->slow[i] == identity)
			return true;
	return false;
}

/* The kernel's own. A disk may well be a file of somebody's. */
static bool answers_always(int64_t type)
{
	static const int64_t types[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC,
		DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, NSFS_MAGIC,
		PIPEFS_MAGIC, SOCKFS_MAGIC };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* The file system that place is in, whose path is where, is about to be asked: it is to blame if there is no answer. False: it is
 * not to be asked. */
static bool begin_asking(int place, const char *where)
{
	uint64_t identity = lookup_identity(place, where);
	struct statfs fs;

	if (is_slow(identity))
		return false;
	shared->asked = identity;
	/* Each time: a device's number is used again for another file system. In gVisor a step into a mount may ask that. */
	if (lookup_has_cached() && fstatfs(place, &fs) == 0 && answers_always(fs.f_type))
		shared->asked = 0;
	return true;
}

/* How often this process has slept, waiting for something, since it began. */
static long count_sleeps(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_nvcsw;
}

static int again(int fd)
{
	int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return duplicate < 0 ? -errno : duplicate;
}

static bool is_same(int a, int b)
{
	struct statx of_a, of_b;

	return stat_unasked(a, &of_a) == 0 && stat_unasked(b, &of_b) == 0 &&
	       of_a.stx_ino == of_b.stx_ino && device_of(&of_a) == device_of(&of_b);
}

/* One name, in a folder whose path is where; of a link, the link. ".." does not lead above root. */
static int step(int folder, const char *where, const char *name, int root)
{
	if (strcmp(name, ".") == 0 || (strcmp(name, "..") == 0 && is_same(folder, root)))
		return again(folder);
	int fd = lookup_has_cached()
			 ? lookup_openat2(folder, name, O_PATH | O_NOFOLLOW, RESOLVE_CACHED)
			 : -EAGAIN;
	if (fd != -EAGAIN)
		return fd;
	if (!begin_asking(folder, where))
		return -ETIMEDOUT;
	fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int type_of(int place, const char *where, mode_t *ret_mode)
{
	struct statx status;
	int r = lookup_has_cached() || begin_asking(place, where) ? stat_unasked(place, &status)
								  : -ETIMEDOUT;

	if (r == 0)
		*ret_mode = status.stx_mode & S_IFMT;
	return r;
}

static ssize_t read_link(int link, const char *where, char *ret_text, size_t size)
{
	if (!begin_asking(link, where))
		return -ETIMEDOUT;
	ssize_t n = readlinkat(link, "", ret_text, size - 1);
	if (n < 0)
		return errno == ENOENT ? -EINVAL : -errno; /* it is no link, whose name is "" */
	ret_text[n] = '\0';
	return n;
}

/* What is left to walk becomes the link's target and what is behind the link. */
static int prepend(char rest[PATH_MAX], const char *target, const char *behind)
{
	char joined[PATH_MAX + 1];

	if (snprintf(joined, sizeof(joined), "%s%s", target, behind) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(rest, joined);
	return 0;
}

/*
 * path_resolution(7), a name at a time: so it is known which file system has not answered. Links of /proc that lead where
 * their text does not say are taken by their text.
 */
int lookup_walk(int root, const char *path, int flags)
{
	char rest[PATH_MAX], name[NAME_MAX + 1], target[PATH_MAX], where[PATH_MAX] = "/";
	cleanup_close int at = again(root);
	bool is_folder = true;
	int links = 0, names = 0;

	snprintf(rest, sizeof(rest), "%s", path);
	for (const char *p = rest; at >= 0 && *(p += strspn(p, "/"));) {
		const char *behind = p + strcspn(p, "/");
		bool is_last = *behind == '\0';
		char next_where[PATH_MAX];
		mode_t type = 0;

		if (behind - p > NAME_MAX)
			return -ENAMETOOLONG;
		if (++names > NAMES_MAX)
			return -ELOOP;
		snprintf(name, sizeof(name), "%.*s", (int)(behind - p), p);
		cleanup_close int next = step(at, where, name, root);
		int r = next < 0 ? next : MIN(path_join(where, name, next_where, PATH_MAX), 0);
		if (r == 0)
			r = type_of(next, next_where, &type);
		if (r)
			return r;
		p = behind;
		if (S_ISLNK(type) && !(is_last && (flags & O_NOFOLLOW))) {
			ssize_t n = read_link(next, next_where, target, sizeof(target));
			r = n < 0                      ? (int)n
			    : ++links > PATH_LINKS_MAX ? -ELOOP
						       : prepend(rest, target, behind);
			if (r)
				return r;
			p = rest;
			if (target[0] != '/')
				continue;
			close(next);
			next = again(root);
			strcpy(next_where, "/");
		} else {
			is_folder = S_ISDIR(type);
			if (!is_last && !is_folder)
				return -ENOTDIR;
		}
		close(at);
		at = steal_fd(&next);
		strcpy(where, next_where);
	}
	return at >= 0 && (flags & O_DIRECTORY) && !is_folder ? -ENOTDIR : steal_fd(&at);
}

static int reopen(int place, int flags)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
	int fd = open(name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int reopen_what_answers(int place, int flags)
{
	struct statfs fs;

	if (lookup_is_memfd(place))
		return reopen(place, flags);
	if (fstatfs(place, &fs))
		return -errno;
	return fs.f_type == PROC_SUPER_MAGIC ? reopen(place, flags) : -EPERM;
}

static ssize_t read_text(int place, char ret_text[LOOKUP_TEXT_BYTES])
{
	cleanup_close int fd = reopen(place, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? fd : read(fd, ret_text, LOOKUP_TEXT_BYTES);

	return fd >= 0 && n < 0 ? -errno : n;
}

static int first_name(int place, struct lookup_answer *answer)
{
	int fd = reopen(place, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? fd : lookup_list_first(fd, answer->text, &answer->is_file, &answer->type);
}

int lookup_list_first(int fd, char *ret_name, bool *ret_is_file, int64_t *ret_type)
{
	DIR *folder = fdopendir(fd);
	const struct dirent *entry;
	struct statfs fs = { 0 };

	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	*ret_type = fstatfs(fd, &fs) ? 0 : fs.f_type;
	do {
		errno = 0;
		entry = readdir(folder);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	int r = entry ? 0 : -errno;
	snprintf(ret_name, NAME_MAX + 1, "%s", entry ? entry->d_name : "");
	*ret_is_file = entry && entry->d_type == DT_REG;
	closedir(folder);
	return r;
}

static int answer_to(const struct lookup_request *request, int place, struct lookup_answer *answer)
{
	int fd = -1;

	if (request->what != LOOKUP_OPEN && !begin_asking(place, request->path)) {
		answer->result = -ETIMEDOUT;
		return -1;
	}
	switch (request->what) {
	case LOOKUP_OPEN:
		fd = lookup_walk(place, request->path, request->flags);
		answer->result = MIN(fd, 0);
		break;
	case LOOKUP_REOPEN:
		fd = reopen_what_answers(place, request->flags);
		answer->result = MIN(fd, 0);
		break;
	case LOOKUP_LINK:
		answer->result =
			read_link(place, request->path, answer->text, sizeof(answer->text));
		break;
	case LOOKUP_STATFS:
		answer->result = fstatfs(place, &answer->fs) ? -errno : 0;
		break;
	case LOOKUP_READ:
		answer->result = read_text(place, answer->text);
		break;
	case LOOKUP_NAME:
		answer->result = first_name(place, answer);
		break;
	case LOOKUP_DEVICE:
		answer->device = lookup_device_unasked(place);
		answer->result = 0;
		break;
	}
	return fd;
}

void lookup_share(struct lookup_shared *memory)
{
	shared = memory;
}

void lookup_help(int socket, void *memory)
{
	static struct lookup_request request;
	static struct lookup_answer answer;
	int place;

	lookup_share(memory);
	while (lookup_receive(socket, &request, sizeof(request), &place) > 0) {
		long sleeps = count_sleeps();
		int fd = answer_to(&request, place, &answer);
		answer.slept = count_sleeps() != sleeps;

		if (place >= 0)
			close(place);
		lookup_send(socket, &answer, sizeof(answer), fd);
		if (fd >= 0)
			close(fd);
	}
}

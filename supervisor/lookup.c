/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "clock.h"
#include "diag.h"
#include "helper.h"
#include "lookup_helper.h"
#include "mem_thread.h"

enum {
	QUICK_MS = 2, /* an answer that comes so soon is not counted */
	FORGIVEN_S = 10,
};

/* The file systems that have kept us waiting: shared->slow, by index, and since when, and how long in all. */
static struct {
	uint64_t identity;
	int64_t since_ns, waited_ns;
} waited_for[LOOKUP_SLOW_MAX];

static struct lookup_shared *shared;
static struct helper helper = { .fd = -1 };

/* What lookup_notice() has seen. */
static bool may_have_fuse;

void lookup_use_helper_only(void)
{
	lookup_use_no_cache();
	may_have_fuse = true;
}

bool lookup_is_careful(void)
{
	return may_have_fuse || lookup_has_cached();
}

/* Whether file systems of this type are served, by a process or another machine. */
static bool is_served(const char *type)
{
	static const char *const served[] = { "fuse", "nfs", "9p", "cifs", "smb", "ceph", "afs",
		"coda", "lustre", "orangefs", "virtiofs" };

	for (size_t i = 0; i < ARRAY_SIZE(served); i++)
		if (strncmp(type, served[i], strlen(served[i])) == 0)
			return true;
	return false;
}

void lookup_note_type(const char *type)
{
	bool is_fuse = strncmp(type, "fuse", 4) == 0;

	/* gVisor calls its own root 9p, which answers. */
	if (!is_served(type) || (!is_fuse && !lookup_has_cached()))
		return;
	may_have_fuse |= is_fuse;
	/* A mapping of a file there is filled in when it is read. */
	mem_thread_use();
}

void lookup_init(void)
{
	char line[PATH_MAX * 2], type[9];

	/* Not mountinfo: gVisor (2024) asks each file system for what that says. */
	FILE *mounts = fopen("/proc/self/mounts", "re");
	while (mounts && fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%*s %*s %8s", type) == 1)
			lookup_note_type(type);
	if (mounts)
		fclose(mounts);
}

int lookup_flags(int flags)
{
	return lookup_is_careful() ? O_PATH : flags;
}

static void forgive(int64_t now)
{
	for (size_t i = 0; i < LOOKUP_SLOW_MAX; i++)
		if (waited_for[i].identity && now - waited_for[i].since_ns > FORGIVEN_S * NS_PER_S)
			waited_for[i].identity = shared->slow[i] = 0;
}

/* If there is no room, they are so many that nobody is asked any more: see may_ask(). */
static void note_wait(uint64_t identity, int64_t now, int64_t waited_ns)
{
	size_t i = 0;

	while (i < LOOKUP_SLOW_MAX && waited_for[i].identity && waited_for[i].identity != identity)
		i++;
	if (i == LOOKUP_SLOW_MAX || identity == 0)
		return;
	if (!waited_for[i].identity) {
		waited_for[i].identity = identity;
		waited_for[i].since_ns = now;
		waited_for[i].waited_ns = 0;
	}
	waited_for[i].waited_ns += waited_ns;
	if (waited_for[i].waited_ns >= HELPER_PATIENCE_MS * NS_PER_MS)
		shared->slow[i] = identity;
}

static bool may_ask(uint64_t identity)
{
	bool has_room = false;

	for (size_t i = 0; i < LOOKUP_SLOW_MAX; i++) {
		if (waited_for[i].identity == identity && shared->slow[i])
			return false;
		has_room |= waited_for[i].identity == 0 || waited_for[i].identity == identity;
	}
	return has_room;
}

static int start(void)
{
	if (!shared) {
		void *memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			return -ENOMEM;
		shared = memory;
	}
	return helper.fd >= 0 ? 0 : helper_start(&helper, lookup_help, shared);
}

/* An answer is counted only while somebody is to blame. */
static bool is_busy(void)
{
	return shared->asked == 0 || (lookup_has_cached() && helper_is_runnable(helper.pid));
}

static int64_t ask(int place, const struct lookup_request *request, size_t length,
	struct lookup_answer *ret_answer, int *ret_fd)
{
	int64_t begin = clock_ns(CLOCK_MONOTONIC);
	int r = start();

	*ret_fd = -1;
	if (r)
		return r == -EAGAIN ? -ETIMEDOUT : r;
	forgive(begin);
	/* A walk asks one after the other; which, the helper finds out. */
	if (!may_ask(request->what == LOOKUP_OPEN ? 0 : lookup_identity(place, request->path)))
		return -ETIMEDOUT;
	shared->asked = 0;
	if (lookup_send(helper.fd, request, length, place) < 0) {
		helper_stop(&helper);
		return -ETIMEDOUT;
	}
	bool is_answer = helper_answers(helper.fd, is_busy) &&
			 lookup_receive(helper.fd, ret_answer, sizeof(*ret_answer), ret_fd) ==
				 (ssize_t)sizeof(*ret_answer);
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (!is_answer || (ret_answer->slept && now - begin > QUICK_MS * NS_PER_MS))
		note_wait(shared->asked, now, now - begin);
	if (is_answer)
		return ret_answer->result;
	helper_stop(&helper);
	diag_once("a file system does not answer: what is in it matches no rule by its links (said "
		  "once)");
	return -ETIMEDOUT;
}

static int64_t ask_about(
	int place, enum lookup_what what, int flags, struct lookup_answer *ret_answer, int *ret_fd)
{
	static struct lookup_request request;
	char name[32];

	request.what = what;
	request.flags = flags;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
	ssize_t n = lookup_has_cached() ? 0 /* its path is nobody's business */
					: readlink(name, request.path, sizeof(request.path) - 1);
	request.path[MAX(n, 0)] = '\0';
	return ask(place, &request,
		offsetof(struct lookup_request, path) + strlen(request.path) + 1, ret_answer,
		ret_fd);
}

/* What gives no descriptor. */
static int64_t ask_for(int place, enum lookup_what what, struct lookup_answer *ret_answer)
{
	int fd;

	return ask_about(place, what, 0, ret_answer, &fd);
}

/* A name in the cache; -EAGAIN: it is not, or there is none. */
static int open_cached(int root, const char *path, int flags)
{
	return lookup_has_cached() ? lookup_openat2(root, *path ? path : ".", flags,
					     RESOLVE_IN_ROOT | RESOLVE_CACHED)
				   : -EAGAIN;
}

static int open_directly(int root, const char *path, int flags)
{
	int fd = openat(root, path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int lookup_open(int root, const char *path, int flags)
{
	static struct lookup_request request;
	static struct lookup_answer answer;

	path += strspn(path, "/");
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!lookup_is_careful())
		return open_directly(root, *path ? path : ".", flags);
	int fd = open_cached(root, path, flags);
	if (fd != -EAGAIN)
		return fd;
	request.what = LOOKUP_OPEN;
	request.flags = flags;
	strcpy(request.path, path);
	int64_t r = ask(root, &request, offsetof(struct lookup_request, path) + strlen(path) + 1,
		&answer, &fd);
	return r ? (int)r : fd;
}

/* Text that is no longer than an answer, to where there is room for size bytes. */
static ssize_t give(const char *text, int64_t length, char *ret_text, size_t size)
{
	if (length < 0)
		return (ssize_t)length;
	size_t n = MIN((size_t)length, size - 1);
	memcpy(ret_text, text, n);
	ret_text[n] = '\0';
	return (ssize_t)n;
}

ssize_t lookup_link(int root, const char *path, char *ret_text, size_t size)
{
	static struct lookup_answer answer;
	struct statx status;

	path += strspn(path, "/");
	if (!lookup_is_careful()) {
		ssize_t n = readlinkat(root, path, answer.text, sizeof(answer.text));
		return n < 0 ? -errno : give(answer.text, n, ret_text, size);
	}
	/* Most are folders on the way to somewhere. */
	cleanup_close int folder = open_cached(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
	if (folder >= 0)
		return -EINVAL;
	cleanup_close int place = lookup_open(root, path, O_PATH | O_NOFOLLOW);
	if (place < 0)
		return place;
	if (lookup_has_cached() &&
		statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0 &&
		!S_ISLNK(status.stx_mode))
		return -EINVAL;
	return give(answer.text, ask_for(place, LOOKUP_LINK, &answer), ret_text, size);
}

dev_t lookup_device(int place)
{
	static struct lookup_answer answer;
	struct stat status;

	if (lookup_has_cached())
		return lookup_device_unasked(place);
	if (!lookup_is_careful())
		return fstat(place, &status) ? 0 : status.st_dev;
	return ask_for(place, LOOKUP_DEVICE, &answer) ? 0 : answer.device;
}

int lookup_reopen(int place, int flags)
{
	static struct lookup_answer answer;
	char name[32];
	int fd;

	if (lookup_has_cached() && lookup_is_memfd(place)) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", place);
		fd = open(name, flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	int64_t r = ask_about(place, LOOKUP_REOPEN, flags, &answer, &fd);
	return r ? (int)r : fd;
}

int lookup_statfs(int place, struct statfs *ret_fs)
{
	static struct lookup_answer answer;

	if (!lookup_is_careful())
		return fstatfs(place, ret_fs) ? -errno : 0;
	int r = (int)ask_for(place, LOOKUP_STATFS, &answer);
	*ret_fs = answer.fs;
	return r;
}

/* The mount's number, as no other one ever has it (Linux 6.8); 0: not told. */
static uint64_t mount_of(int place)
{
	const unsigned mask = 0x4000; /* STATX_MNT_ID_UNIQUE */
	struct statx status;

	return statx(place, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, &status) == 0 &&
			       (status.stx_mask & mask)
		       ? status.stx_mnt_id
		       : 0;
}

int lookup_type(int place, int64_t *ret_type)
{
	enum { KNOWN_MAX = 64 };
	static struct {
		uint64_t mount;
		int64_t type;
	} known[KNOWN_MAX];
	uint64_t mount = lookup_has_cached() ? mount_of(place) : 0;
	struct statfs fs;

	if (mount && known[mount % KNOWN_MAX].mount == mount) {
		*ret_type = known[mount % KNOWN_MAX].type;
		return 0;
	}
	int r = lookup_statfs(place, &fs);
	if (r)
		return r;
	*ret_type = fs.f_type;
	if (mount) {
		known[mount % KNOWN_MAX].mount = mount;
		known[mount % KNOWN_MAX].type = fs.f_type;
	}
	return 0;
}

ssize_t lookup_read(int place, char *ret_text, size_t size)
{
	static struct lookup_answer answer;

	if (lookup_is_careful())
		return give(answer.text, ask_for(place, LOOKUP_READ, &answer), ret_text, size);
	ssize_t n = read(place, answer.text, sizeof(answer.text));
	return n < 0 ? -errno : give(answer.text, n, ret_text, size);
}

int lookup_first_name(int place, char *ret_name, bool *ret_is_file, int64_t *ret_type)
{
	static struct lookup_answer answer;

	if (!lookup_is_careful()) {
		int fd = fcntl(place, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : lookup_list_first(fd, ret_name, ret_is_file, ret_type);
	}
	int r = (int)ask_for(place, LOOKUP_NAME, &answer);
	if (r == 0) {
		snprintf(ret_name, NAME_MAX + 1, "%.*s", NAME_MAX, answer.text);
		*ret_is_file = answer.is_file;
		*ret_type = answer.type;
	}
	return r;
}

void lookup_end(void)
{
	if (helper.fd >= 0)
		helper_stop(&helper);
}

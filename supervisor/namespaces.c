/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "namespaces.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "clock.h"
#include "fakeprocsys.h"
#include "namespace_identity.h"
#include "netlink_addresses.h"
#include "netlink_links.h"
#include "path.h"
#include "tracee_mem.h"

/* The index of SCOPE_NET. */
enum { NAMESPACES_NET };
enum { COLLECT_EVERY = 16, LOOK_MS = 20 /* at mounts, each time */ };
static const enum sysctl_scope scopes[NAMESPACES_FLAGS] = { SCOPE_NET, SCOPE_IPC, SCOPE_UTS,
	SCOPE_USER };

const uint64_t namespaces_flags[NAMESPACES_FLAGS] = { CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS,
	CLONE_NEWUSER };

/* Kinds (as bits, by index of scopes[]) that clones in flight make: the child is told apart by being alone in it. */
static unsigned expected;
static size_t n_expected;

enum { SEEN_MAX = 64, MOUNT_BYTES = 2560 /* of a line of mountinfo */ };

struct search {
	enum sysctl_scope scope;
	uint64_t identity;
	pid_t but; /* this thread does not count */
	bool found;
	int64_t work; /* of is_mounted(): see clock_begin_work() */
	size_t n_lines; /* that it has read */
	size_t n_seen; /* mount namespaces that were looked at */
	char seen[SEEN_MAX][64];
};

static void is_inside(struct tracee *tracee, void *data)
{
	struct search *search = data;

	if (!search->found && tracee->tid != search->but)
		search->found = namespace_identity(tracee->tid, search->scope) == search->identity;
}

/* Whether the mount namespace of a thread was looked at before; as many as there is room for are remembered. */
static bool is_seen(struct search *search, pid_t tid)
{
	char path[48], link[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", tid);
	if (readlink(path, link, sizeof(link) - 1) <= 0)
		return false;
	for (size_t i = 0; i < search->n_seen; i++)
		if (strcmp(search->seen[i], link) == 0)
			return true;
	if (search->n_seen < SEEN_MAX)
		strcpy(search->seen[search->n_seen++], link);
	return false;
}

/* What mountinfo says of the root of a mount of nsfs: on Linux "net:[4026531840]". In gVisor it is "/", and the number
 * is that of the file which is mounted. may_look: its path leads through no file system that a tracee serves, who would
 * be asked and may be stopped; else it is taken for one that lives. */
static bool is_mount_of(const struct search *search, pid_t tid, const char *line, bool may_look)
{
	char root[64], place[PATH_MAX / 2], wanted[64], path[PATH_MAX];
	struct stat status;

	if (!strstr(line, " - nsfs ") || sscanf(line, "%*s %*s %*s %63s %2047s", root, place) != 2)
		return false;
	snprintf(wanted, sizeof(wanted), "%s:[%llu]", namespace_kind(search->scope),
		(unsigned long long)search->identity);
	if (strcmp(root, "/") != 0)
		return strcmp(root, wanted) == 0;
	if (!may_look)
		return true;
	path_unescape(place);
	snprintf(path, sizeof(path), "/proc/%d/root%s", tid, place);
	return lstat(path, &status) == 0 && status.st_ino == search->identity;
}

/*
 * The next line of mountinfo. NULL: there is none, or that takes too long (many mounts, one on the other): then what is looked
 * for is taken for one that lives.
 */
static const char *next_mount(struct search *search, FILE *mounts, char line[MOUNT_BYTES])
{
	if (clock_is_too_long_at(search->work, ++search->n_lines))
		search->found = true;
	return search->found ? NULL : fgets(line, MOUNT_BYTES, mounts);
}

/* A network namespace without a process lives on where its nsfs file is mounted: ip netns, CRI, Docker. */
static void is_mounted(struct tracee *tracee, void *data)
{
	struct search *search = data;
	char path[48], line[MOUNT_BYTES];

	if (search->found || is_seen(search, tracee->tid))
		return;
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", tracee->tid);
	FILE *mounts = fopen(path, "re");
	if (!mounts)
		return;
	bool may_look = true;
	while (may_look && next_mount(search, mounts, line))
		may_look = !strstr(line, " - fuse");
	rewind(mounts);
	while (next_mount(search, mounts, line))
		search->found = is_mount_of(search, tracee->tid, line, may_look);
	fclose(mounts);
}

/* The namespaces of one kind that tracees are in, each once. */
struct census {
	bool taken, failed /* no memory: everybody is taken for alive */;
	enum sysctl_scope scope;
	uint64_t *ids; /* owned */
	size_t n, size;
};

static bool is_counted(const struct census *census, uint64_t id)
{
	for (size_t i = 0; i < census->n; i++)
		if (census->ids[i] == id)
			return true;
	return false;
}

static void count(struct tracee *tracee, void *data)
{
	struct census *census = data;
	uint64_t id = namespace_identity(tracee->tid, census->scope);

	if (id == 0 || is_counted(census, id))
		return;
	if (census->n == census->size) {
		size_t size = census->size ? 2 * census->size : 32;
		uint64_t *ids = realloc(census->ids, size * sizeof(*ids));

		census->failed |= !ids;
		if (!ids)
			return;
		census->ids = ids;
		census->size = size;
	}
	census->ids[census->n++] = id;
}

/* A census for each scope, taken when the first is asked for; and the time for all of it. */
struct collection {
	struct census censuses[N_SCOPES];
	int64_t work;
};

static bool is_alive(enum sysctl_scope scope, uint64_t id, void *data)
{
	struct collection *collection = data;
	struct census *census = &collection->censuses[scope];
	struct search search = { .scope = scope, .identity = id, .work = collection->work };

	if (id == 0 || namespace_identity(getpid(), scope) == id)
		return true;
	if (!census->taken) {
		census->taken = true;
		census->scope = scope;
		tracee_each(count, census);
	}
	if (census->failed || is_counted(census, id))
		return true;
	tracee_each(is_mounted, &search);
	return search.found;
}

static void network_is_new(uint64_t identity)
{
	netlink_links_namespace_new(identity);
	netlink_addresses_namespace_new(identity);
}

static void is_new(struct stop *stop, pid_t tid, unsigned mask)
{
	for (int i = 0; i < NAMESPACES_FLAGS; i++)
		if (mask & (1U << i))
			fakeprocsys_namespace_new(stop_fakeprocsys(stop), scopes[i],
				namespace_identity(tid, scopes[i]));
	if (mask & (1U << NAMESPACES_NET))
		network_is_new(namespace_identity(tid, SCOPE_NET));
	struct collection collection = { .work = clock_begin_work(LOOK_MS) };
	/* Asking costs a look at each thread. */
	static unsigned n_new;
	if (++n_new % COLLECT_EVERY == 0)
		fakeprocsys_collect(stop_fakeprocsys(stop), is_alive, &collection);
	netlink_links_collect(is_alive, &collection);
	for (int i = 0; i < N_SCOPES; i++)
		free(collection.censuses[i].ids);
}

static unsigned kinds_of_flags(uint64_t flags)
{
	unsigned mask = 0;

	for (int i = 0; i < NAMESPACES_FLAGS; i++)
		if ((flags & namespaces_flags[i]) && namespace_identity_tells(scopes[i]))
			mask |= 1U << i;
	return mask;
}

static unsigned kinds_of_call(struct stop *stop)
{
	uint64_t flags;

	switch (stop_syscall(stop)) {
	case SYS_clone:
	case SYS_unshare:
		return kinds_of_flags(stop_asked(stop, 0));
	case SYS_clone3:
		if (stop_read(stop, stop_asked(stop, 0), &flags, sizeof(flags)))
			return 0;
		return kinds_of_flags(flags);
	default:
		return 0;
	}
}

static void expect_one_less(void)
{
	if (n_expected > 0 && --n_expected == 0)
		expected = 0;
}

bool namespaces_enter(struct stop *stop)
{
	unsigned mask = kinds_of_call(stop);

	if (mask && stop_syscall(stop) != SYS_unshare && !stop->expects_child) {
		stop->expects_child = true;
		expected |= mask;
		n_expected++;
	}
	return mask != 0;
}

void namespaces_exit(struct stop *stop)
{
	bool expects_child = stop->expects_child;
	unsigned mask = kinds_of_call(stop);

	stop->expects_child = false;
	if (expects_child && stop_result(stop) < 0)
		expect_one_less();
	if (mask && stop_syscall(stop) == SYS_unshare && stop_result(stop) == 0)
		is_new(stop, stop_tid(stop), mask);
}

void namespaces_new_tracee(struct tracee *tracee)
{
	unsigned mask = 0;

	if (n_expected == 0)
		return;
	for (int i = 0; i < NAMESPACES_FLAGS; i++) {
		if (!(expected & (1U << i)))
			continue;
		struct search search = { .scope = scopes[i],
			.identity = namespace_identity(tracee->tid, scopes[i]),
			.but = tracee->tid };
		tracee_each(is_inside, &search);
		if (search.identity && !search.found)
			mask |= 1U << i;
	}
	if (mask == 0)
		return;
	is_new(NULL, tracee->tid, mask);
	expect_one_less();
}

void namespaces_tracee_ended(struct tracee *tracee)
{
	/* In the middle of its call: whether there is a child nobody will say. */
	if (tracee->stop && tracee->stop->expects_child)
		expect_one_less();
}

void namespaces_unknown_ended(void)
{
	expect_one_less();
}

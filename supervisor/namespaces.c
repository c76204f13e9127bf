/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "fakeprocsys.h"
#include "namespace_identity.h"
#include "netlink_addresses.h"
#include "netlink_links.h"
#include "tracee_mem.h"

/* The index of SCOPE_NET. */
enum { NAMESPACES_NET };
static const enum sysctl_scope scopes[NAMESPACES_FLAGS] = { SCOPE_NET, SCOPE_IPC, SCOPE_UTS,
	SCOPE_USER };

const uint64_t namespaces_flags[NAMESPACES_FLAGS] = { CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS,
	CLONE_NEWUSER };

/* Kinds (as bits, by index of scopes[]) that clones in flight make: the child is told apart by being alone in it. */
static unsigned expected;
static size_t n_expected;

struct search {
	enum sysctl_scope scope;
	uint64_t identity;
	pid_t but; /* this thread does not count */
	bool found;
};

static void is_inside(struct tracee *tracee, void *data)
{
	struct search *search = data;

	if (!search->found && tracee->tid != search->but)
		search->found = namespace_identity(tracee->tid, search->scope) == search->identity;
}

/* A network namespace without a process lives on where its nsfs file is mounted: ip netns, CRI, Docker. */
static void is_mounted(struct tracee *tracee, void *data)
{
	struct search *search = data;
	char path[48], wanted[64], line[1024];

	if (search->found)
		return;
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", tracee->tid);
	snprintf(wanted, sizeof(wanted), " %s:[%llu] ", namespace_kind(search->scope),
		(unsigned long long)search->identity);
	FILE *mounts = fopen(path, "re");
	while (mounts && !search->found && fgets(line, sizeof(line), mounts))
		search->found = strstr(line, wanted) != NULL;
	if (mounts)
		fclose(mounts);
}

static bool is_alive(enum sysctl_scope scope, uint64_t id, void *data)
{
	struct search search = { .scope = scope, .identity = id };

	if (id == 0 || namespace_identity(getpid(), scope) == id)
		return true;
	tracee_each(is_inside, &search);
	if (!search.found)
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
	fakeprocsys_collect(stop_fakeprocsys(stop), is_alive, NULL);
	netlink_links_collect(is_alive, NULL);
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
		struct search search = { scopes[i], namespace_identity(tracee->tid, scopes[i]),
			tracee->tid, false };
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/*
 * Whose child is taken for the first one in a new namespace, and what goes then. This process plays the child: nobody
 * else is in it.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakeprocsys.h"
#include "namespace_identity.h"
#include "namespaces.h"
#include "netlink_addresses.h"
#include "netlink_links.h"

static struct fakeprocsys *tree;
static struct tracee *parent, *child;
static const char file[] = "kernel/msgmni";

static struct sysctl_viewer viewer(void)
{
	struct sysctl_viewer viewer = { .proc_fd = -1 };

	viewer.namespaces[SCOPE_IPC] = namespace_identity(getpid(), SCOPE_IPC);
	return viewer;
}

/* A value that goes when the namespace is taken for a new one. */
static void set_value(void)
{
	struct sysctl_viewer own = viewer();

	assert_int_equal(fakeprocsys_write(tree, file, &own, &(uint64_t){ 0 }, "4711\n", 5), 5);
}

static bool is_taken_for_new(void)
{
	struct sysctl_viewer own = viewer();
	char text[SYSCTL_VALUE_MAX];

	namespaces_new_tracee(child);
	ssize_t n = fakeprocsys_read(tree, file, &own, text);
	assert_true(n > 0);
	return n != 5 || memcmp(text, "4711\n", 5) != 0;
}

static struct stop *begin_clone(uint64_t flags)
{
	struct regs regs = { 0 };

	regs_set_syscall(&regs, SYS_clone);
	regs_set_arg(&regs, 0, flags);
	struct stop *stop = stop_begin(parent, &regs);
	assert_non_null(stop);
	set_value();
	assert_int_equal(namespaces_enter(stop), (flags & (CLONE_NEWIPC | CLONE_NEWNET)) != 0);
	/* The same call, begun once more. */
	assert_int_equal(namespaces_enter(stop), (flags & (CLONE_NEWIPC | CLONE_NEWNET)) != 0);
	return stop;
}

static void end_clone(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	namespaces_exit(stop);
	stop_end(parent);
}

static void a_child_in_a_new_namespace_starts_with_first_values(void **state)
{
	end_clone(begin_clone(CLONE_NEWIPC | SIGCHLD), 4712);
	assert_true(is_taken_for_new());
	/* Only the first. */
	set_value();
	assert_false(is_taken_for_new());
}

static void a_child_may_come_before_its_parents_exit(void **state)
{
	struct stop *stop = begin_clone(CLONE_NEWIPC);

	assert_true(is_taken_for_new());
	end_clone(stop, 4712);
	set_value();
	assert_false(is_taken_for_new());
}

static void other_children_are_not_looked_at(void **state)
{
	end_clone(begin_clone(SIGCHLD), 4712);
	assert_false(is_taken_for_new());
	end_clone(begin_clone(CLONE_NEWIPC), -EPERM);
	assert_false(is_taken_for_new());
}

static void a_child_that_dies_before_its_first_stop_is_not_waited_for(void **state)
{
	end_clone(begin_clone(CLONE_NEWIPC), 4712);
	namespaces_unknown_ended();
	assert_false(is_taken_for_new());
	/* Somebody else's death changes nothing later. */
	namespaces_unknown_ended();
	end_clone(begin_clone(CLONE_NEWIPC), 4712);
	assert_true(is_taken_for_new());
}

static void a_parent_that_dies_in_the_call_brings_no_child(void **state)
{
	begin_clone(CLONE_NEWIPC);
	namespaces_tracee_ended(parent);
	stop_end(parent);
	assert_false(is_taken_for_new());
}

static void make_link(uint64_t netns, const char *name)
{
	struct link_change change = { .what = LINK_MAKE,
		.link = { .netns = netns, .kind = "bridge" } };

	snprintf(change.link.name, sizeof(change.link.name), "%s", name);
	netlink_links_change(&change);
}

static void a_new_network_has_no_links(void **state)
{
	const uint64_t netns = namespace_identity(getpid(), SCOPE_NET);
	struct netlink_address address = { .netns = netns,
		.index = 2,
		.family = AF_INET,
		.prefix = 24,
		.local = { 10, 0, 0, 1 } };

	make_link(netns, "br0");
	make_link(netns + 1, "br0");
	netlink_address_add(&address);
	end_clone(begin_clone(CLONE_NEWIPC), 4712);
	namespaces_new_tracee(child);
	assert_true(netlink_links_knows(netns, "br0"));
	assert_non_null(netlink_address_find(&address));
	end_clone(begin_clone(CLONE_NEWNET), 4712);
	namespaces_new_tracee(child);
	assert_false(netlink_links_knows(netns, "br0"));
	assert_null(netlink_address_find(&address));
	assert_true(netlink_links_knows(netns + 1, "br0"));
	netlink_links_namespace_new(netns + 1);
}

/* Numbers of nobody's namespaces. */
enum { ENDED = 4713, LINKS = 100 };

static void set_host_name(uint64_t uts)
{
	struct sysctl_viewer viewer = { .proc_fd = -1 };

	viewer.namespaces[SCOPE_UTS] = uts;
	assert_int_equal(
		fakeprocsys_write(tree, "kernel/hostname", &viewer, &(uint64_t){ 0 }, "mine\n", 5),
		5);
}

static bool has_host_name(uint64_t uts)
{
	struct sysctl_viewer viewer = { .proc_fd = -1 };
	char text[SYSCTL_VALUE_MAX];

	viewer.namespaces[SCOPE_UTS] = uts;
	return fakeprocsys_read(tree, "kernel/hostname", &viewer, text) == 5 &&
	       memcmp(text, "mine\n", 5) == 0;
}

static void make_links(uint64_t netns)
{
	char name[IF_NAMESIZE];

	for (int i = 0; i < LINKS; i++) {
		snprintf(name, sizeof(name), "br%d", i);
		make_link(netns, name);
	}
}

/* As many new ones as it takes until somebody looks which ones are left; some more, as a look that takes long ends. */
static void make_namespaces(void)
{
	for (int i = 0; i < 64; i++) {
		end_clone(begin_clone(CLONE_NEWIPC), 4712);
		namespaces_new_tracee(child);
	}
}

static void what_is_of_ended_namespaces_goes(void **state)
{
	const uint64_t uts = namespace_identity(getpid(), SCOPE_UTS),
		       netns = namespace_identity(getpid(), SCOPE_NET);

	set_host_name(ENDED);
	set_host_name(uts);
	make_links(ENDED);
	make_link(netns, "br0");
	make_namespaces();
	assert_false(has_host_name(ENDED));
	assert_true(has_host_name(uts));
	assert_false(netlink_links_knows(ENDED, "br0"));
	assert_true(netlink_links_knows(netns, "br0"));
	netlink_links_namespace_new(netns);
}

/* A process in namespaces of its own, where one more network is mounted; 0: this is refused. */
static pid_t start_elsewhere(const char *mount_point, uint64_t *ret_mounted)
{
	int told[2];

	assert_int_equal(pipe(told), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		const bool made =
			unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET) == 0 &&
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
			mount("/proc/self/ns/net", mount_point, NULL, MS_BIND, NULL) == 0;
		*ret_mounted = namespace_identity(getpid(), SCOPE_NET);
		if (!made || unshare(CLONE_NEWNET) < 0)
			*ret_mounted = 0;
		if (write(told[1], ret_mounted, sizeof(*ret_mounted)) > 0)
			pause();
		_exit(0);
	}
	close(told[1]);
	assert_int_equal(read(told[0], ret_mounted, sizeof(*ret_mounted)), sizeof(*ret_mounted));
	close(told[0]);
	return pid;
}

/* By a process that is in them, or, of a network, by a mount. */
static void what_is_of_living_namespaces_stays(void **state)
{
	char mount_point[] = "/tmp/test_namespaces.XXXXXX";
	int fd = mkstemp(mount_point);
	uint64_t mounted;

	assert_true(fd >= 0 && close(fd) == 0);
	const pid_t pid = start_elsewhere(mount_point, &mounted);
	const uint64_t uts = namespace_identity(pid, SCOPE_UTS),
		       netns = namespace_identity(pid, SCOPE_NET);
	struct tracee *elsewhere = tracee_add(pid);
	assert_non_null(elsewhere);
	if (mounted) {
		set_host_name(uts);
		make_links(ENDED);
		make_link(netns, "br0");
		make_link(mounted, "br0");
		make_namespaces();
		assert_true(has_host_name(uts));
		assert_false(netlink_links_knows(ENDED, "br0"));
		assert_true(netlink_links_knows(netns, "br0"));
		assert_true(netlink_links_knows(mounted, "br0"));
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	tracee_remove(elsewhere);
	unlink(mount_point);
	if (!mounted) {
		print_message("SKIP: may not make namespaces\n");
		skip();
	}
	/* Now they have ended. */
	make_links(ENDED);
	make_namespaces();
	assert_false(has_host_name(uts));
	assert_false(netlink_links_knows(netns, "br0"));
	assert_false(netlink_links_knows(mounted, "br0"));
}

static void nothing(struct tracee *tracee)
{
}

static void nothing_either(struct process *process)
{
}

static int set_up(void **state)
{
	tree = fakeprocsys_create();
	assert_non_null(tree);
	stop_use_fakeprocsys(tree);
	tracee_on_end(nothing, nothing_either);
	/* No process has this id: it is in no namespace. */
	parent = tracee_add(INT32_MAX);
	child = tracee_add(getpid());
	assert_non_null(parent);
	assert_non_null(child);
	return 0;
}

static int tear_down(void **state)
{
	tracee_remove(parent);
	tracee_remove(child);
	fakeprocsys_destroy(tree);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_in_a_new_namespace_starts_with_first_values),
		cmocka_unit_test(a_child_may_come_before_its_parents_exit),
		cmocka_unit_test(other_children_are_not_looked_at),
		cmocka_unit_test(a_child_that_dies_before_its_first_stop_is_not_waited_for),
		cmocka_unit_test(a_parent_that_dies_in_the_call_brings_no_child),
		cmocka_unit_test(a_new_network_has_no_links),
		cmocka_unit_test(what_is_of_ended_namespaces_goes),
		cmocka_unit_test(what_is_of_living_namespaces_stays),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* Whose child is taken for the first one in a new namespace. This process plays the child: nobody else is in it. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "fakeprocsys.h"
#include "namespace_identity.h"
#include "namespaces.h"

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
	assert_int_equal(namespaces_enter(stop), (flags & CLONE_NEWIPC) != 0);
	/* The same call, begun once more. */
	assert_int_equal(namespaces_enter(stop), (flags & CLONE_NEWIPC) != 0);
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
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

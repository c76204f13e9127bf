/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = clone-parent: a child made with CLONE_PARENT becomes its grandparent's, also where the kernel ignores the
 * flag (gVisor before June 2026). The grandparent becomes a child subreaper, so that the child is its own as
 * soon as the one that made it has ended; which is what runc's init does at once.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "emulation.h"

static enum verdict on_enter(struct stop *stop, const void *config)
{
	uint64_t flags = stop_asked(stop, 0);

	if (stop_syscall(stop) == SYS_clone3 &&
		stop_read(stop, stop_asked(stop, 0), &flags, sizeof(flags)))
		return VERDICT_NEXT;
	/* A thread's parent is its process's in any case. */
	if (!(flags & CLONE_PARENT) || (flags & CLONE_THREAD))
		return VERDICT_NEXT;
	stop_make_parent_reap(stop);
	stop_note(stop, "its parent becomes a subreaper");
	return VERDICT_WATCH;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	return EXIT_DONE;
}

static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	if (nr != SYS_clone)
		return;
	ret_conditions[0] = (struct arg_condition){ 0, CLONE_PARENT | CLONE_THREAD, CLONE_PARENT };
	ret_conditions[1].arg = -1;
}

const struct emulation emulation_clone_parent = {
	.name = "clone-parent",
	.summary = "give a child made with CLONE_PARENT to its grandparent",
	.default_syscalls = "clone,clone3",
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

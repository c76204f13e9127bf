/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/mount.h>
#include <sys/syscall.h>

#include "detached.h"
#include "syscall_numbers_x86_64.h"

static bool makes_clone(const struct stop *stop)
{
	long nr = stop_syscall(stop);

	return (nr == SYS_open_tree || nr == SYS_open_tree_attr) &&
	       (stop_asked(stop, 2) & OPEN_TREE_CLONE);
}

bool detached_enter(struct stop *stop)
{
	const char *path;

	/* What the text names now; at the exit it is still known. */
	return makes_clone(stop) && stop_path_real(stop, 1, &path) == 0;
}

void detached_exit(struct stop *stop)
{
	const char *path;

	if (makes_clone(stop) && stop_result(stop) >= 0 && stop_path_real(stop, 1, &path) == 0)
		detached_made(stop, (int)stop_result(stop), path);
}

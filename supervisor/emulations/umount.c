/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = umount: EINVAL for what is no mount point in the program's mount namespace. gVisor (2024, 2026; vfs/mount.go,
 * getMountpoint()) asks whether a folder or file is one in any, and if it is none in this one, unmounts the mount that it lies
 * in: so who unmounts until there is nothing left, as containerd does, takes /run away while a container is made in a
 * namespace of its own.
 *
 * Another thread may unmount between the look and the call. So it may between a program's own look and its call.
 */
#include <sys/mount.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "mounts.h"

/* Whether it is there and no mount point, without a doubt. */
static bool is_none(struct stop *stop)
{
	const char *path;

	/* Also with UMOUNT_NOFOLLOW: of a link itself the kernel says the same, wherever it leads. */
	if (stop_path_real(stop, 0, &path))
		return false;
	cleanup_close int fd = mounts_open(stop, path);
	return fd >= 0 && mounts_is_point(stop, path) == 0;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	if (!is_none(stop))
		return VERDICT_NEXT;
	/* A flag that no kernel takes for this: it says EPERM to whom it would, and EINVAL to others. */
	stop_send_arg(stop, 1, stop_asked(stop, 1) | MNT_EXPIRE);
	return VERDICT_WATCH;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	return EXIT_DONE;
}

const struct emulation emulation_umount = {
	.name = "umount",
	.summary = "let umount2 say EINVAL of what is no mount point in the program's namespace",
	.default_syscalls = "umount2",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

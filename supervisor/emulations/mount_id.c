/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-id: the mount that statx(2) was asked for (STATX_MNT_ID) where the kernel leaves it out, told from the path and
 * /proc/PID/mountinfo. gVisor of 2024 has the number nowhere else (no mnt_id in /proc/PID/fdinfo either).
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <stdio.h>

#include "emulation.h"
#include "mounts.h"

static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	ret_conditions[0] = (struct arg_condition){ 3, STATX_MNT_ID, STATX_MNT_ID };
	ret_conditions[1].arg = -1;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	return stop_asked(stop, 3) & STATX_MNT_ID ? VERDICT_WATCH : VERDICT_NEXT;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	uint64_t address = stop_asked(stop, 4);
	char base[PATH_MAX];
	struct statx stx;
	const char *path;

	if (stop_result(stop) < 0 || stop_read(stop, address, &stx, sizeof(stx)) ||
		(stx.stx_mask & STATX_MNT_ID) || stop_path(stop, 1, &path))
		return EXIT_DONE;
	/* the link itself is in /proc, wherever it leads */
	if ((stop_asked(stop, 2) & AT_SYMLINK_NOFOLLOW) && stop_is_magic_link(stop, 1) &&
		stop_path_base(stop, 1, base) == 0)
		path = base;
	int id = mounts_id_of(stop, path);
	if (id <= 0)
		return EXIT_DONE;
	stx.stx_mnt_id = (uint64_t)id;
	stx.stx_mask |= STATX_MNT_ID;
	if (stop_write(stop, address, &stx, sizeof(stx)) == 0)
		stop_note(stop, "mount %d", id);
	return EXIT_DONE;
}

const struct emulation emulation_mount_id = {
	.name = "mount-id",
	.summary = "tell statx's mount where the kernel leaves it out",
	.default_syscalls = "statx",
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

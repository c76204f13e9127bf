/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = cgroup-removal: rmdir of a control group as Linux has it. A group in use is busy, and its files go with it; also
 * those of a plain folder that a program made in place of a group, where the kernel has no such controller (podman
 * writes below blkio, which gVisor lacks).
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "emulation.h"

enum { FILES_MAX = 64, NAME_BYTES = NAME_MAX + 1 };

static int path_argument(const struct stop *stop)
{
	return stop_syscall(stop) == SYS_unlinkat ? 1 : 0;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	static const char room[PATH_MAX + NAME_BYTES];
	uint64_t address;

	if (stop_syscall(stop) == SYS_unlinkat && !(stop_asked(stop, 2) & AT_REMOVEDIR))
		return VERDICT_NEXT;
	int r = stop_push(stop, room, sizeof(room), &address);
	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : VERDICT_NEXT;
	stop_keep(stop, (int64_t)address);
	return VERDICT_WATCH;
}

/* Has the program remove one file of the plain folder, or the folder itself when it is empty. */
static enum exit_verdict remove_next(struct stop *stop, const char *path)
{
	uint64_t args[SYSCALL_ARGS] = { 0 }, room = (uint64_t)stop_kept(stop);
	char name[NAME_BYTES], file[PATH_MAX + NAME_BYTES];
	int64_t type;
	bool is_file;

	snprintf(file, sizeof(file), "root%s", path);
	if (stop_first_name(stop, file, name, &is_file, &type) || (*name && !is_file) ||
		type == CGROUP_SUPER_MAGIC || type == CGROUP2_SUPER_MAGIC)
		return EXIT_DONE;
	if (!*name) {
		for (int i = 0; i < SYSCALL_ARGS; i++)
			args[i] = stop_asked(stop, i);
		stop_keep(stop, 0);
		stop_run(stop, stop_syscall(stop), args);
		return EXIT_RUN;
	}
	int length = snprintf(file, sizeof(file), "%s/%s", path, name);
	if (length >= (int)sizeof(file) || stop_write(stop, room, file, (size_t)length + 1))
		return EXIT_DONE;
	args[0] = room;
	stop_run(stop, SYS_unlink, args);
	return EXIT_RUN;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	int64_t result = stop_result(stop);
	const char *path;

	if (stop_kept(stop) == 0 || (stop_step(stop) == 0 && result != -ENOTEMPTY))
		return EXIT_DONE;
	stop_set_result(stop, -EBUSY);
	if ((stop_step(stop) > 0 && result < 0) || stop_step(stop) > FILES_MAX ||
		stop_path(stop, path_argument(stop), &path))
		return EXIT_DONE;
	return remove_next(stop, path);
}

static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	if (nr != SYS_unlinkat)
		return;
	ret_conditions[0] = (struct arg_condition){ 2, AT_REMOVEDIR, AT_REMOVEDIR };
	ret_conditions[1].arg = -1;
}

const struct emulation emulation_cgroup_removal = {
	.name = "cgroup-removal",
	.summary = "let rmdir of a control group in use say EBUSY, and take the files of a plain "
		   "folder among groups with it",
	.default_syscalls = "rmdir,unlinkat",
	.needs_path = true,
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

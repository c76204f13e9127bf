/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-move: mount(2) with MS_MOVE, where the kernel has it not (gVisor 2024: EINVAL): the mount, with those below it, is
 * bound to its new place, and unmounted at the old one. What is open there before leads to the same files, but its path is told no more,
 * and it does not see what is mounted in the new place later.
 *
 * Another thread may mount something at either place between the two calls. So it may between a program's own.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "mounts.h"
#include "path.h"

/* What the program's kernel reads, in memory of ours there, for the time of the call. */
struct request {
	char from[PATH_MAX], to[PATH_MAX];
};

enum { STEP_BOUND, STEP_UNMOUNTED };

/* What mount(2) looks at before it comes to MS_MOVE. */
static const uint64_t first =
	MS_REMOUNT | MS_BIND | MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	if (nr != SYS_mount)
		return;
	ret_conditions[0] = (struct arg_condition){ 3, MS_MOVE, MS_MOVE };
	ret_conditions[1].arg = -1;
}

static bool is_move(uint64_t flags)
{
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(uint64_t)MS_MGC_MSK;
	return (flags & MS_MOVE) && !(flags & first);
}

/* 1, 0, or -errno of what is not there. */
static int is_folder(struct stop *stop, const char *path)
{
	cleanup_close int fd = mounts_open(stop, path);
	struct statx stx;

	if (fd < 0)
		return fd;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &stx))
		return -errno;
	return S_ISDIR(stx.stx_mode);
}

/* Where an argument leads, and whether that is a folder: 1, 0, or -errno. */
static int read_place(struct stop *stop, int arg, int error_of_nothing, char ret_place[PATH_MAX])
{
	const char *path, *text = stop_path_text(stop, arg);
	int r = stop_path_real(stop, arg, &path);

	if (!text || !text[0])
		return text ? error_of_nothing : -EFAULT;
	if (r)
		return r;
	strcpy(ret_place, path);
	return is_folder(stop, path);
}

/* Whether an error is about the path: others are our own trouble. */
static bool is_of_path(int error)
{
	return error == -EFAULT || error == -EINVAL || error == -ENOENT || error == -ENOTDIR ||
	       error == -ELOOP || error == -ENAMETOOLONG;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	struct request request = { 0 };
	uint64_t address;

	if (!is_move(stop_asked(stop, 3)))
		return VERDICT_NEXT;
	/* The new place is looked for first. */
	int to = read_place(stop, 1, -ENOENT, request.to);
	int from = to < 0                     ? to
		   : stop_asked(stop, 0) == 0 ? -EINVAL
					      : read_place(stop, 0, -EINVAL, request.from);
	if (from < 0)
		return is_of_path(from) ? stop_give(stop, from) : VERDICT_NEXT;
	/* The kernel refuses the rest by itself: what is no mount point, or of another kind; and a place below or above it, of which
	 * Linux takes the latter (mount --move . /), but a bind mount would hide what is to be unmounted. */
	if (mounts_is_point(stop, request.from) != 1 || from != to ||
		path_is_below(request.from, request.to) || path_is_below(request.to, request.from))
		return VERDICT_NEXT;
	int r = stop_push(stop, &request, sizeof(request), &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	stop_keep(stop, (int64_t)address);
	/* The new place as it was asked for: a descriptor's link leads there whatever the folders on the way are by now. */
	stop_send_arg(stop, 0, address + offsetof(struct request, from));
	stop_send_arg(stop, 2, 0);
	stop_send_arg(stop, 3, MS_BIND | MS_REC);
	stop_send_arg(stop, 4, 0);
	stop_note(stop, "bound to its new place, unmounted at the old one");
	return VERDICT_WATCH;
}

static enum exit_verdict unmount(struct stop *stop, size_t place)
{
	stop_run(stop, SYS_umount2,
		(uint64_t[SYSCALL_ARGS]){
			(uint64_t)stop_kept(stop) + place, MNT_DETACH | UMOUNT_NOFOLLOW });
	return EXIT_RUN;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	switch (stop_step(stop)) {
	case STEP_BOUND:
		return stop_sent_result(stop) < 0 ? EXIT_DONE
						  : unmount(stop, offsetof(struct request, from));
	case STEP_UNMOUNTED:
		if (stop_result(stop) < 0)
			return unmount(stop, offsetof(struct request, to));
		stop_set_result(stop, 0);
		return EXIT_DONE;
	default: /* taken back */
		stop_set_result(stop, -EINVAL);
		return EXIT_DONE;
	}
}

const struct emulation emulation_mount_move = {
	.name = "mount-move",
	.summary = "move a mount by a bind mount where the kernel has no MS_MOVE",
	.default_syscalls = "mount",
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

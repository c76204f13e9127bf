/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-setattr: mount_setattr(2) by mount(2)'s MS_REMOUNT and its propagation flags. A mount that is nowhere yet
 * (fsmount(2), open_tree(2)) can be changed so only where it has a place: it is put over a folder of the process's own in
 * /proc, changed there, cloned, and the clone takes its descriptor. So it has its flags before anybody can reach it.
 * gVisor of 2026 has all calls for such mounts but this one (seen in 20260905).
 */
#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "mount_attributes.h"
#include "mounts.h"

/* The call that has just run. */
enum stage {
	STAGE_BEGIN, /* openat, or fcntl(F_GETFD) where the call is about a descriptor itself */
	STAGE_REMOUNT,
	STAGE_PROPAGATE,
	STAGE_PLACE, /* move_mount to the place */
	STAGE_CLONE,
	STAGE_UNPLACE,
	STAGE_REPLACE, /* dup3 of the clone */
	STAGE_CLOSE,
};

/* The stop's state. */
struct work {
	uint64_t address; /* of struct request */
	uint64_t set, clear, propagation; /* as in struct mount_attr */
	int fd; /* what is changed */
	int clone;
	int error; /* what is given in the end, 0 or -errno */
	unsigned mounts; /* that have been changed */
	enum stage stage;
	bool opened; /* fd is ours */
	bool cloexec, placed;
};
static_assert(sizeof(struct work) <= STOP_STATE_BYTES, "");

/* What the program's kernel reads, in memory of ours there, for the time of the call. */
struct request {
	char place[32], empty[2], here[2];
	char path[PATH_MAX];
};
static const struct request request_template = { .place = "/proc/thread-self/fdinfo", .here = "." };

static enum verdict on_enter(struct stop *stop, const void *config)
{
	uint64_t flags = (uint32_t)stop_asked(stop, 2);
	bool empty = (flags & AT_EMPTY_PATH) && stop_path_is_empty(stop, 1);
	struct work *work = stop_state(stop);
	struct mount_attr attr;

	int r = mount_attributes_read(stop, &attr);
	if (r <= 0)
		return stop_give(stop, r);
	r = stop_push(stop, &request_template, sizeof(request_template), &work->address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	work->set = attr.attr_set;
	work->clear = attr.attr_clr;
	work->propagation = attr.propagation;
	work->fd = (int)stop_asked(stop, 0);
	work->opened = !empty || work->fd == AT_FDCWD;
	if (!work->opened) {
		stop_send_syscall(stop, SYS_fcntl);
		stop_send_arg(stop, 1, F_GETFD);
		return VERDICT_WATCH;
	}
	stop_send_syscall(stop, SYS_openat);
	if (empty)
		stop_send_arg(stop, 1, work->address + offsetof(struct request, here));
	stop_send_arg(stop, 2,
		O_PATH | O_CLOEXEC | (flags & AT_SYMLINK_NOFOLLOW ? (uint64_t)O_NOFOLLOW : 0));
	return VERDICT_WATCH;
}

static enum exit_verdict run(struct stop *stop, struct work *work, enum stage stage, long nr,
	const uint64_t args[SYSCALL_ARGS])
{
	work->stage = stage;
	stop_run(stop, nr, args);
	return EXIT_RUN;
}

/* The result, after what has been opened, or put into its place, is as it was. */
static enum exit_verdict finish(struct stop *stop, struct work *work, int error)
{
	uint64_t place = work->address + offsetof(struct request, place);

	work->error = error;
	if (work->placed)
		return run(stop, work, STAGE_CLONE, SYS_open_tree,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)AT_FDCWD, place,
				OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE });
	if (work->opened)
		return run(stop, work, STAGE_CLOSE, SYS_close,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)work->fd });
	stop_set_result(stop, error);
	return EXIT_DONE;
}

/* mount(2) of the path that is in the request. */
static enum exit_verdict run_mount(
	struct stop *stop, struct work *work, enum stage stage, uint64_t flags)
{
	uint64_t path = work->address + offsetof(struct request, path);

	return run(stop, work, stage, SYS_mount, (uint64_t[SYSCALL_ARGS]){ 0, path, 0, flags, 0 });
}

/* The next mount that is to get other flags; then propagation; then the end. */
static enum exit_verdict go_on(struct stop *stop, struct work *work)
{
	uint64_t recursive = (uint32_t)stop_asked(stop, 2) & AT_RECURSIVE;
	uint64_t path = work->address + offsetof(struct request, path), flags;
	char base[PATH_MAX], below[PATH_MAX], name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "fd/%d", work->fd);
	if (work->mounts > 0) { /* those below it, by their paths */
		if (stop_link_path(stop, name, base) || !recursive ||
			!mounts_below(stop, base, work->mounts - 1, below))
			work->set = work->clear = 0;
		else
			snprintf(name, sizeof(name), "root%s", below);
	} else {
		snprintf(below, sizeof(below), "/proc/self/fd/%d", work->fd);
	}
	if (work->set | work->clear) {
		int r = mount_attributes_flags(stop, name, work->set, work->clear, &flags);
		if (r == 0)
			r = stop_write(stop, path, below, strlen(below) + 1);
		if (r)
			return finish(stop, work, r);
		return run_mount(stop, work, STAGE_REMOUNT, MS_REMOUNT | MS_BIND | flags);
	}
	if (!work->propagation)
		return finish(stop, work, 0);
	snprintf(below, sizeof(below), "/proc/self/fd/%d", work->fd);
	int r = stop_write(stop, path, below, strlen(below) + 1);
	if (r)
		return finish(stop, work, r);
	return run_mount(stop, work, STAGE_PROPAGATE,
		work->propagation | (recursive ? (uint64_t)MS_REC : 0));
}

static enum exit_verdict place(struct stop *stop, struct work *work)
{
	const uint64_t place = work->address + offsetof(struct request, place);
	const uint64_t empty = work->address + offsetof(struct request, empty);

	return run(stop, work, STAGE_PLACE, SYS_move_mount,
		(uint64_t[SYSCALL_ARGS]){ (uint64_t)work->fd, empty, (uint64_t)AT_FDCWD, place,
			MOVE_MOUNT_F_EMPTY_PATH });
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	int result = (int)stop_result(stop);
	struct work *work = stop_state(stop);

	switch (work->stage) {
	case STAGE_BEGIN:
		if (result < 0)
			return EXIT_DONE;
		if (work->opened)
			work->fd = result;
		else
			work->cloexec = result & FD_CLOEXEC;
		return go_on(stop, work);
	case STAGE_REMOUNT:
		if (result == -EINVAL && !work->opened && !work->placed && work->mounts == 0 &&
			mounts_is_nowhere(stop, work->fd))
			return place(stop, work);
		if (result < 0)
			return finish(stop, work, result);
		work->mounts++;
		return go_on(stop, work);
	case STAGE_PROPAGATE:
		return finish(stop, work, result);
	case STAGE_PLACE:
		if (result < 0) /* without a /proc it cannot be done */
			return finish(stop, work, result == -ENOENT ? -ENOSYS : result);
		work->placed = true;
		return go_on(stop, work);
	case STAGE_CLONE:
		work->clone = result;
		if (result < 0)
			work->error = result;
		return run(stop, work, STAGE_UNPLACE, SYS_umount2,
			(uint64_t[SYSCALL_ARGS]){
				work->address + offsetof(struct request, place), MNT_DETACH });
	case STAGE_UNPLACE:
		if (work->clone < 0)
			break;
		return run(stop, work, STAGE_REPLACE, SYS_dup3,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)work->clone, (uint64_t)work->fd,
				work->cloexec ? O_CLOEXEC : 0 });
	case STAGE_REPLACE:
		return run(stop, work, STAGE_CLOSE, SYS_close,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)work->clone });
	case STAGE_CLOSE:
		break;
	}
	stop_set_result(stop, work->error);
	return EXIT_DONE;
}

const struct emulation emulation_mount_setattr = {
	.name = "mount-setattr",
	.summary = "run mount_setattr as mount where the kernel lacks it",
	.default_syscalls = "mount_setattr",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "mount_attributes.h"
#include "mount_later.h"

/* The call that has just run. */
enum stage {
	STAGE_TARGET, /* openat of the place, or fcntl(F_GETFD) of its descriptor */
	STAGE_MOUNT,
	STAGE_REMOUNT, /* of a bind */
	STAGE_PROPAGATE,
	STAGE_CLOSE,
};

/* The stop's state. */
struct work {
	uint64_t address; /* of struct request */
	int target; /* descriptor of the place */
	int error; /* what is given in the end, 0 or -errno */
	enum stage stage;
	bool opened; /* target is ours */
};
static_assert(sizeof(struct work) <= STOP_STATE_BYTES, "");

/* What the program's kernel reads, in memory of ours there, for the time of the call. */
struct request {
	char fstype[64], from[32], target[32];
	char options[2048];
	char source[PATH_MAX]; /* and then the path of the place */
};

static struct later *later_of(struct stop *stop)
{
	return stop_fd_data(stop, (int)stop_asked(stop, 0), false, 0);
}

enum verdict mount_later_place_enter(struct stop *stop)
{
	const struct later *later = later_of(stop);
	uint64_t flags = (uint32_t)stop_asked(stop, 4);
	cleanup_free struct request *request = NULL;
	struct work *work = stop_state(stop);

	if (!later || (later->kind != LATER_MOUNT && later->kind != LATER_BIND) ||
		!(flags & MOVE_MOUNT_F_EMPTY_PATH) || !stop_path_is_empty(stop, 1))
		return VERDICT_NEXT;
	request = calloc(1, sizeof(*request));
	if (!request)
		return VERDICT_NEXT;
	memcpy(request->fstype, later->fstype, sizeof(request->fstype));
	memcpy(request->options, later->options, sizeof(request->options));
	memcpy(request->source, later->source, sizeof(later->source));
	snprintf(
		request->from, sizeof(request->from), "/proc/self/fd/%d", (int)stop_asked(stop, 0));
	int r = stop_push(stop, request, sizeof(*request), &work->address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r) {
		stop_set_result(stop, r);
		return VERDICT_DONE;
	}
	work->target = (int)stop_asked(stop, 2);
	work->opened = !(flags & MOVE_MOUNT_T_EMPTY_PATH) || !stop_path_is_empty(stop, 3);
	stop_send_arg(stop, 0, stop_asked(stop, 2));
	if (work->opened) {
		stop_send_syscall(stop, SYS_openat);
		stop_send_arg(stop, 1, stop_asked(stop, 3));
		stop_send_arg(stop, 2,
			O_PATH | O_CLOEXEC |
				(flags & MOVE_MOUNT_T_SYMLINKS ? 0 : (uint64_t)O_NOFOLLOW));
	} else {
		stop_send_syscall(stop, SYS_fcntl);
		stop_send_arg(stop, 1, F_GETFD);
	}
	return VERDICT_WATCH;
}

static enum exit_verdict run(struct stop *stop, struct work *work, enum stage stage, long nr,
	const uint64_t args[SYSCALL_ARGS])
{
	work->stage = stage;
	stop_run(stop, nr, args);
	return EXIT_RUN;
}

static enum exit_verdict finish(struct stop *stop, struct work *work, int error)
{
	work->error = error;
	if (work->opened)
		return run(stop, work, STAGE_CLOSE, SYS_close,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)work->target });
	stop_set_result(stop, error);
	return EXIT_DONE;
}

static enum exit_verdict mount_it(struct stop *stop, struct work *work, const struct later *later)
{
	const uint64_t address = work->address;
	const uint64_t target = address + offsetof(struct request, target);
	char text[32];

	snprintf(text, sizeof(text), "/proc/self/fd/%d", work->target);
	int r = stop_write(stop, target, text, sizeof(text));
	if (r)
		return finish(stop, work, r);
	if (later->kind == LATER_BIND)
		return run(stop, work, STAGE_MOUNT, SYS_mount,
			(uint64_t[SYSCALL_ARGS]){ address + offsetof(struct request, from), target,
				0, MS_BIND | (later->recursive ? (uint64_t)MS_REC : 0), 0 });
	return run(stop, work, STAGE_MOUNT, SYS_mount,
		(uint64_t[SYSCALL_ARGS]){ address + offsetof(struct request, source), target,
			address + offsetof(struct request, fstype),
			mount_attributes_to_flags(later->set),
			address + offsetof(struct request, options) });
}

/* The mount that is there now, by its path: the descriptor of the place is of what it hides. */
static enum exit_verdict change_it(
	struct stop *stop, struct work *work, enum stage stage, uint64_t flags, const char *place)
{
	uint64_t path = work->address + offsetof(struct request, source);
	int r = stop_write(stop, path, place, strlen(place) + 1);

	if (r)
		return finish(stop, work, r);
	return run(stop, work, stage, SYS_mount, (uint64_t[SYSCALL_ARGS]){ 0, path, 0, flags, 0 });
}

static enum exit_verdict mounted(struct stop *stop, struct work *work, struct later *later)
{
	bool remount = work->stage == STAGE_MOUNT && later->kind == LATER_BIND &&
		       (later->set | later->clear);
	char name[PATH_MAX + 8], place[PATH_MAX];
	uint64_t flags;

	snprintf(name, sizeof(name), "fd/%d", work->target);
	int r = stop_link_path(stop, name, place);
	if (r == 0 && remount) {
		snprintf(name, sizeof(name), "root%s", place);
		r = mount_attributes_flags(stop, name, later->set, later->clear, &flags);
		if (r == 0)
			return change_it(
				stop, work, STAGE_REMOUNT, MS_REMOUNT | MS_BIND | flags, place);
	}
	if (r == 0 && later->propagation && work->stage != STAGE_PROPAGATE)
		return change_it(stop, work, STAGE_PROPAGATE, later->propagation, place);
	later->kind = LATER_PLACED;
	return finish(stop, work, r);
}

enum exit_verdict mount_later_place_exit(struct stop *stop)
{
	struct work *work = stop_state(stop);
	struct later *later = later_of(stop);
	int result = (int)stop_result(stop);

	if (work->stage == STAGE_CLOSE) {
		stop_set_result(stop, work->error);
		return EXIT_DONE;
	}
	if (work->stage == STAGE_TARGET && result < 0)
		return EXIT_DONE;
	if (work->stage == STAGE_TARGET && work->opened)
		work->target = result;
	if (!later) /* another thread has closed it */
		result = -EBADF;
	if (result < 0)
		return finish(stop, work, result);
	return work->stage == STAGE_TARGET ? mount_it(stop, work, later)
					   : mounted(stop, work, later);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = kmsg: stand in for /dev/kmsg, of a kernel that has nothing to say. A reader gets a timer that nobody ever sets
 * (timerfd_create(2)): read blocks or gives EAGAIN, poll never finds it ready, and it is one descriptor that the
 * program owns. A writer gets /dev/null.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "emulation.h"
#include "given_file.h"
#include "open_call.h"

static const char sink[] = "/dev/null";

enum { KMSG_MAJOR = 1, KMSG_MINOR = 11, KMSG_MODE = S_IFCHR | 0644 };

/* A container has a /dev of its own, and Linux puts no kmsg there: only where the folder is the one that we see. */
static bool is_our_folder(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8] = "root";
	const char *slash = strrchr(path, '/');
	struct stat ours, theirs;

	if (!slash || slash - path >= PATH_MAX)
		return false;
	memcpy(name + 4, path, (size_t)(slash + 1 - path));
	name[4 + (slash + 1 - path)] = '\0';
	cleanup_close int fd = stop_open_proc(stop, name, O_PATH | O_DIRECTORY);
	return fd >= 0 && !stat(name + 4, &ours) && ours.st_dev == stop_device(fd) &&
	       !fstat(fd, &theirs) && ours.st_ino == theirs.st_ino;
}

static enum verdict ask_the_sink(struct stop *stop, int arg)
{
	uint64_t address;
	int r = stop_push(stop, sink, sizeof(sink), &address);

	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r) {
		stop_set_result(stop, r);
		return VERDICT_DONE;
	}
	stop_send_arg(stop, arg, address);
	return VERDICT_WATCH;
}

static bool reads(uint64_t flags)
{
	return !(flags & (O_PATH | O_DIRECTORY)) &&
	       (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL) &&
	       (flags & O_ACCMODE) != O_WRONLY;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;
	uint64_t flags;

	if (!stop_path_args(stop))
		return VERDICT_NEXT;
	int arg = __builtin_ctz(stop_path_args(stop));
	if (stop_path(stop, arg, &path) || given_file_is_there(stop, path) ||
		!is_our_folder(stop, path))
		return VERDICT_NEXT;
	int r = open_call_flags(stop, path, &flags);
	if (r < 0) {
		stop_set_result(stop, r);
		return VERDICT_DONE;
	}
	if (r > 0 || !reads(flags))
		return ask_the_sink(stop, arg);
	stop_send_syscall(stop, SYS_timerfd_create);
	stop_send_arg(stop, 0, CLOCK_MONOTONIC);
	stop_send_arg(stop, 1, flags & (O_CLOEXEC | O_NONBLOCK)); /* TFD_ flags are these */
	return VERDICT_WATCH;
}

static int patch_stat(struct stop *stop, uint64_t address)
{
	struct stat st;
	int r = stop_read(stop, address, &st, sizeof(st));

	st.st_mode = KMSG_MODE;
	st.st_rdev = makedev(KMSG_MAJOR, KMSG_MINOR);
	return r ? r : stop_write(stop, address, &st, sizeof(st));
}

static int patch_statx(struct stop *stop, uint64_t address)
{
	struct statx stx;
	int r = stop_read(stop, address, &stx, sizeof(stx));

	stx.stx_mode = KMSG_MODE;
	stx.stx_rdev_major = KMSG_MAJOR;
	stx.stx_rdev_minor = KMSG_MINOR;
	return r ? r : stop_write(stop, address, &stx, sizeof(stx));
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	int r = 0;

	if (stop_result(stop) < 0)
		return EXIT_DONE;
	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
		r = patch_stat(stop, stop_asked(stop, 1));
		break;
	case SYS_newfstatat:
		r = patch_stat(stop, stop_asked(stop, 2));
		break;
	case SYS_statx:
		r = patch_statx(stop, stop_asked(stop, 4));
		break;
	default:
		break;
	}
	if (r)
		stop_set_result(stop, r);
	return EXIT_DONE;
}

const struct emulation emulation_kmsg = {
	.name = "kmsg",
	.summary = "stand in for a missing /dev/kmsg: a reader waits, what is written is lost",
	.default_syscalls =
		"open,openat,openat2,creat,stat,lstat,newfstatat,statx,statfs,access,faccessat,"
		"faccessat2,readlink,readlinkat",
	.needs_path = true,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = controlling-terminal: /dev/tty, where the kernel's is not there (gVisor 2022 and 2024: EIO in every process). TIOCGPGRP
 * fails for a terminal that is not the process's own (ioctl_tty(2)). So of the terminals that the standard descriptors of the
 * process and of its session's leader are, the first for which it does not, is opened by its name in /dev/pts; where none can be,
 * as its name is of another root folder, one of the process's is given again, as a copy. ENXIO, as of a process that has no
 * terminal, where there is neither. (Terminals are not tried by number: gVisor gives no number a second time.)
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emulation.h"
#include "open_call.h"

/* By the names of the process's standard descriptors, then by those of the leader's; and the process's descriptors themselves. */
enum { N_STANDARD = 3, FIRST_COPY = 2 * N_STANDARD, N_CANDIDATES = 3 * N_STANDARD };

enum { NAME_BYTES = 24 };
static const char folder[] = "/dev/pts/";

/* What the program's kernel reads and writes, in memory of ours there, for the time of the call. */
struct request {
	int group;
	char name[NAME_BYTES];
};

/* What has been run last, for which candidate, and the descriptor that it was about. */
enum stage {
	STAGE_NONE = 'n',
	STAGE_OPEN = 'o',
	STAGE_ASK = 'a',
	STAGE_CLOSE = 'c',
	STAGE_MODE = 'm',
	STAGE_COPY = 'd',
};

struct progress {
	char stage;
	int candidate, fd;
};

static struct progress progress_of(struct stop *stop)
{
	struct progress progress = { STAGE_NONE, 0, -1 };

	sscanf(stop_kept_text(stop), "%c %d %d", &progress.stage, &progress.candidate,
		&progress.fd);
	return progress;
}

static enum exit_verdict run(struct stop *stop, enum stage stage, int candidate, int fd, long nr,
	uint64_t arg0, uint64_t arg1, uint64_t arg2)
{
	char text[STOP_KEPT_TEXT];

	snprintf(text, sizeof(text), "%c %d %d", stage, candidate, fd);
	stop_keep_text(stop, text);
	stop_run(stop, nr, (uint64_t[SYSCALL_ARGS]){ arg0, arg1, arg2 });
	return EXIT_RUN;
}

static enum exit_verdict give(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	return EXIT_DONE;
}

/* The name of a terminal that a candidate's descriptor is of: false if it is of none in /dev/pts. */
static bool name_of(struct stop *stop, int candidate, char ret_name[NAME_BYTES])
{
	char link[40], path[PATH_MAX];

	if (candidate < N_STANDARD) {
		snprintf(link, sizeof(link), "fd/%d", candidate);
		if (stop_link_path(stop, link, path))
			return false;
	} else {
		pid_t leader = getsid(stop_tid(stop));
		if (leader <= 0)
			return false;
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", leader, candidate - N_STANDARD);
		ssize_t n = readlink(link, path, sizeof(path) - 1);
		path[n > 0 ? n : 0] = '\0';
	}
	if (strncmp(path, folder, strlen(folder)) != 0 || strlen(path) >= NAME_BYTES)
		return false;
	strcpy(ret_name, path);
	return true;
}

static enum exit_verdict ask(struct stop *stop, int candidate, int fd)
{
	return run(stop, STAGE_ASK, candidate, fd, SYS_ioctl, (uint64_t)fd, TIOCGPGRP,
		(uint64_t)stop_kept(stop));
}

/* The first candidate from this one on that there is. */
static enum exit_verdict try(struct stop *stop, int candidate, uint64_t flags)
{
	const uint64_t kept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_CLOEXEC;
	uint64_t address = (uint64_t)stop_kept(stop) + offsetof(struct request, name);
	char name[NAME_BYTES] = "";

	for (; candidate < FIRST_COPY; candidate++)
		if (name_of(stop, candidate, name) &&
			stop_write(stop, address, name, sizeof(name)) == 0)
			return run(stop, STAGE_OPEN, candidate, -1, SYS_openat, (uint64_t)AT_FDCWD,
				address, (flags & kept) | O_NOCTTY);
	return candidate < N_CANDIDATES ? ask(stop, candidate, candidate - FIRST_COPY)
					: give(stop, -ENXIO);
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const struct request request = { 0 };
	uint64_t flags, address;

	if (open_call_flags(stop, "/dev/tty", &flags) || (flags & O_PATH))
		return VERDICT_NEXT;
	int r = stop_push(stop, &request, sizeof(request), &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return VERDICT_NEXT;
	stop_keep(stop, (int64_t)address);
	return VERDICT_WATCH;
}

/* Whether a descriptor with these flags does for who asks for those. */
static bool may_as_asked(int64_t have, uint64_t asked)
{
	return have >= 0 &&
	       ((have & O_ACCMODE) == O_RDWR || (have & O_ACCMODE) == (int64_t)(asked & O_ACCMODE));
}

/* TIOCGPGRP of the last candidate gave result. */
static enum exit_verdict answered(
	struct stop *stop, struct progress last, int64_t result, uint64_t flags)
{
	if (last.candidate >= FIRST_COPY)
		return result == 0 ? run(stop, STAGE_MODE, last.candidate, last.fd, SYS_fcntl,
					     (uint64_t)last.fd, F_GETFL, 0)
				   : try(stop, last.candidate + 1, flags);
	return result == 0 ? give(stop, last.fd)
			   : run(stop, STAGE_CLOSE, last.candidate, -1, SYS_close,
				     (uint64_t)last.fd, 0, 0);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	struct progress last = progress_of(stop);
	int64_t result = stop_result(stop);
	uint64_t flags;

	if (last.stage == STAGE_NONE && stop_sent_result(stop) != -EIO)
		return EXIT_DONE;
	if (open_call_flags(stop, "/dev/tty", &flags))
		return give(stop, -EIO);
	switch (last.stage) {
	case STAGE_NONE:
		return try(stop, 0, flags);
	case STAGE_OPEN:
		return result < 0 ? try(stop, last.candidate + 1, flags)
				  : ask(stop, last.candidate, (int)result);
	case STAGE_ASK:
		return answered(stop, last, result, flags);
	case STAGE_MODE:
		if (may_as_asked(result, flags))
			return run(stop, STAGE_COPY, last.candidate, -1, SYS_fcntl,
				(uint64_t)last.fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD,
				0);
		/* fallthrough */
	case STAGE_CLOSE:
		return try(stop, last.candidate + 1, flags);
	default: /* the copy */
		return give(stop, result);
	}
}

const struct emulation emulation_controlling_terminal = {
	.name = "controlling-terminal",
	.summary = "find the terminal of /dev/tty where the kernel does not",
	.default_syscalls = "open,openat",
	.default_path = "/dev/tty",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

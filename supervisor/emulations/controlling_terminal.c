/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = controlling-terminal: /dev/tty, where the kernel's is not there (gVisor 2022 and 2024: EIO in every process). TIOCGPGRP
 * fails for a terminal that is not the process's own (ioctl_tty(2)): so the first of the standard descriptors for which it does
 * not is given again, as a copy, or else the first of the terminals in /dev/pts is opened. ENXIO, as of a process
 * that has none, where there is neither.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "open_call.h"

/* Candidates: the standard descriptors, then /dev/pts/0 and so on. */
enum { N_STANDARD = 3, N_PTS = 32, N_CANDIDATES = N_STANDARD + N_PTS };

/* What the program's kernel reads and writes, in memory of ours there, for the time of the call. */
struct request {
	int group;
	char name[24];
};

/* What has been run last, of the candidate before the next one. */
enum stage {
	STAGE_NONE = 'n',
	STAGE_OPEN = 'o',
	STAGE_ASK = 'a',
	STAGE_CLOSE = 'c',
	STAGE_COPY = 'd'
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
	const uint64_t args[SYSCALL_ARGS])
{
	char text[STOP_KEPT_TEXT];

	snprintf(text, sizeof(text), "%c %d %d", stage, candidate, fd);
	stop_keep_text(stop, text);
	stop_run(stop, nr, args);
	return EXIT_RUN;
}

static enum exit_verdict ask(struct stop *stop, int candidate, int fd)
{
	return run(stop, STAGE_ASK, candidate, fd, SYS_ioctl,
		(uint64_t[SYSCALL_ARGS]){ (uint64_t)fd, TIOCGPGRP, (uint64_t)stop_kept(stop) });
}

static enum exit_verdict give(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	return EXIT_DONE;
}

static enum exit_verdict try(struct stop *stop, int candidate, uint64_t flags)
{
	uint64_t name = (uint64_t)stop_kept(stop) + offsetof(struct request, name);
	char text[sizeof(((struct request *)NULL)->name)];

	if (candidate < N_STANDARD)
		return ask(stop, candidate, candidate);
	snprintf(text, sizeof(text), "/dev/pts/%d", candidate - N_STANDARD);
	if (candidate >= N_CANDIDATES || stop_write(stop, name, text, sizeof(text)))
		return give(stop, -ENXIO);
	return run(stop, STAGE_OPEN, candidate, -1, SYS_openat,
		(uint64_t[SYSCALL_ARGS]){ (uint64_t)AT_FDCWD, name, flags | O_NOCTTY });
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
	case STAGE_OPEN:
		return result < 0 ? try(stop, last.candidate + 1, flags)
				  : ask(stop, last.candidate, (int)result);
	case STAGE_ASK:
		if (result == 0 && last.candidate >= N_STANDARD)
			return give(stop, last.fd);
		if (result == 0)
			return run(stop, STAGE_COPY, last.candidate, -1, SYS_fcntl,
				(uint64_t[SYSCALL_ARGS]){ (uint64_t)last.fd,
					flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0 });
		if (last.candidate >= N_STANDARD)
			return run(stop, STAGE_CLOSE, last.candidate, -1, SYS_close,
				(uint64_t[SYSCALL_ARGS]){ (uint64_t)last.fd });
		return try(stop, last.candidate + 1, flags);
	case STAGE_CLOSE:
		return try(stop, last.candidate + 1, flags);
	case STAGE_COPY:
		return give(stop, result);
	default:
		return try(stop, 0, flags);
	}
}

const struct emulation emulation_controlling_terminal = {
	.name = "controlling-terminal",
	.summary = "find the terminal of /dev/tty where the kernel does not",
	.default_syscalls = "open,openat,openat2",
	.default_path = "/dev/tty",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = upper-folder: a folder that the program makes on an overlay becomes a tmpfs, so that folders in it can be the
 * upper ones of the program's own overlays. gVisor takes tmpfs for that, from 2026 on 9p too, and an overlay never
 * (pkg/sentry/fsimpl/overlay/overlay.go: EINVAL); its root is an overlay by default, and what is in that lives no longer
 * than the sandbox, as is the case in a tmpfs.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "emulation.h"

enum { STEP_MADE, STEP_TYPE, STEP_MOUNTED };

/* What the program's kernel reads and writes, in memory of ours there, for the time of the call. */
struct request {
	char type[8], options[24];
	struct statfs fs;
	char path[]; /* with its NUL */
};

static int path_argument(const struct stop *stop)
{
	return stop_syscall(stop) == SYS_mkdirat ? 1 : 0;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	int argument = path_argument(stop);
	unsigned mode = (unsigned)stop_asked(stop, argument + 1);
	cleanup_free struct request *request = NULL;
	const char *path;
	uint64_t address;

	if (stop_path(stop, argument, &path))
		return VERDICT_NEXT;
	size_t length = strlen(path) + 1;
	request = calloc(1, sizeof(*request) + length);
	if (!request)
		return VERDICT_NEXT;
	memcpy(request->path, path, length);
	strcpy(request->type, "tmpfs");
	/* the program's umask is not to be had everywhere; 022 is what it may be without harm */
	snprintf(request->options, sizeof(request->options), "mode=0%o", mode & 0755);
	int r = stop_push(stop, request, sizeof(*request) + length, &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return VERDICT_NEXT;
	stop_keep(stop, (int64_t)address);
	return VERDICT_WATCH;
}

/* The folder is as the program wants it, in any case: what is done besides never makes its call fail. */
static enum exit_verdict give_up(struct stop *stop, const char *what)
{
	if (what)
		stop_note(stop, "%s", what);
	stop_set_result(stop, stop_sent_result(stop));
	return EXIT_DONE;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	uint64_t address = (uint64_t)stop_kept(stop), path = address + sizeof(struct request);
	uint64_t type = address + offsetof(struct request, type);
	uint64_t options = address + offsetof(struct request, options);
	uint64_t fs_address = address + offsetof(struct request, fs);
	struct statfs fs;

	if (stop_step(stop) != STEP_MADE && stop_result(stop) < 0)
		return give_up(stop, stop_step(stop) == STEP_TYPE ? NULL : "no tmpfs to be had");
	switch (stop_step(stop)) {
	case STEP_MADE:
		if (stop_result(stop) < 0)
			return EXIT_DONE;
		stop_run(stop, SYS_statfs, (uint64_t[SYSCALL_ARGS]){ path, fs_address });
		return EXIT_RUN;
	case STEP_TYPE:
		if (stop_read(stop, fs_address, &fs, sizeof(fs)) ||
			fs.f_type != OVERLAYFS_SUPER_MAGIC)
			return give_up(stop, NULL);
		stop_run(stop, SYS_mount, (uint64_t[SYSCALL_ARGS]){ type, path, type, 0, options });
		return EXIT_RUN;
	default:
		return give_up(stop, "a tmpfs of its own");
	}
}

const struct emulation emulation_upper_folder = {
	.name = "upper-folder",
	.summary =
		"mount a tmpfs on a folder that is made on an overlay, for upper folders of overlays in it",
	.default_syscalls = "mkdir,mkdirat",
	.needs_path = true,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

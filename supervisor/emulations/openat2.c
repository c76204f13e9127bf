/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = openat2: openat2(2) runs as openat(2) where the kernel lacks it. Where RESOLVE_IN_ROOT, RESOLVE_BENEATH or
 * RESOLVE_NO_SYMLINKS is asked, the supervisor looks where the path leads (scoped_path.h): crun makes by it what a container's mounts lie
 * on, and /var/run of Debian's images is a link to /run, the container's. RESOLVE_NO_XDEV is kept by comparing the
 * mounts of both ends; podman asks by it whether a folder is a mount point; RESOLVE_NO_MAGICLINKS where the path itself is
 * such a link, which youki opens in another way after ELOOP. RESOLVE_CACHED forbids nothing.
 * crun 1.21 has no other way that works in gVisor 20240729.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "mounts.h"
#include "open_call.h"
#include "open_how.h"
#include "scoped_path.h"

/* Kept from on_enter to on_exit. */
enum { KEEP_NO_XDEV = 1, KEEP_ABSOLUTE = 2 };

/* Whether the way from where the call began to what it opened stays on one mount. */
static bool stays_on_mount(struct stop *stop, int opened, bool is_absolute)
{
	char name[24], from[PATH_MAX], to[PATH_MAX];

	snprintf(name, sizeof(name), "fd/%d", opened);
	if (stop_read_proc_link(stop, name, to, sizeof(to)) <= 0)
		return true;
	if (is_absolute)
		snprintf(name, sizeof(name), "root");
	else if ((int)stop_asked(stop, 0) == AT_FDCWD)
		snprintf(name, sizeof(name), "cwd");
	else
		snprintf(name, sizeof(name), "fd/%d", (int)stop_asked(stop, 0));
	if (stop_read_proc_link(stop, name, from, sizeof(from)) <= 0)
		return true;
	return from[0] != '/' || to[0] != '/' || mounts_are_one(stop, from, to);
}

enum { AGAIN = 1 };

/*
 * Where the path leads, as a text in the program's memory; *ret_address stays as it is where that is the one that was asked. AGAIN: as
 * VERDICT_AGAIN. 0 or -errno: the call's result.
 */
static int find_place(struct stop *stop, const struct open_how *how, uint64_t *ret_address)
{
	const char *text = stop_path_text(stop, 1);
	char path[PATH_MAX];
	int r = scoped_path_resolve(stop, how, path);

	if (r)
		return r;
	if (text && strcmp(text + ((how->resolve & RESOLVE_IN_ROOT) ? strspn(text, "/") : 0),
			    path) == 0)
		return 0;
	r = stop_push(stop, path, strlen(path) + 1, ret_address);
	return r == -EAGAIN ? AGAIN : r;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	struct open_how how;
	uint64_t address = 0;
	int r = open_how_read(stop, &how);

	if (r == 0 && (how.resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)) &&
		!(how.resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) && !(how.flags & O_NOFOLLOW) &&
		stop_is_magic_link(stop, 1))
		r = -ELOOP;
	if (r == 0 && scoped_path_is_asked(&how)) {
		r = find_place(stop, &how, &address);
		if (r == AGAIN)
			return VERDICT_AGAIN;
	}
	if (r) {
		stop_set_result(stop, r);
		return VERDICT_DONE;
	}
	open_call_to_openat(stop, &how);
	if (address)
		stop_send_arg(stop, 1, address);
	if (!(how.resolve & RESOLVE_NO_XDEV))
		return VERDICT_SEND;
	const char *text = stop_path_text(stop, 1);
	bool is_absolute = !(how.resolve & RESOLVE_IN_ROOT) && text && text[0] == '/';
	stop_keep(stop, KEEP_NO_XDEV | (is_absolute ? KEEP_ABSOLUTE : 0));
	return VERDICT_WATCH;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	int64_t opened = stop_sent_result(stop), kept = stop_kept(stop);

	if (stop_step(stop) > 0) { /* closed again */
		stop_set_result(stop, -EXDEV);
		return EXIT_DONE;
	}
	if (opened < 0 || !(kept & KEEP_NO_XDEV) ||
		stays_on_mount(stop, (int)opened, kept & KEEP_ABSOLUTE))
		return EXIT_DONE;
	stop_run(stop, SYS_close, (uint64_t[SYSCALL_ARGS]){ (uint64_t)opened });
	return EXIT_RUN;
}

const struct emulation emulation_openat2 = {
	.name = "openat2",
	.summary = "run openat2 as openat where the kernel lacks it",
	.default_syscalls = "openat2",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opens of an outsider below /proc/PID. A folder is the container's own /proc, opened natively, that stands for
 * another path (stop_name_fd): whatever is missed here leads to the container's /proc, never out of it. A file
 * is a memfd with its content of that moment.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "edited_file.h"
#include "fake_file.h"
#include "marker.h"
#include "open_call.h"
#include "own_proc_content.h"
#include "own_proc_parts.h"

/* The folder, or with O_PATH whatever it is: a descriptor of /proc under another name. */
static enum verdict open_proc(struct stop *stop, const char *path, uint64_t flags)
{
	const uint64_t kept = O_ACCMODE | O_PATH | O_CLOEXEC | O_NONBLOCK;
	uint64_t address;
	int r = stop_push(stop, "/proc", sizeof("/proc"), &address);

	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 0, (uint64_t)AT_FDCWD);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, (flags & kept) | O_DIRECTORY);
	stop_send_arg(stop, 3, 0);
	own_proc_act(stop, OWN_ACT_NAME, path);
	stop_note(stop, "stands for %s", path);
	return VERDICT_WATCH;
}

static enum verdict open_folder(struct stop *stop, const struct own_place *place, uint64_t flags)
{
	if (!(flags & O_PATH)) {
		if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT))
			return stop_give(stop, -EISDIR);
		int r = own_proc_may(stop, &place->st, R_OK);
		if (r)
			return stop_give(stop, r);
	}
	return open_proc(stop, place->path, flags);
}

/* Files whose content is no text of the moment: mem is the memory itself. */
static bool is_refused(const char *path)
{
	const char *last = strrchr(path, '/') + 1;

	return strcmp(last, "mem") == 0 || strcmp(last, "pagemap") == 0;
}

static enum verdict open_file(struct stop *stop, const struct own_place *place, uint64_t flags)
{
	int mode =
		((flags & O_ACCMODE) != O_WRONLY ? R_OK : 0) | (open_call_writes(flags) ? W_OK : 0);

	if ((flags & O_PATH) && !(flags & O_DIRECTORY))
		return open_proc(stop, place->path, flags);
	int r = open_call_check(flags, true, own_proc_is_writable(place->path));
	if (r == 0)
		r = is_refused(place->path) ? -EACCES : own_proc_may(stop, &place->st, mode);
	if (r)
		return stop_give(stop, r);
	enum verdict verdict = open_call_to_memfd_named(stop, place->path, flags);
	own_proc_act(stop, OWN_ACT_FILL, place->path);
	return verdict;
}

static enum verdict open_link(struct stop *stop, const struct own_place *place, uint64_t flags)
{
	if (!place->followed)
		return (flags & O_PATH) && !(flags & O_DIRECTORY)
			       ? open_proc(stop, place->path, flags)
			       : stop_give(stop, flags & O_DIRECTORY ? -ENOTDIR : -ELOOP);
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return stop_give(stop, -EEXIST);
	return own_proc_send(stop, place->path, flags);
}

enum verdict own_proc_open(struct stop *stop, struct own_place *place, uint64_t flags)
{
	if (place->kind == OWN_FOLDER)
		return open_folder(stop, place, flags);
	/* That is the one outside: to be in it is not for a container. */
	if (strstr(place->path, "/ns/pid"))
		return stop_give(stop, -EACCES);
	return place->kind == OWN_FILE ? open_file(stop, place, flags)
				       : open_link(stop, place, flags);
}

enum exit_verdict own_proc_opened(struct stop *stop, const char *path)
{
	int fd = (int)stop_sent_result(stop);
	struct stat st;
	uint64_t flags;

	if (stop_step(stop) > 0) {
		stop_set_result(stop, stop_kept(stop));
		return EXIT_DONE;
	}
	if (fd < 0)
		return EXIT_DONE;
	cleanup_close int memfd = fake_file_open(stop, fd);
	if (memfd == -EBADF)
		return EXIT_DONE; /* the program's own threads have done something with it */
	bool writes = open_call_flags(stop, path, &flags) == 0 && open_call_writes(flags);
	int r = memfd < 0 ? memfd : own_proc_fill(path, own_proc_is_caller(stop, path), memfd);
	if (r == 0 && !writes)
		r = edited_file_edit(stop, path, memfd);
	if (r)
		return open_call_take_back(stop, fd, r);
	if (stat(path, &st) == 0)
		fchmod(memfd, st.st_mode & 07777);
	if (writes)
		stop_follow(stop, fd, path, (int)(flags & O_ACCMODE));
	else
		fcntl(memfd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return EXIT_DONE;
}

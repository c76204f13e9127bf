/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "edited_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "fake_file.h"
#include "fake_stat.h"
#include "open_call.h"

enum { TEXT_MAX = 1 << 20 /* bytes: of a mountinfo with 10,000 mounts */ };

/* openat2 may be unknown to the kernel: what its restrictions forbid has been checked. */
static void send_openat(struct stop *stop)
{
	struct open_how how = { 0 };

	if (stop_read(stop, stop_asked(stop, 2), &how, sizeof(how)) == 0)
		open_call_to_openat(stop, &how);
}

enum verdict edited_file_enter(struct stop *stop, const char *path)
{
	uint64_t flags, address;

	if (stop_syscall(stop) == SYS_fstatfs)
		return fake_fstatfs_enter(stop);
	if (strlen(path) > MARKER_NAME_MAX || open_call_flags(stop, path, &flags) ||
		(flags & (O_PATH | O_DIRECTORY)) || open_call_writes(flags))
		return VERDICT_NEXT;
	/* Only that there is memory of ours for the memfd's name, later. */
	int r = stop_push(stop, path, strlen(path) + 1, &address);
	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : VERDICT_NEXT;
	if (stop_syscall(stop) == SYS_openat2)
		send_openat(stop);
	return VERDICT_WATCH;
}

char *edited_file_read(int fd, size_t *ret_length)
{
	size_t length = 0, size = 4096;
	cleanup_free char *text = malloc(size);

	while (text) {
		ssize_t n = read(fd, text + length, size - 1 - length);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		length += n > 0 ? (size_t)n : 0;
		if (n < 0 || length == TEXT_MAX - 1)
			return NULL;
		if (length < size - 1)
			continue;
		size *= 2;
		char *larger = realloc(text, size);
		if (!larger)
			return NULL;
		text = larger;
	}
	if (!text)
		return NULL;
	text[length] = '\0';
	*ret_length = length;
	return steal(&text);
}

/* The whole text behind descriptor fd of the thread, if that is a file of procfs; the caller's. */
static char *read_text(struct stop *stop, int fd, size_t *ret_length)
{
	char name[32];
	struct statfs fs;

	snprintf(name, sizeof(name), "fd/%d", fd);
	cleanup_close int file = stop_open_proc(stop, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	/* gVisor 20221219 has no fstatfs of procfs. */
	if (file < 0 || (fstatfs(file, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC))
		return NULL;
	return edited_file_read(file, ret_length);
}

/* Whether the memfd has got the edited text. */
static bool fill(struct stop *stop, int fd, int memfd, const char *path)
{
	size_t length, edited_length;
	cleanup_free char *text = read_text(stop, fd, &length);
	cleanup_free char *edited =
		text ? stop_edit_text(stop, path, text, length, &edited_length) : NULL;
	cleanup_close int file = edited ? fake_file_open(stop, memfd) : -1;

	if (file < 0 || pwrite(file, edited, edited_length, 0) != (ssize_t)edited_length)
		return false;
	fchmod(file, 0444);
	fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return true;
}

int edited_file_edit(struct stop *stop, const char *path, int memfd)
{
	size_t length, edited_length;

	if (!stop_edits_text(stop, path))
		return 0;
	if (lseek(memfd, 0, SEEK_SET) < 0)
		return -errno;
	cleanup_free char *text = edited_file_read(memfd, &length);
	cleanup_free char *edited =
		text ? stop_edit_text(stop, path, text, length, &edited_length) : NULL;
	if (edited && (ftruncate(memfd, (off_t)edited_length) < 0 ||
			      pwrite(memfd, edited, edited_length, 0) != (ssize_t)edited_length))
		return -ENOSPC;
	return 0;
}

static void run(struct stop *stop, long nr, uint64_t first, uint64_t second, uint64_t third)
{
	stop_run(stop, nr, (uint64_t[SYSCALL_ARGS]){ first, second, third });
}

/* The calls in order: memfd_create, dup3 onto the descriptor, close. Without a text only the last. */
enum exit_verdict edited_file_exit(struct stop *stop, const void *config)
{
	int64_t fd = stop_sent_result(stop), result = stop_result(stop);
	uint64_t flags, address;
	const char *path;

	if (fd < 0 || stop_path(stop, stop_syscall(stop) == SYS_open ? 0 : 1, &path) ||
		open_call_flags(stop, path, &flags))
		return EXIT_DONE;
	bool closes = flags & O_CLOEXEC;
	switch (stop_step(stop)) {
	case 0:
		if (stop_push(stop, path, strlen(path) + 1, &address))
			return EXIT_DONE;
		run(stop, SYS_memfd_create, address, MFD_ALLOW_SEALING | (closes ? MFD_CLOEXEC : 0),
			0);
		return EXIT_RUN;
	case 1:
		if (result < 0)
			break;
		if (fill(stop, (int)fd, (int)result, path)) {
			stop_keep(stop, result);
			run(stop, SYS_dup3, (uint64_t)result, (uint64_t)fd, flags & O_CLOEXEC);
		} else {
			stop_keep(stop, -1);
			run(stop, SYS_close, (uint64_t)result, 0, 0);
		}
		return EXIT_RUN;
	case 2:
		if (stop_kept(stop) < 0)
			break;
		run(stop, SYS_close, (uint64_t)stop_kept(stop), 0, 0);
		return EXIT_RUN;
	default:
		break;
	}
	stop_set_result(stop, fd);
	return EXIT_DONE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "edited_file.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "clock.h"
#include "fake_file.h"
#include "fake_stat.h"
#include "open_call.h"

enum {
	READ_MS = 100,
	TEXT_MAX = 1 << 20, /* bytes: of a mountinfo with 10,000 mounts */
	IS_OWN = -2, /* kept: the call was sent as that of a memfd */
};

/* The note of an open that gives another text than the kernel's. */
#define NOTE_EDITED "text edited"

/* Of open, openat and openat2. */
static int path_arg(const struct stop *stop)
{
	return stop_syscall(stop) == SYS_open ? 0 : 1;
}

/* openat2 may be unknown to the kernel: what its restrictions forbid has been checked. */
static void send_openat(struct stop *stop)
{
	struct open_how how = { 0 };

	if (stop_read(stop, stop_asked(stop, 2), &how, sizeof(how)) == 0)
		open_call_to_openat(stop, &how);
}

/* The name below /proc/TID of a file of the caller's own process or thread; false for any other path. */
static bool name_own(struct stop *stop, const char *path, char *ret_name, size_t size)
{
	static const char process[] = "/proc/self/", thread[] = "/proc/thread-self/";
	const char *name;
	int n;

	if (strncmp(path, process, sizeof(process) - 1) == 0) {
		name = path + sizeof(process) - 1;
		n = snprintf(ret_name, size, "../%d/%s", (int)stop_tgid(stop), name);
	} else if (strncmp(path, thread, sizeof(thread) - 1) == 0) {
		name = path + sizeof(thread) - 1;
		n = snprintf(ret_name, size, "%s", name);
	} else {
		return false;
	}
	return *name && !strchr(name, '/') && n > 0 && n < (int)size;
}

/* Whether the open of the path just succeeds where the file is there. */
static bool is_plain(struct stop *stop, const char *path, uint64_t flags)
{
	const uint64_t largefile = 0100000; /* the kernel's; glibc's is 0 */
	const uint64_t plain = largefile | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	long nr = stop_syscall(stop);

	if ((nr != SYS_open && nr != SYS_openat) || (flags & ~plain))
		return false;
	const char *asked = stop_path_text(stop, path_arg(stop));
	return asked && strcmp(asked, path) == 0;
}

char *edited_file_read(int fd, size_t *ret_length)
{
	size_t length = 0, size = 4096;
	int64_t work = 0; /* 0: what is read at once needs no clock, which is a system call */
	cleanup_free char *text = malloc(size);

	while (text) {
		ssize_t n = read(fd, text + length, size - 1 - length);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		length += n > 0 ? (size_t)n : 0;
		if (n < 0 || length == TEXT_MAX - 1 || (work && clock_is_too_long(work)))
			return NULL;
		if (!work && length > (size_t)n)
			work = clock_begin_work(READ_MS);
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

/* The text that the open of a file of the thread's own is going to give: made before the call, used after it. */
static struct {
	pid_t tid;
	char *text;
	size_t length;
} prepared;

/* The mountinfo, of the thread or of its process, that is being edited. */
static struct {
	const char *text;
	bool is_process;
} mountinfo;

static bool same_link(struct stop *stop, const char *a, const char *b)
{
	char of_a[PATH_MAX], of_b[PATH_MAX];

	return stop_read_proc_link(stop, a, of_a, sizeof(of_a)) > 0 &&
	       stop_read_proc_link(stop, b, of_b, sizeof(of_b)) > 0 && strcmp(of_a, of_b) == 0;
}

/* A thread may be in another mount namespace than its process, or see it from another root. */
static bool sees_what_process_sees(struct stop *stop)
{
	char namespace[32], root[32];
	int tgid = (int)stop_tgid(stop);

	if (tgid == stop_tid(stop))
		return true;
	snprintf(namespace, sizeof(namespace), "../%d/ns/mnt", tgid);
	snprintf(root, sizeof(root), "../%d/root", tgid);
	return same_link(stop, "ns/mnt", namespace) && same_link(stop, "root", root);
}

const char *edited_file_mountinfo(struct stop *stop)
{
	if (!mountinfo.text || (mountinfo.is_process && !sees_what_process_sees(stop)))
		return NULL;
	return mountinfo.text;
}

/*
 * Of a file of the caller's own, by which the kernel's open can be done without, and with it three calls that the thread
 * would be made to run. False where it cannot be had in this way; NULL for the text where nothing edits it.
 */
static bool prepare_own(struct stop *stop, const char *path)
{
	char name[NAME_MAX];
	size_t length;

	if (!name_own(stop, path, name, sizeof(name)) || !stop_has_our_proc(stop))
		return false;
	cleanup_close int own = stop_open_proc(stop, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *text = own < 0 ? NULL : edited_file_read(own, &length);
	if (!text)
		return false;
	free(prepared.text);
	prepared.tid = stop_tid(stop);
	if (strcmp(strrchr(path, '/'), "/mountinfo") == 0) {
		mountinfo.text = text;
		mountinfo.is_process = strchr(name, '/');
	}
	prepared.text = stop_edit_text(stop, path, text, length, &prepared.length);
	mountinfo.text = NULL;
	return true;
}

enum verdict edited_file_enter(struct stop *stop, const char *path)
{
	uint64_t flags, address;

	if (fake_stat_is(stop))
		return edited_file_stat_enter(stop, path);
	if (stop_syscall(stop) == SYS_fstatfs)
		return fake_fstatfs_enter(stop);
	/* What can be read is edited. The bit of O_WRONLY is also that of access mode 3, for neither. */
	if (strlen(path) > MARKER_NAME_MAX || open_call_flags(stop, path, &flags) ||
		(flags & (O_PATH | O_DIRECTORY | O_WRONLY)))
		return VERDICT_NEXT;
	if (is_plain(stop, path, flags) && prepare_own(stop, path)) {
		if (!prepared.text)
			return VERDICT_NEXT;
		stop_keep(stop, IS_OWN);
		return open_call_to_memfd_asked(stop, path_arg(stop), flags);
	}
	/* Only that there is memory of ours for the memfd's name, later. */
	int r = stop_push(stop, path, strlen(path) + 1, &address);
	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : VERDICT_NEXT;
	if (stop_syscall(stop) == SYS_openat2)
		send_openat(stop);
	return VERDICT_WATCH;
}

/*
 * Whether a file of procfs that we have opened has the last name of the one that was asked for. A thread of the program may
 * have put another descriptor in its place since, which we may read and it may not. What is edited everybody may read.
 */
static bool is_asked(int file, const char *path)
{
	const char *asked = strcmp(path, "/etc/mtab") == 0 ? "/mounts" : strrchr(path, '/');
	char name[32], link[PATH_MAX];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	ssize_t n = readlink(name, link, sizeof(link) - 1);
	link[MAX(n, 0)] = '\0';
	const char *last = strrchr(link, '/');
	return last && asked && strcmp(last, asked) == 0;
}

/* The whole text behind descriptor fd of the thread, if that is the file of procfs at path; the caller's. */
static char *read_text(struct stop *stop, int fd, const char *path, size_t *ret_length)
{
	char name[32];
	struct statfs fs;

	snprintf(name, sizeof(name), "fd/%d", fd);
	cleanup_close int file = stop_open_proc(stop, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	/* gVisor 20221219 has no fstatfs of procfs. */
	if (file < 0 || (fstatfs(file, &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC) ||
		!is_asked(file, path))
		return NULL;
	return edited_file_read(file, ret_length);
}

static bool put(struct stop *stop, int memfd, const char *text, size_t length)
{
	cleanup_close int file = text ? fake_file_open(stop, memfd) : -1;

	if (file < 0 || pwrite(file, text, length, 0) != (ssize_t)length)
		return false;
	fchmod(file, 0444);
	fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return true;
}

/* Whether the memfd has got the edited text. */
static bool fill(struct stop *stop, int fd, int memfd, const char *path)
{
	size_t length, edited_length = 0;
	cleanup_free char *text = read_text(stop, fd, path, &length);
	cleanup_free char *edited =
		text ? stop_edit_text(stop, path, text, length, &edited_length) : NULL;

	return put(stop, memfd, edited, edited_length);
}

static enum exit_verdict own_exit(struct stop *stop, const char *path)
{
	int64_t memfd = stop_result(stop);

	/* Another thread's call may have begun meanwhile. */
	bool is_put = (prepared.tid == stop_tid(stop) || prepare_own(stop, path)) &&
		      put(stop, (int)memfd, prepared.text, prepared.length);
	stop_note(stop, "%s", is_put ? NOTE_EDITED : "no content");
	prepared.tid = 0;
	stop_has_opened(stop, fake_inode(path));
	return EXIT_DONE;
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

	if (fake_stat_is(stop))
		return edited_file_stat_exit(stop);
	if (fd < 0 || stop_path(stop, path_arg(stop), &path) || open_call_flags(stop, path, &flags))
		return EXIT_DONE;
	if (stop_step(stop) == 0 && stop_kept(stop) == IS_OWN)
		return own_exit(stop, path);
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
		if (result >= 0)
			stop_note(stop, NOTE_EDITED);
		run(stop, SYS_close, (uint64_t)stop_kept(stop), 0, 0);
		return EXIT_RUN;
	default:
		stop_has_opened(stop, fake_inode(path));
		break;
	}
	stop_set_result(stop, fd);
	return EXIT_DONE;
}

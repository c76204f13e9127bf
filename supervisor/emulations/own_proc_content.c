/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "own_proc_content.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"

enum {
	CONTENT_MAX = 16 * 1024 * 1024,
	CHUNK = 64 * 1024,
	WORK_MS = 250, /* smaps of a large process may take the kernel seconds */
};

/* What a write of would reach as ours to give: the rest asks for the writer's own rights. */
bool own_proc_is_writable(const char *path)
{
	const char *last = strrchr(path, '/') + 1;

	return strcmp(last, "oom_score_adj") == 0 || strcmp(last, "comm") == 0;
}

bool own_proc_is_caller(struct stop *stop, const char *path)
{
	int pid, tid, end = 0;

	if (sscanf(path, "/proc/%d/task/%d/%n", &pid, &tid, &end) == 2 && end)
		return tid == stop_tid(stop);
	return sscanf(path, "/proc/%d/", &pid) == 1 && pid == stop_tid(stop);
}

/* Puts value in place of what stands between start and end, if it is no longer. */
static size_t put(char *text, size_t length, char *start, char *end, const char *value)
{
	size_t value_length = strlen(value);

	if (value_length > (size_t)(end - start))
		return length;
	memcpy(start, value, value_length);
	memmove(start + value_length, end, length - (size_t)(end - text));
	return length - (size_t)(end - start) + value_length;
}

/* The same with the value of a line of /proc/PID/status; name has the newline before it and the tab behind. */
static size_t put_line(char *text, size_t length, const char *name, const char *value)
{
	char *start = memmem(text, length, name, strlen(name));
	char *end = start ? memchr(start + 1, '\n', length - (size_t)(start + 1 - text)) : NULL;

	return end ? put(text, length, start + strlen(name), end, value) : length;
}

size_t own_proc_edit(const char *path, bool is_caller, char *text, size_t length)
{
	const char *last = strrchr(path, '/') + 1;

	if (strcmp(last, "status") == 0) {
		length = put_line(text, length, "\nTracerPid:\t", "0");
		if (is_caller)
			length = put_line(text, length, "\nState:\t", "R (running)");
	} else if (strcmp(last, "stat") == 0 && is_caller) {
		char *state = memrchr(text, ')', length);
		if (state && state + 3 < text + length)
			state[2] = 'R';
	}
	return length;
}

int own_proc_write(struct stop *stop, const char *path, const char *data, size_t length)
{
	int pid;

	/* Since the open that process may have ended, and its number be another's. */
	if (sscanf(path, "/proc/%d/", &pid) != 1 ||
		(pid != stop_tgid(stop) && pid != stop_tid(stop) &&
			!stop_is_outsider_with(stop, pid)))
		return -ESRCH;
	cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || !own_proc_is_writable(path))
		return -EACCES;
	return write(fd, data, length) < 0 ? -errno : 0;
}

int own_proc_fill(const char *path, bool is_caller, int memfd)
{
	cleanup_free char *chunk = malloc(CHUNK);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int64_t work = clock_begin_work(WORK_MS);
	off_t at = 0;
	ssize_t n;

	if (!chunk)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, CHUNK)) > 0 && at < CONTENT_MAX) {
		size_t length = at ? (size_t)n : own_proc_edit(path, is_caller, chunk, (size_t)n);
		if (pwrite(memfd, chunk, length, at) != (ssize_t)length)
			return -ENOSPC;
		at += (off_t)length;
		if (clock_is_too_long(work))
			return -EIO;
	}
	return n < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As runc since 1.2.8: walk a component at a time with O_PATH, then open the end anew by its descriptor. */
#include "case.h"

#include <sys/stat.h>
#include <sys/vfs.h>

static const char *const ways[] = { "/proc/self/fd/%d", "/proc/thread-self/fd/%d",
	"/proc/%2$d/fd/%1$d", "/dev/fd/%d", "/proc/self/task/%2$d/fd/%1$d" };

/* gVisor of 2022 has no fstatfs(2) of what was opened with O_PATH. */
static bool is_proc(int fd)
{
	struct statfs fs;

	if (is_redirected())
		return true;
	if (fstatfs(fd, &fs))
		return in_sandbox() && errno == ENOSYS;
	return fs.f_type == 0x9fa0;
}

static int walk(int last_flags)
{
	static const char *const names[] = { "proc", "sys", "vm" };
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat st;
		int next = openat(fd, names[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
		CHECK(next >= 0);
		CHECK(is_proc(next));
		CHECK(fstat(next, &st) == 0 && S_ISDIR(st.st_mode));
		close(fd);
		fd = next;
	}
	int end = openat(fd, "swappiness", last_flags);
	CHECK(end >= 0);
	close(fd);
	return end;
}

static void reopen(int fd, const char *path, int again)
{
	CHECK(again >= 0);
	if (strcmp(text_of(again), FAKE_VALUE) != 0)
		printf("%s: %s\n", path, text_of(again));
	CHECK(strcmp(text_of(again), FAKE_VALUE) == 0);
	CHECK(lseek(again, 0, SEEK_CUR) == 0);
	CHECK(is_proc(again));
	close(again);
}

int main(void)
{
	int walked = walk(O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	char path[64];

	CHECK(is_proc(walked));
	CHECK(fstat(walked, &st) == 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK((st.st_mode & 0777) == 0644);
	CHECK(st.st_uid == 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), ways[i], walked, getpid());
#pragma GCC diagnostic pop
		reopen(walked, path, open(path, O_RDONLY | O_CLOEXEC));
	}
	/* By a descriptor of the folder of descriptors. */
	int fds = open("/proc/thread-self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%d", walked);
	reopen(walked, "thread-self/fd by dirfd", openat(fds, path, O_RDONLY | O_CLOEXEC));
	/* For writing, by both. */
	int writer = openat(fds, path, O_WRONLY | O_CLOEXEC);
	CHECK(writer >= 0);
	CHECK(write(writer, "118", 3) == 3);
	CHECK(close(writer) == 0);
	int reader = openat(fds, path, O_RDONLY | O_CLOEXEC);
	CHECK(reader >= 0 && strcmp(text_of(reader), "118\n") == 0);
	CHECK(close(reader) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", walked);
	writer = open(path, O_WRONLY | O_TRUNC);
	CHECK(writer >= 0);
	CHECK(write(writer, "117\n", 4) == 4);
	CHECK(close(writer) == 0);
	CHECK(sees_fake());
	/* An ordinary reader is opened anew, too. */
	int opened = walk(O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", opened);
	reopen(opened, path, open(path, O_RDONLY));
	/* And in a child, and in a thread's place after fork. */
	pid_t pid = fork();
	if (pid == 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", walked);
		reopen(walked, path, open(path, O_RDONLY));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	return success();
}

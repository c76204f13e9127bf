/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening, asking, listing and writing files below /proc/sys, by root and by another user: prints each answer, for the kernel's
 * own files and the fake ones to be compared.
 */
#include "try.h"

#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define FILE_ "/proc/sys/kernel/shmmni"
#define READ_ONLY "/proc/sys/kernel/cap_last_cap"
#define WRITE_ONLY "/proc/sys/vm/drop_caches"
#define CONF "/proc/sys/net/ipv4/conf"

static const char *value(const char *path)
{
	static char text[200];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n - 1 : 0] = '\0';
	close(fd);
	return text;
}

/* What an open with these flags gives: whether reads and writes work. */
static void open_it(const char *path, const char *names, int flags)
{
	errno = 0;
	int fd = open(path, flags, 0600);
	if (fd < 0) {
		printf("open %s %s %s\n", path, names, strerrorname_np(errno));
		return;
	}
	errno = 0;
	bool writes = flags & (O_WRONLY | O_RDWR);
	ssize_t wrote = writes && !(flags & O_PATH) ? write(fd, "118\n", 4) : 0;
	printf("open %s %s, write %zd %s, value %s\n", path, names, wrote,
		wrote < 0 ? strerrorname_np(errno) : "", value(path));
	close(fd);
	fd = open(path, O_WRONLY);
	if (fd >= 0)
		CHECK(write(fd, "117", 3) >= 0 || errno == EINVAL);
	close(fd);
}

static void open_all(void)
{
	static const char *const paths[] = { FILE_, READ_ONLY, WRITE_ONLY, CONF };
#define FLAGS(flags)          \
	{                     \
#flags, flags \
	}
	static const struct {
		const char *names;
		int flags;
	} all[] = { FLAGS(O_RDONLY), FLAGS(O_WRONLY), FLAGS(O_RDWR), FLAGS(O_ACCMODE),
		FLAGS(O_RDONLY | O_TRUNC), FLAGS(O_WRONLY | O_TRUNC), FLAGS(O_RDWR | O_TRUNC),
		FLAGS(O_WRONLY | O_APPEND), FLAGS(O_WRONLY | O_CREAT), FLAGS(O_RDONLY | O_CREAT),
		FLAGS(O_WRONLY | O_CREAT | O_TRUNC), FLAGS(O_WRONLY | O_CREAT | O_EXCL),
		FLAGS(O_RDONLY | O_EXCL), FLAGS(O_RDONLY | O_NOFOLLOW),
		FLAGS(O_RDONLY | O_DIRECTORY), FLAGS(O_WRONLY | O_DIRECTORY),
		FLAGS(O_RDONLY | O_NONBLOCK), FLAGS(O_RDONLY | O_SYNC), FLAGS(O_WRONLY | O_DSYNC),
		FLAGS(O_RDONLY | O_NOCTTY), FLAGS(O_RDONLY | O_ASYNC), FLAGS(O_RDONLY | O_DIRECT) };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++)
			open_it(paths[i], all[j].names, all[j].flags);
}

static void ask(const char *path)
{
	struct stat st;
	struct statfs fs;

	printf("%s:\n", path);
	TRY(stat(path, &st));
	if (errno == 0)
		printf("mode %o links %ld owner %d %d size %ld block %ld %ld device %d\n",
			st.st_mode, S_ISDIR(st.st_mode) ? 1 : (long)st.st_nlink, st.st_uid,
			st.st_gid, (long)st.st_size, (long)st.st_blksize, (long)st.st_blocks,
			(int)st.st_rdev);
	TRY(statfs(path, &fs));
	if (errno == 0)
		printf("type %lx\n", (long)fs.f_type);
	TRY(access(path, F_OK));
	TRY(access(path, R_OK));
	TRY(access(path, W_OK));
	TRY(access(path, R_OK | W_OK));
	TRY(access(path, X_OK));
	TRY(access(path, 8));
	TRY(faccessat(AT_FDCWD, path, W_OK, AT_EACCESS));
	TRY(readlink(path, (char[9]){ 0 }, 9));
}

static void ask_all(void)
{
	static const char *const paths[] = { FILE_, READ_ONLY, WRITE_ONLY, CONF, FILE_ "/",
		FILE_ "/x", CONF "/nosuch", CONF "/nosuch/forwarding", CONF "/lo/forwarding",
		"/proc/sys//kernel/./shmmni", "/proc/sys/nosuch" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		ask(paths[i]);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, by_name);

	printf("%s:", path);
	for (int i = 0; i < n; i++)
		printf(" %s:%d", entries[i]->d_name, entries[i]->d_type);
	puts("");
}

static void two_writers(void)
{
	int first = open(FILE_, O_WRONLY), second = open(FILE_, O_RDWR);
	char text[10];

	CHECK(first >= 0 && second >= 0);
	TRY(write(first, "20", 2));
	TRY(write(second, "30", 2));
	puts(value(FILE_));
	TRY(pwrite(first, "21", 2, 0));
	puts(value(FILE_));
	TRY(pread(second, text, 10, 0));
	printf("%.3s", text);
	pid_t pid = fork();
	if (pid == 0)
		_exit(pwrite(second, "31", 2, 0) == 2 ? 0 : 1);
	CHECK_EXITS(pid, 0);
	puts(value(FILE_));
	/* In other namespaces there is another value, but a descriptor is of the one that it was opened in. */
	CHECK(unshare(CLONE_NEWIPC) == 0);
	puts(value(FILE_));
	int third = open(FILE_, O_WRONLY);
	TRY(write(third, "40", 2));
	puts(value(FILE_));
	close(first);
	close(second);
	close(third);
}

int main(void)
{
	must_see_fake();
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC))
		skip("no namespaces of its own: %s", strerror(errno));
	umask(022);
	CHECK(open(FILE_, O_WRONLY) >= 0);
	open_all();
	ask_all();
	list(CONF);
	list("/proc/sys/net/ipv4/neigh");
	two_writers();
	puts("as another user:");
	CHECK(setgid(65534) == 0 && setuid(65534) == 0);
	open_all();
	ask_all();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = stat: fstat knows a file by whichever call it was opened. Each way in a process that has not opened it in another. */
#include "case.h"

#include <linux/openat2.h>
#include <sys/stat.h>

static int by_open(const char *path)
{
	return (int)syscall(SYS_open, path, O_RDONLY);
}

static int by_openat(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
}

static int by_openat2(const char *path)
{
	struct open_how how = { .flags = O_PATH };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int by_creat(const char *path)
{
	return (int)syscall(SYS_creat, path, 0600);
}

static int by_open_tree(const char *path)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path, 0);
}

static void check_opened(int (*open_it)(const char *path))
{
	struct stat status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child > 0) {
		CHECK_EXITS(child, 0);
		return;
	}
	int fd = open_it("/dev/zero"), other = open_it("/dev/null");
	if (fd == -1 && errno == ENOSYS)
		_exit(0);
	CHECK(fd >= 0 && other >= 0);
	CHECK(syscall(SYS_fstat, fd, &status) == 0 && status.st_ino == 4711);
	CHECK(syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0);
	CHECK(status.st_ino == 4711);
	CHECK(syscall(SYS_fstat, other, &status) == 0 && status.st_ino != 4711);
	_exit(0);
}

int main(void)
{
	check_opened(by_creat);
	check_opened(by_open_tree);
	check_opened(by_open);
	check_opened(by_openat);
	check_opened(by_openat2);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = kernel-version: one release, whichever way it is asked for; and nothing else of what is said there changes. */
#include "case.h"

#include <linux/openat2.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#define RELEASE "3.9.8-case"

static void check_text(int fd, const char *expected)
{
	char link[64], text[4097];
	struct statfs fs;

	CHECK(fd >= 0);
	CHECK(strcmp(text_of(fd), expected) == 0);
	CHECK(read(fd, text, sizeof(text)) == (ssize_t)strlen(expected));
	CHECK(read(fd, text, sizeof(text)) == 0);
	CHECK(fstatfs(fd, &fs) == 0 && fs.f_type == 0x9fa0);
	CHECK(write(fd, "x", 1) == -1);

	/* Once more, by the descriptor. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int again = open(link, O_RDONLY);
	CHECK(again >= 0);
	CHECK(strcmp(text_of(again), expected) == 0);
	CHECK(close(again) == 0 && close(fd) == 0);
}

static void check_file(const char *folder, const char *name, const char *expected)
{
	char path[128], link[64];
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH };

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	check_text(open(path, O_RDONLY), expected);
	int closing = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fcntl(closing, F_GETFD) == FD_CLOEXEC);
	check_text(closing, expected);
	check_text(syscall(SYS_open, path, O_RDONLY), expected);

	int dirfd = open(folder, O_PATH | O_DIRECTORY);
	check_text(openat(dirfd, name, O_RDONLY), expected);
	check_text(syscall(SYS_openat2, dirfd, name, &how, sizeof(how)), expected);
	int handle = openat(dirfd, name, O_PATH | O_NOFOLLOW);
	CHECK(handle >= 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
	check_text(open(link, O_RDONLY), expected);
	CHECK(close(handle) == 0 && close(dirfd) == 0);
	CHECK(chdir(folder) == 0);
	check_text(open(name, O_RDONLY), expected);
	/* Root may open it so, and write to it as little as others. */
	int both = open(path, O_RDWR);
	if (both >= 0)
		check_text(both, expected);
	else
		CHECK(errno == EACCES);

	/* The kernel's own errors. */
	CHECK_FAILS(open(path, O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_FAILS(syscall(SYS_openat, AT_FDCWD, nowhere, O_RDONLY), EFAULT);
}

int main(void)
{
	struct utsname name;
	char expected[256];

	memset(&name, 'x', sizeof(name));
	CHECK(uname(&name) == 0);
	CHECK(strcmp(name.release, RELEASE) == 0);
	CHECK(strcmp(name.sysname, "Linux") == 0 && strcmp(name.machine, "x86_64") == 0);
	CHECK(strlen(name.version) < sizeof(name.version) && name.version[0] == '#');
	CHECK_FAILS(uname(nowhere), EFAULT);

	check_file("/proc/sys/kernel", "osrelease", RELEASE "\n");

	/* "Linux version RELEASE [(who made it)] VERSION" */
	int fd = open("/proc/version", O_RDONLY);
	snprintf(expected, sizeof(expected), "%s", text_of(fd));
	CHECK(close(fd) == 0);
	CHECK(strncmp(expected, "Linux version " RELEASE " ", 25) == 0);
	CHECK(strstr(expected, name.version) != NULL);
	CHECK(strcmp(strchr(expected, '\0') - 1, "\n") == 0);
	check_file("/proc", "version", expected);

	/* A file of that name elsewhere is another file. */
	char folder[] = "version-XXXXXX";
	CHECK(chdir("/tmp") == 0 && mkdtemp(folder) && chdir(folder) == 0);
	CHECK((fd = open("version", O_RDWR | O_CREAT, 0644)) >= 0 && write(fd, "mine", 4) == 4);
	CHECK(close(fd) == 0 && (fd = open("version", O_RDONLY)) >= 0);
	CHECK(strcmp(text_of(fd), "mine") == 0);
	CHECK(unlink("version") == 0 && chdir("/tmp") == 0 && rmdir(folder) == 0);
	return success();
}

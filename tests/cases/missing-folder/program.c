/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder of the fake tree that the kernel lacks: "..", copies of its descriptor, and what has its number afterwards. */
#include "case.h"

#include <sys/stat.h>

#define ABOVE "/proc/sys/net/ipv4"
#define FOLDER ABOVE "/vs"
#define NAME "conntrack"

static bool is_same(int dirfd, const char *path, const char *other)
{
	struct stat a, b;

	CHECK(stat(other, &b) == 0);
	return fstatat(dirfd, path, &a, 0) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static bool has_name(int dirfd)
{
	int fd = openat(dirfd, NAME, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && faccessat(dirfd, NAME, F_OK, 0) == 0;
}

static void climb(int folder)
{
	char here[256];
	int fd = openat(folder, "..", O_RDONLY | O_DIRECTORY);

	CHECK(fd >= 0 && is_same(fd, ".", ABOVE) && !has_name(fd));
	close(fd);
	CHECK(is_same(folder, "..", ABOVE));
	CHECK(is_same(folder, "../", ABOVE));
	CHECK(is_same(folder, "../..", "/proc/sys/net"));
	CHECK(is_same(folder, "../vs/./" NAME, FOLDER "/" NAME));
	CHECK(is_same(AT_FDCWD, FOLDER "/..", ABOVE));
	CHECK(is_same(AT_FDCWD, FOLDER "/../vs/" NAME, FOLDER "/" NAME));
	CHECK(is_same(AT_FDCWD, FOLDER "/../../ipv4/vs/../ip_local_port_range",
		ABOVE "/ip_local_port_range"));
	CHECK(chdir(FOLDER "/..") == 0 && getcwd(here, sizeof(here)));
	CHECK(strcmp(here, ABOVE) == 0);
	CHECK(chdir("/") == 0);
	/* What is no folder leads nowhere. */
	CHECK(open(FOLDER "/" NAME "/..", O_RDONLY) == -1);
	CHECK_FAILS(open(FOLDER "/none/..", O_RDONLY), ENOENT);
}

static void copy(int folder)
{
	int copies[] = { dup(folder), dup2(folder, 50), dup3(folder, 51, O_CLOEXEC),
		fcntl(folder, F_DUPFD, 52), fcntl(folder, F_DUPFD_CLOEXEC, 53) };
	int status;

	pid_t pid = fork();
	if (pid == 0)
		_exit(has_name(folder) && has_name(50) ? 0 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		CHECK(copies[i] >= 0 && has_name(copies[i]));
		CHECK(is_same(copies[i], "..", ABOVE));
		close(copies[i]);
	}
}

int main(void)
{
	char before[256], after[256];

	if (chdir(FOLDER) == 0)
		skip("this kernel has " FOLDER);
	int folder = open(FOLDER, O_RDONLY | O_DIRECTORY);
	CHECK(folder >= 0 && has_name(folder));
	climb(folder);
	copy(folder);
	/* Nobody can be in there. */
	CHECK(getcwd(before, sizeof(before)));
	CHECK_FAILS(fchdir(folder), ENOENT);
	CHECK_FAILS(chdir(FOLDER), ENOENT);
	CHECK(getcwd(after, sizeof(after)) && strcmp(before, after) == 0);
	/* Its number is another folder's: that above it, for which it stood. */
	close(folder);
	CHECK(open(ABOVE, O_RDONLY | O_DIRECTORY) == folder);
	CHECK(!has_name(folder) && is_same(folder, ".", ABOVE));
	CHECK(fchdir(folder) == 0);
	CHECK(open(FOLDER, O_PATH) > folder);
	puts("EXIT-SUCCESS");
	return 0;
}

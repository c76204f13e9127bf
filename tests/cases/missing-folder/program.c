/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A folder of the fake tree that the kernel lacks: "..", names, copies of its descriptor, what has its
 * number afterwards, and the folder as the working directory.
 */
#include "case.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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

static int count(DIR *folder)
{
	int n = 0;

	while (readdir(folder))
		n++;
	return n;
}

/* rewinddir(3), telldir(3) and seekdir(3). */
static void list(void)
{
	char name[256];
	DIR *folder = opendir(FOLDER);
	const struct dirent *entry;

	CHECK(folder && count(folder) == 6 && count(folder) == 0);
	rewinddir(folder);
	CHECK(count(folder) == 6);
	rewinddir(folder);
	CHECK(readdir(folder) && readdir(folder));
	long third = telldir(folder);
	CHECK((entry = readdir(folder)) && strlen(entry->d_name) < sizeof(name));
	strcpy(name, entry->d_name);
	CHECK(count(folder) == 3);
	seekdir(folder, third);
	CHECK((entry = readdir(folder)) && strcmp(entry->d_name, name) == 0);
	CHECK(lseek(dirfd(folder), 0, SEEK_CUR) == 6);
	CHECK_FAILS(lseek(dirfd(folder), -1, SEEK_SET), EINVAL);
	closedir(folder);
}

/* What the folder above has is not in there. */
/* The old getdents(2), which no C library makes, has other records of the same entries, also by a small buffer. */
static void list_by_old(void)
{
	struct old_entry {
		unsigned long inode, offset;
		unsigned short length;
		char name[];
	};
	_Alignas(8) char records[80];
	DIR *folder = opendir(FOLDER);
	int old = open(FOLDER, O_RDONLY | O_DIRECTORY);
	long used;

	CHECK(folder && old >= 0);
	while ((used = syscall(SYS_getdents, old, records, sizeof(records))) > 0) {
		for (long i = 0; i < used;) {
			const struct old_entry *entry = (void *)(records + i);
			const struct dirent *same = readdir(folder);
			CHECK(same && strcmp(entry->name, same->d_name) == 0);
			CHECK(entry->inode == same->d_ino &&
				records[i + entry->length - 1] == (char)same->d_type);
			i += entry->length;
		}
	}
	CHECK(used == 0 && !readdir(folder));
	CHECK(lseek(old, 0, SEEK_SET) == 0);
	CHECK_FAILS(syscall(SYS_getdents, old, records, 10), EINVAL);
	closedir(folder);
	close(old);
}

static void names(int folder)
{
	CHECK_FAILS(openat(folder, "ip_local_port_range", O_RDONLY), ENOENT);
	CHECK_FAILS(faccessat(folder, "ip_local_port_range", F_OK, 0), ENOENT);
	CHECK_FAILS(openat(folder, "conf/lo/forwarding", O_RDONLY), ENOENT);
	CHECK_FAILS(openat(folder, "vs", O_RDONLY), ENOENT);
	CHECK_FAILS(openat(folder, "none", O_RDONLY | O_CREAT, 0600), ENOENT);
	CHECK_FAILS(openat(folder, NAME "/none", O_RDONLY), ENOTDIR);
}

static bool is_here(const char *path)
{
	char here[256], link[256] = "";

	CHECK(getcwd(here, sizeof(here)));
	CHECK(readlink("/proc/self/cwd", link, sizeof(link) - 1) > 0);
	if (strcmp(here, path) != 0 || strcmp(link, path) != 0)
		printf("expected %s, found %s and %s\n", path, here, link);
	return strcmp(here, path) == 0 && strcmp(link, path) == 0 && is_same(AT_FDCWD, ".", path);
}

/* With the folder as the working directory, which children have, too. */
static void stay(int folder)
{
	char little[4];
	int status;

	CHECK(fchdir(folder) == 0 && is_here(FOLDER) && has_name(AT_FDCWD));
	names(AT_FDCWD);
	CHECK_FAILS(syscall(SYS_getcwd, little, sizeof(little)), ERANGE);
	pid_t pid = fork();
	if (pid == 0) {
		bool right = is_here(FOLDER) && has_name(AT_FDCWD) && chdir("..") == 0 &&
			     is_here(ABOVE) && !has_name(AT_FDCWD);
		_exit(right ? 0 : 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(is_here(FOLDER));
	CHECK(chdir("..") == 0 && is_here(ABOVE) && !has_name(AT_FDCWD));
	CHECK(chdir("vs") == 0 && is_here(FOLDER) && has_name(AT_FDCWD));
	CHECK(chdir(ABOVE) == 0 && is_here(ABOVE) && !has_name(AT_FDCWD));
	CHECK(chdir(FOLDER) == 0 && is_here(FOLDER));
	int above = open(ABOVE, O_RDONLY);
	CHECK(above >= 0 && fchdir(above) == 0 && is_here(ABOVE) && !has_name(AT_FDCWD));
	close(above);
	CHECK(chdir(FOLDER) == 0 && chdir("none") == -1 && is_here(FOLDER));
	CHECK(chdir("/") == 0 && is_here("/"));
}

/* A child has from its parent what that has, and not what another process has by the same number. */
static void not_anothers(void)
{
	int ready[2];
	char byte;

	CHECK(pipe(ready) == 0);
	pid_t other = fork();
	if (other == 0) {
		CHECK(open(FOLDER, O_RDONLY | O_DIRECTORY) >= 0 && write(ready[1], "r", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	int above = open(ABOVE, O_RDONLY | O_DIRECTORY);
	CHECK(above >= 0);
	pid_t child = fork();
	if (child == 0)
		_exit(has_name(above) ? 1 : 0);
	CHECK_EXITS(child, 0);
	CHECK(kill(other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other);
	close(above);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	if (access(FOLDER "/drop_entry", F_OK) == 0)
		skip("this kernel has " FOLDER);
	not_anothers();
	int folder = open(FOLDER, O_RDONLY | O_DIRECTORY);
	CHECK(folder >= 0 && has_name(folder));
	climb(folder);
	copy(folder);
	names(folder);
	list();
	list_by_old();
	stay(folder);
	/* Its number is another folder's: that above it, for which it stood. */
	close(folder);
	CHECK(open(ABOVE, O_RDONLY | O_DIRECTORY) == folder);
	CHECK(!has_name(folder) && is_same(folder, ".", ABOVE));
	CHECK(fchdir(folder) == 0);
	CHECK(open(FOLDER, O_PATH) > folder);
	puts("EXIT-SUCCESS");
	return 0;
}

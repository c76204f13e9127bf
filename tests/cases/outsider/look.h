/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process sees of itself in /proc: names, texts, folders. For program.c alone. */
#ifndef GVTRACE_OUTSIDER_LOOK_H
#define GVTRACE_OUTSIDER_LOOK_H

#include "case.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

static const char *program;

static const char *link_at(int dirfd, const char *path)
{
	static __thread char text[PATH_MAX];
	ssize_t n = readlinkat(dirfd, path, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *content(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	const char *text = text_of(fd);
	close(fd);
	return text;
}

static const char *own(const char *below)
{
	static __thread char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d%s", getpid(), below);
	return path;
}

static bool lists(DIR *folder, const char *name)
{
	bool found = false;

	rewinddir(folder);
	for (const struct dirent *entry; (entry = readdir(folder));)
		found |= strcmp(entry->d_name, name) == 0;
	return found;
}

static void check_names(void)
{
	char text[64], line[64];

	snprintf(text, sizeof(text), "%d", getpid());
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self"), text) == 0);
	snprintf(text, sizeof(text), "%d/task/%ld", getpid(), syscall(SYS_gettid));
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/thread-self"), text) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/exe"), program) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, own("/exe")), program) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/root"), "/") == 0);
	CHECK(strncmp(link_at(AT_FDCWD, "/proc/self/ns/pid"), "pid:[", 5) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/mounts"), "self/mounts") == 0);
	snprintf(line, sizeof(line), "\nPid:\t%d\n", getpid());
	CHECK(strstr(content(AT_FDCWD, "/proc/self/status"), line));
	snprintf(line, sizeof(line), "\nPid:\t%ld\n", syscall(SYS_gettid));
	CHECK(strstr(content(AT_FDCWD, "/proc/thread-self/status"), line));
	CHECK(strstr(content(AT_FDCWD, own("/status")), "\nTracerPid:\t0\n"));
	CHECK(strstr(content(AT_FDCWD, "/proc/thread-self/status"), "\nState:\tR"));
	snprintf(line, sizeof(line), "%d (", getpid());
	CHECK(strncmp(content(AT_FDCWD, "/proc/self/stat"), line, strlen(line)) == 0);
	CHECK(strstr(content(AT_FDCWD, "/proc/mounts"), " /proc proc "));
	CHECK(strstr(content(AT_FDCWD, "/proc/net/dev"), "lo:"));
	CHECK(strstr(content(AT_FDCWD, "/proc/self/maps"), program));
	CHECK_FAILS(open("/proc/self/nothing", O_RDONLY), ENOENT);
	CHECK_FAILS(open("/proc/self/status/x", O_RDONLY), ENOTDIR);
	CHECK_FAILS(open("/proc/self/fd/99", O_RDONLY), ENOENT);
	CHECK_FAILS(readlink("/proc/self/status", text, sizeof(text)), EINVAL);
	CHECK_FAILS(open("/proc/self", O_WRONLY), EISDIR);
	CHECK_FAILS(open("/proc/self/fd", O_RDONLY | O_CREAT, 0600), EISDIR);
	CHECK_FAILS(open("/proc/self/status", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_FAILS(open("/proc/self/status", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK(access("/proc/self/status", R_OK) == 0);
	CHECK_FAILS(getxattr("/proc/self/status", "security.none", text, sizeof(text)), EOPNOTSUPP);
	CHECK(access("/proc/self/fd", R_OK | X_OK) == 0);
	CHECK_FAILS(access("/proc/self/none", F_OK), ENOENT);
}

static void same(const struct stat *a, const struct stat *b)
{
	CHECK(a->st_dev == b->st_dev);
	CHECK(a->st_ino == b->st_ino);
	CHECK(a->st_mode == b->st_mode);
	CHECK(a->st_uid == b->st_uid);
	CHECK(a->st_size == b->st_size);
}

static void check_stat(const char *path)
{
	struct stat by_path, by_fd, proc;
	struct statx by_statx;
	struct statfs fs;
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	CHECK(stat(path, &by_path) == 0);
	CHECK(fstat(fd, &by_fd) == 0);
	same(&by_path, &by_fd);
	CHECK(fstatat(fd, "", &by_fd, AT_EMPTY_PATH) == 0);
	same(&by_path, &by_fd);
	CHECK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &by_statx) == 0);
	CHECK(by_statx.stx_ino == by_path.st_ino && by_statx.stx_mode == by_path.st_mode);
	CHECK(stat("/proc", &proc) == 0);
	CHECK(proc.st_dev == by_path.st_dev);
	CHECK(fstatfs(fd, &fs) == 0 && fs.f_type == 0x9fa0);
	CHECK(statfs(path, &fs) == 0 && fs.f_type == 0x9fa0);
	close(fd);
}

static void check_folders(void)
{
	char name[32];
	struct stat a, b;

	DIR *folder = opendir("/proc/self/fd");
	CHECK(folder);
	snprintf(name, sizeof(name), "%d", dirfd(folder));
	CHECK(lists(folder, name) && lists(folder, "0") && lists(folder, "..") &&
		!lists(folder, "99"));
	CHECK(strcmp(link_at(AT_FDCWD, own("/fd/0")), link_at(dirfd(folder), "0")) == 0);
	CHECK(strcmp(link_at(dirfd(folder), name), own("/fd")) == 0);
	/* a copy is the same folder */
	int copy = fcntl(dirfd(folder), F_DUPFD_CLOEXEC, 3);
	CHECK(copy >= 0);
	CHECK(fstatat(copy, "0", &a, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(a.st_mode));
	CHECK(fstat(copy, &a) == 0 && stat("/proc/self/fd", &b) == 0);
	same(&a, &b);
	close(copy);
	/* so it is for a child */
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(fstatat(dirfd(folder), "0", &a, AT_SYMLINK_NOFOLLOW) == 0);
		CHECK(lists(folder, name));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	closedir(folder);

	folder = opendir("/proc/self/");
	CHECK(folder);
	CHECK(lists(folder, "status") && lists(folder, "task") && lists(folder, "fd"));
	CHECK(strstr(content(dirfd(folder), "status"), "\nPid:"));
	CHECK(strstr(content(dirfd(folder), "task/../status"), "\nPid:"));
	closedir(folder);
	/* the same number is another folder now */
	folder = opendir("/proc");
	CHECK(folder);
	CHECK(lists(folder, "1") && lists(folder, "self") && !lists(folder, "status"));
	closedir(folder);

	folder = opendir("/proc/thread-self/../");
	CHECK(folder);
	snprintf(name, sizeof(name), "%d", getpid());
	CHECK(lists(folder, name));
	closedir(folder);

	char cwd[PATH_MAX];
	CHECK(chdir("/proc/self/fd") == 0);
	CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, own("/fd")) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/cwd"), own("/fd")) == 0);
	CHECK(lstat("0", &a) == 0 && S_ISLNK(a.st_mode));
	CHECK(strstr(content(AT_FDCWD, "../status"), "\nPid:"));
	CHECK(strstr(content(AT_FDCWD, "/proc/self/cwd/../status"), "\nPid:"));
	CHECK(chdir("..") == 0);
	CHECK(strstr(content(AT_FDCWD, "status"), "\nPid:"));
	CHECK(chdir("..") == 0);
	CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/proc") == 0);
	CHECK(access("status", F_OK) != 0);
	CHECK(chdir("/") == 0);
	check_stat("/proc/self");
	check_stat("/proc/self/fd");
	check_stat("/proc/self/status");
	check_stat(own("/task"));
}

#endif

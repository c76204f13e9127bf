/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = user-namespace: a process in the first user namespace has Linux's number for it, in each way; one in another has not. */
#include "case.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { FIRST = 0xEFFFFFFD };

static bool maps_all_ids(void)
{
	char map[64] = "";
	int fd = open("/proc/self/uid_map", O_RDONLY);
	unsigned inside, outside, count = 0;

	CHECK(fd >= 0 && read(fd, map, sizeof(map) - 1) > 0 && close(fd) == 0);
	CHECK(sscanf(map, "%u %u %u", &inside, &outside, &count) == 3);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

static bool is_first(const char *path)
{
	struct stat by_stat, by_newfstatat;
	struct statx by_statx;
	char link[64] = "", by_readlinkat[64] = "";

	CHECK(syscall(SYS_stat, path, &by_stat) == 0);
	CHECK(syscall(SYS_newfstatat, AT_FDCWD, path, &by_newfstatat, 0) == 0);
	CHECK(statx(AT_FDCWD, path, 0, STATX_INO, &by_statx) == 0);
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	CHECK(syscall(SYS_readlinkat, AT_FDCWD, path, by_readlinkat, 63) > 0);
	bool first = by_stat.st_ino == FIRST;
	CHECK((by_newfstatat.st_ino == FIRST) == first);
	CHECK((by_statx.stx_ino == FIRST) == first);
	CHECK((strcmp(link, "user:[4026531837]") == 0) == first);
	CHECK((strcmp(by_readlinkat, "user:[4026531837]") == 0) == first);
	return first;
}

int main(void)
{
	char path[64], cut[4] = "";
	struct stat st;
	struct statx stx;
	int status, is_made[2], is_seen[2];

	if (!maps_all_ids())
		skip("this is a user namespace");
	CHECK(is_first("/proc/self/ns/user"));
	CHECK(is_first("/proc/thread-self/ns/user"));
	snprintf(path, sizeof(path), "/proc/%d/ns/user", getpid());
	CHECK(is_first(path));
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/user", getpid(), getpid());
	CHECK(is_first(path));
	/* a link that does not fit is cut, and the link's own number is another matter */
	CHECK(readlink("/proc/self/ns/user", cut, 3) == 3 && memcmp(cut, "use", 4) == 0);
	CHECK(lstat("/proc/self/ns/user", &st) == 0 && st.st_ino != FIRST);
	CHECK(statx(AT_FDCWD, "/proc/self/ns/user", AT_SYMLINK_NOFOLLOW, STATX_INO, &stx) == 0);
	CHECK(stx.stx_ino != FIRST);
	CHECK(stat("/proc/self/ns/net", &st) == 0 && st.st_ino != FIRST);

	CHECK(pipe(is_made) == 0 && pipe(is_seen) == 0);
	pid_t child = fork();
	if (child == 0) {
		close(is_seen[1]);
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(errno == EPERM || errno == ENOSPC ? 3 : 4);
		CHECK(!is_first("/proc/self/ns/user"));
		CHECK(write(is_made[1], "", 1) == 1);
		CHECK(read(is_seen[0], cut, 1) == 0);
		_exit(0);
	}
	close(is_made[1]);
	CHECK(child > 0);
	/* Another process's number goes by that one's map. */
	snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
	if (read(is_made[0], cut, 1) == 1)
		CHECK(!is_first(path));
	CHECK(is_first("/proc/self/ns/user"));
	close(is_seen[1]);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A link of /proc to a descriptor counts as itself, and says the path of the file as it was asked for, whatever that is in truth: by
 * each name that there is for it, and of another process as well.
 */
#include "case.h"

#include <limits.h>
#include <sys/stat.h>

static bool is(ssize_t length, const char *told, const char *wanted)
{
	if (length == (ssize_t)strlen(wanted) && memcmp(told, wanted, (size_t)length) == 0)
		return true;
	printf("%.*s instead of %s\n", length > 0 ? (int)length : 0, told, wanted);
	return false;
}

static bool says(const char *link, const char *wanted)
{
	char told[PATH_MAX];

	return is(readlink(link, told, sizeof(told)), told, wanted);
}

/* The link folder/fd in four ways, by two of which it is not named with its folder. */
static bool says_in(const char *folder, int fd, const char *wanted)
{
	char path[64], told[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%d", folder, fd);
	int fds = open(folder, O_PATH | O_DIRECTORY), link = open(path, O_PATH | O_NOFOLLOW);
	CHECK(fds >= 0 && link >= 0);
	bool right =
		says(path, wanted) &&
		is(readlinkat(AT_FDCWD, path, told, sizeof(told)), told, wanted) &&
		is(readlinkat(fds, path + strlen(folder) + 1, told, sizeof(told)), told, wanted) &&
		is(readlinkat(link, "", told, sizeof(told)), told, wanted);
	close(fds);
	close(link);
	return right;
}

static void by_all_names(int fd, const char *wanted)
{
	char folder[64], path[80], told[8];
	struct stat st;

	snprintf(folder, sizeof(folder), "/proc/%d/fd", getpid());
	CHECK(says_in(folder, fd, wanted));
	CHECK(says_in("/proc/self/fd", fd, wanted));
	CHECK(says_in("/proc/thread-self/fd", fd, wanted));
	CHECK(says_in("/dev/fd", fd, wanted));
	snprintf(path, sizeof(path), "%s/%d", folder, fd);
	CHECK(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
	/* As much as there is room for. */
	CHECK(readlink(path, told, 4) == 4 && memcmp(told, wanted, 4) == 0);
	CHECK_FAILS(readlink(path, told, 0), EINVAL);
	CHECK_FAILS(syscall(SYS_readlink, path, nowhere, 4), EFAULT);
}

/* Of a child, which has another file by that number. */
static void of_another(int fd, const char *file, const char *wanted)
{
	char folder[64];
	int ready[2], end[2];

	CHECK(pipe(ready) == 0 && pipe(end) == 0);
	pid_t child = fork();
	if (child == 0) {
		close(end[1]);
		int other = open(file, O_RDONLY);
		if (dup2(other, fd) != fd || write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(end[0], folder, 1) != 0);
	}
	CHECK(read(ready[0], folder, 1) == 1);
	snprintf(folder, sizeof(folder), "/proc/%d/fd", child);
	CHECK(says_in(folder, fd, wanted));
	close(end[0]);
	close(end[1]);
	CHECK_EXITS(child, 0);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	char told[8];
	int given = open("/no/such/my.conf", O_RDONLY), fake = open(FAKE, O_RDONLY),
	    led = open("/no/such/passwd", O_RDONLY), plain = open("/etc/group", O_RDONLY);

	CHECK(given >= 0 && fake >= 0 && led >= 0 && plain >= 0);
	by_all_names(given, "/no/such/my.conf");
	by_all_names(fake, FAKE);
	by_all_names(led, "/no/such/passwd");
	by_all_names(plain, "/etc/group");
	of_another(given, "/etc/group", "/etc/group");
	of_another(given, FAKE, FAKE);
	of_another(plain, "/no/such/my.conf", "/no/such/my.conf");
	of_another(plain, "/no/such/passwd", "/no/such/passwd");

	CHECK(dup2(given, 0) == 0);
	CHECK(says("/proc/self/fd/0", "/no/such/my.conf"));
	CHECK(says("/dev/stdin", "/proc/self/fd/0"));
	CHECK_FAILS(readlink("/no/such/my.conf", told, sizeof(told)), EINVAL);
	CHECK_FAILS(readlink("/etc/group", told, sizeof(told)), EPERM);
	CHECK(dup2(plain, 77) == 77);
	CHECK_FAILS(readlink("/proc/self/fd/77", told, sizeof(told)), EPERM);
	return success();
}

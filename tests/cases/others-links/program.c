/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links of /proc below another process's number are that one's, not the caller's, which may have other files at the same descriptors. */
#include "case.h"

#include <sys/wait.h>

enum { PLAIN = 50, WRITER = 51 };

static void content(const char *path, const char *start)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	CHECK(strncmp(text, start, strlen(start)) == 0);
	close(fd);
}

static void of_parent(pid_t parent, const char *plain)
{
	char path[64], link[256];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", parent, PLAIN);
	content(path, "plain");
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	CHECK(n > 0);
	link[n] = '\0';
	CHECK(strcmp(link, plain) == 0);

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", parent, WRITER);
	content(path, FAKE_VALUE);
	int fd = open(path, O_WRONLY);
	CHECK(fd >= 0);
	CHECK_FAILS(write(fd, "abc", 3), EINVAL);
	close(fd);

	snprintf(path, sizeof(path), "/proc/%d/cwd/swappiness", parent);
	content(path, FAKE_VALUE);
	snprintf(path, sizeof(path), "/proc/%d/cwd/swappiness", getpid());
	CHECK_FAILS(open(path, O_RDONLY), ENOENT);
}

int main(void)
{
	char plain[] = "/tmp/others-links.XXXXXX";
	pid_t parent = getpid();
	int status;

	must_see_fake();
	CHECK(chdir("/proc/sys/vm") == 0);
	CHECK(dup2(open(FAKE, O_RDWR), WRITER) == WRITER);
	int fd = mkstemp(plain);
	CHECK(fd >= 0 && write(fd, "plain", 5) == 5 && dup2(fd, PLAIN) == PLAIN);
	pid_t child = fork();
	if (child == 0) {
		CHECK(chdir("/tmp") == 0);
		CHECK(dup2(open(FAKE, O_RDONLY), PLAIN) == PLAIN && dup2(fd, WRITER) == WRITER);
		of_parent(parent, plain);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && unlink(plain) == 0);
	CHECK(status == 0);
	return success();
}

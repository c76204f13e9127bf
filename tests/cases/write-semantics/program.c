/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing a fake file: as a sysctl of the kernel takes it. */
#include "case.h"

static const char *value_of(const char *path)
{
	static char text[64];
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK(n > 0 && text[n - 1] == '\n');
	text[n - 1] = '\0';
	return text;
}

static int write_one(const char *path, int flags, const char *text)
{
	int fd = open(path, flags, 0640);

	CHECK(fd >= 0);
	ssize_t n = write(fd, text, strlen(text));
	int error = errno;
	CHECK(close(fd) == 0);
	if (n >= 0)
		CHECK(n == (ssize_t)strlen(text));
	return n < 0 ? -error : 0;
}

#define WRITES(flags, text, result, then)                              \
	do {                                                           \
		CHECK(write_one(FAKE, flags, text) == (result));       \
		if (strcmp(value_of(FAKE), then) != 0)                 \
			printf("%s gives %s\n", text, value_of(FAKE)); \
		CHECK(strcmp(value_of(FAKE), then) == 0);              \
	} while (0)

int main(void)
{
	CHECK(sees_fake());
	WRITES(O_WRONLY, "30", 0, "30");
	WRITES(O_WRONLY, "31\n", 0, "31");
	WRITES(O_WRONLY | O_TRUNC, "5", 0, "5");
	WRITES(O_WRONLY | O_CREAT | O_TRUNC, "32", 0, "32");
	WRITES(O_WRONLY | O_APPEND, "33", 0, "33");
	WRITES(O_RDWR, "34\n", 0, "34");
	WRITES(O_RDWR | O_CREAT, " 35", 0, "35");
	WRITES(O_WRONLY, "200", 0, "200");
	WRITES(O_WRONLY, "0", 0, "0");
	WRITES(O_WRONLY, "0x10", 0, "16");
	/* What the kernel refuses. */
	WRITES(O_WRONLY, "201", -EINVAL, "16");
	WRITES(O_WRONLY, "-1", -EINVAL, "16");
	WRITES(O_WRONLY, "many", -EINVAL, "16");
	WRITES(O_WRONLY | O_TRUNC, "many", -EINVAL, "16");
	WRITES(O_WRONLY, "99999999999999999999", -EINVAL, "16");
	/* Opened and closed: nothing changes, nor by truncation. */
	int fd = open(FAKE, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0 && close(fd) == 0 && strcmp(value_of(FAKE), "16") == 0);
	fd = open(FAKE, O_WRONLY);
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(close(fd) == 0 && strcmp(value_of(FAKE), "16") == 0);
	/* An empty write is none. */
	fd = open(FAKE, O_WRONLY);
	CHECK(write(fd, "", 0) == 0 && close(fd) == 0 && strcmp(value_of(FAKE), "16") == 0);
	/* A buffer that is not there. */
	fd = open(FAKE, O_WRONLY);
	CHECK_FAILS(write(fd, nowhere, 4), EFAULT);
	CHECK(strcmp(value_of(FAKE), "16") == 0);
	CHECK(write(fd, "17", 2) == 2 && strcmp(value_of(FAKE), "17") == 0);
	close(fd);
	/* Written, the offset reset, and read by the same descriptor. */
	fd = open(FAKE, O_RDWR);
	CHECK(write(fd, "40", 2) == 2);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(strcmp(text_of(fd), "40\n") == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "1", 1) == 1);
	CHECK(strcmp(value_of(FAKE), "1") == 0);
	CHECK(strcmp(text_of(fd), "1\n") == 0);
	close(fd);
	/* A reader opened before sees what it saw, or the new value; a later one the new value. */
	int reader = open(FAKE, O_RDONLY);
	CHECK(write_one(FAKE, O_WRONLY, "41") == 0);
	CHECK(strcmp(text_of(reader), "1\n") == 0 || strcmp(text_of(reader), "41\n") == 0);
	close(reader);
	/* One that may only be read. */
	CHECK_FAILS(open("/proc/sys/kernel/cap_last_cap", O_WRONLY), EACCES);
	/* EPERM: gVisor's own answer. */
	CHECK(open("/proc/sys/vm/no-such-name", O_WRONLY | O_CREAT, 0644) == -1);
	CHECK(errno == ENOENT || (in_sandbox() && errno == EPERM));
	/* Vectors keep their tabs. */
	CHECK(write_one("/proc/sys/net/ipv4/ping_group_range", O_WRONLY, "0 1000") == 0);
	CHECK(strcmp(value_of("/proc/sys/net/ipv4/ping_group_range"), "0\t1000") == 0);
	CHECK(write_one("/proc/sys/net/ipv4/ping_group_range", O_WRONLY, "7\t8\n") == 0);
	CHECK(strcmp(value_of("/proc/sys/net/ipv4/ping_group_range"), "7\t8") == 0);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a fake file: short reads, offsets, seeking, mapping, descriptors of different kinds. */
#include "case.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

int main(void)
{
	int fd = open(FAKE, O_RDONLY);
	char a[64] = "", b[64] = "";

	CHECK(fd >= 0);
	CHECK(lseek(fd, 0, SEEK_CUR) == 0);
	CHECK(read(fd, a, 2) == 2 && memcmp(a, "11", 2) == 0);
	CHECK(lseek(fd, 0, SEEK_CUR) == 2);
	CHECK(read(fd, a, sizeof(a)) == 2 && memcmp(a, "7\n", 2) == 0);
	CHECK(read(fd, a, sizeof(a)) == 0);
	CHECK(read(fd, a, 0) == 0);
	CHECK(pread(fd, a, 2, 1) == 2 && memcmp(a, "17", 2) == 0);
	CHECK(pread(fd, a, 5, 100) == 0);
	CHECK_FAILS(pread(fd, a, 5, -1), EINVAL);
	CHECK(lseek(fd, 1, SEEK_SET) == 1);
	struct iovec parts[2] = { { a, 1 }, { b, 10 } };
	CHECK(readv(fd, parts, 2) == 3 && a[0] == '1' && memcmp(b, "7\n", 2) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(preadv(fd, parts, 2, 0) == 4);
	CHECK_FAILS(read(fd, nowhere, 4), EFAULT);
	CHECK(write(fd, "1", 1) ==
		-1); /* EBADF; EPERM from a sealed memfd, where no rule says exact = yes */
	struct pollfd waits = { fd, POLLIN, 0 };
	CHECK(poll(&waits, 1, 0) == 1 && (waits.revents & POLLIN));

	/* Two opens have two offsets; a duplicate has the same. */
	int second = open(FAKE, O_RDONLY), twin = dup(fd);
	CHECK(second >= 0 && twin >= 0);
	CHECK(lseek(fd, 3, SEEK_SET) == 3);
	CHECK(lseek(second, 0, SEEK_CUR) == 0 && lseek(twin, 0, SEEK_CUR) == 3);
	CHECK(strcmp(text_of(twin), FAKE_VALUE) == 0);
	close(twin);
	CHECK(lseek(fd, 0, SEEK_CUR) == 3);

	/* A copy that the kernel makes. */
	int copy = memfd_create("copy", 0);
	CHECK(copy >= 0 && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(sendfile(copy, fd, NULL, 100) == 4);
	CHECK(strcmp(text_of(copy), FAKE_VALUE) == 0);

	/* Nobody changes it by a descriptor that was opened for reading. */
	CHECK(ftruncate(fd, 0) == -1);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map == MAP_FAILED);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(sees_fake());

	/* The standard input of another program; one inherited over exec. */
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, 0) == 0);
		execl("/bin/sh", "sh", "-c", "read line; test \"$line\" = 117", NULL);
		_exit(9);
	}
	CHECK_EXITS(pid, 0);

	/* Many at once. */
	int many[200];
	for (int i = 0; i < 200; i++)
		CHECK((many[i] = open(FAKE, O_RDONLY)) >= 0);
	for (int i = 0; i < 200; i++)
		CHECK(strcmp(text_of(many[i]), FAKE_VALUE) == 0 && close(many[i]) == 0);
	/* No descriptor is left over. */
	int next = dup(0);
	CHECK(next == copy + 1);
	return success();
}

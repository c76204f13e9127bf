/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What cases ask of a descriptor that may be of the fake file. After case.h. */
#ifndef SUPPORT_FAKE_FILE_H
#define SUPPORT_FAKE_FILE_H

#include "case.h"

#include "by_openat2.h"

/* With these restrictions of openat2(2) the path leads to the fake file. */
static inline void is_fake_by_openat2(int dirfd, const char *path, uint64_t resolve)
{
	int fd = by_openat2(dirfd, path, O_RDONLY | O_CLOEXEC, resolve);

	if (fd < 0)
		printf("%s, resolve 0x%x: %s\n", path, (unsigned)resolve, strerrorname_np(-fd));
	CHECK(fd >= 0);
	CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close(fd);
}

/* Prints which file was opened, or the error of the call just made; closes it. */
static inline void print_opened(const char *what, int fd)
{
	int error = errno;

	if (fd < 0)
		printf("%-24s %s\n", what, strerrorname_np(error));
	else
		printf("%-24s %s\n", what,
			strcmp(text_of(fd), FAKE_VALUE) == 0 ? "fake" : "the kernel's");
	close(fd);
}

#endif

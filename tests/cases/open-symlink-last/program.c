/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbolic links to a fake file, under another name. */
#include "case.h"

#include <sys/stat.h>

static void opened(const char *what, int fd)
{
	int error = errno;

	if (fd < 0)
		printf("%-24s %s\n", what, strerrorname_np(error));
	else
		printf("%-24s %s\n", what,
			strcmp(text_of(fd), FAKE_VALUE) == 0 ? "fake" : "the kernel's");
	close(fd);
}

int main(void)
{
	int here = open(".", O_PATH | O_DIRECTORY);

	CHECK(symlink(FAKE, "file") == 0 && symlink("file", "twice") == 0);
	opened("file", open("file", O_RDONLY));
	opened("twice", open("twice", O_RDONLY));
	opened("dirfd file", openat(here, "file", O_RDONLY));
	return success();
}

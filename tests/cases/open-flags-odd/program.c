/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Flags by which open(2) gives something else than a file to read.
 * Each line is the same for the kernel's own file, for which this also runs without gvtrace.
 */
#include "case.h"

#include <sys/stat.h>

#define FOLDER "/proc/sys/vm"
#define NAME "swappiness"

static void told(const char *what, int fd)
{
	int error = errno;
	char text[64];

	if (fd < 0) {
		printf("%-46s %s\n", what, strerrorname_np(error));
		return;
	}
	ssize_t n = read(fd, text, sizeof(text) - 1);
	error = errno;
	bool is_fake = n > 0 && n == (ssize_t)strlen(FAKE_VALUE) &&
		       memcmp(text, FAKE_VALUE, (size_t)n) == 0;
	/* Without gvtrace this is the kernel's value; under it, its value would be a file that slipped past. */
	if (n < 0)
		printf("%-46s opened, read %s\n", what, strerrorname_np(error));
	else if (getenv("GVTRACED") && !is_fake)
		printf("%-46s not the fake file\n", what);
	else
		printf("%-46s opened\n", what);
	close(fd);
}

#define AT(dirfd, path, flags) told(#dirfd " " path " " #flags, openat(dirfd, path, flags, 0600))
#define AT_CWD(path, flags) told(path " " #flags, openat(AT_FDCWD, path, flags, 0600))

int main(void)
{
	AT_CWD(FAKE, O_RDONLY | O_CREAT | O_DIRECTORY);
	AT_CWD(FAKE, O_PATH);
	AT_CWD(FAKE, O_PATH | O_NOFOLLOW);
	AT_CWD(FAKE, O_PATH | O_DIRECTORY);
	AT_CWD(FAKE, O_RDONLY | __O_TMPFILE);
	AT_CWD(FAKE, O_RDWR | O_TMPFILE);
	AT_CWD(FOLDER, O_RDWR | O_TMPFILE);
	return success();
}

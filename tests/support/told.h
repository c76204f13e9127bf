/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the programs that open one file in many ways and print what each open gives. After case.h. */
#ifndef GVTRACE_TOLD_H
#define GVTRACE_TOLD_H

#include "case.h"

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

#endif

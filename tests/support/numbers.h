/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the programs that write a fake file again and again, each time the next number. After case.h. */
#ifndef GVTRACE_NUMBERS_H
#define GVTRACE_NUMBERS_H

#include "case.h"

static int number = 1;

static bool is(int expected)
{
	char text[16], wanted[16];
	int fd = open(FAKE, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	CHECK(fd >= 0 && n > 0);
	close(fd);
	text[n] = '\0';
	snprintf(wanted, sizeof(wanted), "%d\n", expected);
	if (strcmp(text, wanted) != 0)
		printf("expected %s found %s", wanted, text);
	return strcmp(text, wanted) == 0;
}

static const char *next(void)
{
	static char text[16];

	snprintf(text, sizeof(text), "%d", ++number);
	return text;
}

static int writer(void)
{
	int fd = open(FAKE, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

#endif

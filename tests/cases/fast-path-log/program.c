/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a place that is led, while every call of the process stops: rules say how the open of a folder fails. */
#define PLACES_CALL "257" /* openat */
#include "case.h"
#include "places.h"

enum { ENOUGH = 50 };

static long place(const char *path, long flags)
{
	return call_c(AT_FDCWD, path, flags, 0);
}

int main(void)
{
	CHECK(chdir("/") == 0);
	for (int i = 0; i < ENOUGH; i++) {
		long fd = place("dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(fd >= 0 && close((int)fd) == 0);
	}
	CHECK(is_led(c_place));
	CHECK(chdir("/tmp") == 0);
	/* What is written there is followed. */
	int followed = open(FAKE, O_RDWR | O_CLOEXEC);
	CHECK(followed >= 0);
	CHECK(place("gvtrace-given", O_RDONLY | O_DIRECTORY) == -ENOTDIR);
	CHECK(place("gvtrace-none", O_RDONLY | O_DIRECTORY) == -EPERM);
	CHECK(close(followed) == 0);
	CHECK(place("gvtrace-given", O_RDONLY | O_DIRECTORY) == -ENOTDIR);
	CHECK(place("gvtrace-none", O_RDONLY | O_DIRECTORY) == -EPERM);
	return success();
}

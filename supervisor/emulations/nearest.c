/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nearest.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

int nearest_open(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "root%s", path);
	for (;;) {
		int fd = stop_open_proc(stop, name, O_PATH);
		char *slash = strrchr(name, '/');
		if (fd >= 0 || fd == -ETIMEDOUT || !slash)
			return fd;
		*slash = '\0';
	}
}

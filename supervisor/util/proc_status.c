/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc_status.h"

#include <fcntl.h>
#include <stdio.h>

#include "util.h"

enum { STATUS_BYTES = 4096 /* the lines that are asked for stand before the long ones */ };

long proc_status_number(pid_t pid, const char *name)
{
	char path[32], text[STATUS_BYTES], line[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(line, sizeof(line), "\n%s:", name);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	const char *found = strstr(text, line);
	return found ? strtol(found + strlen(line), NULL, 10) : -1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc_status.h"

#include <fcntl.h>
#include <stdio.h>

#include "util.h"

enum { STATUS_BYTES = 4096 /* the lines that are asked for stand before the long ones */ };

const char *proc_status_find(const char *text, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);

	for (const char *p = text; (p = strchr(p, '\n'));)
		if (strncmp(++p, name, length) == 0 && p[length] == ':')
			found = p + length + 1;
	return found;
}

long proc_status_number(pid_t pid, const char *name)
{
	char path[32], text[STATUS_BYTES];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	const char *found = proc_status_find(text, name);
	return found ? strtol(found, NULL, 10) : -1;
}

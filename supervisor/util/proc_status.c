/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc_status.h"

#include <ctype.h>
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

/* What is behind the name in text; NULL: nothing. */
static const char *read_line(pid_t pid, const char *name, char text[STATUS_BYTES])
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, STATUS_BYTES - 1);
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	return proc_status_find(text, name);
}

long proc_status_number(pid_t pid, const char *name)
{
	char text[STATUS_BYTES];
	const char *found = read_line(pid, name, text);

	return found ? strtol(found, NULL, 10) : -1;
}

long proc_status_last_number(pid_t pid, const char *name)
{
	char text[STATUS_BYTES];
	const char *found = read_line(pid, name, text), *end = found ? strchr(found, '\n') : NULL;

	while (end && end > found && isdigit((unsigned char)end[-1]))
		end--;
	return end && isdigit((unsigned char)*end) ? strtol(end, NULL, 10) : -1;
}

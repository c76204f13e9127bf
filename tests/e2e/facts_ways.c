/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ways to ask and to tell. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"

enum { TEXT_MAX = 1 << 17 };

void tell(const char *fact, const char *way, const char *format, ...)
{
	va_list arguments;

	printf("%s\t%s\t", fact, way);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

const char *text_of(int fd)
{
	char *text = fd < 0 ? NULL : malloc(TEXT_MAX);
	size_t length = 0;

	if (!text)
		return "missing";
	for (ssize_t n; length < TEXT_MAX - 1; length += (size_t)n) {
		n = read(fd, text + length, TEXT_MAX - 1 - length);
		if (n <= 0)
			break;
	}
	close(fd);
	text[length] = '\0';
	if (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return realloc(text, length + 1);
}

const char *file(const char *path)
{
	return text_of(open(path, O_RDONLY | O_CLOEXEC));
}

bool is_there(const char *text)
{
	return strcmp(text, "missing") != 0;
}

const char *command(const char *line)
{
	static char text[4096];
	FILE *pipe = popen(line, "re");
	size_t n = pipe ? fread(text, 1, sizeof(text) - 1, pipe) : 0;

	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!pipe || pclose(pipe) != 0)
		return "missing";
	return text;
}

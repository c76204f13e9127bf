/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interfaces.h"

#include <fcntl.h>
#include <string.h>

#include "util.h"

enum { TEXT_FIRST_SIZE = 4096, TEXT_SIZE_MAX = 1 << 20 };

char *interfaces_read(int proc_fd)
{
	cleanup_close int fd = proc_fd < 0 ? -1 : openat(proc_fd, "net/dev", O_RDONLY | O_CLOEXEC);
	size_t size = TEXT_FIRST_SIZE, length = 0;
	cleanup_free char *text = fd < 0 ? NULL : malloc(size);

	while (text) {
		ssize_t n = read(fd, text + length, size - length - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NULL;
		length += n;
		text[length] = '\0';
		if (n == 0)
			break;
		if (size - length < 512 && size < TEXT_SIZE_MAX) {
			char *larger = realloc(text, size * 2);

			if (!larger)
				return NULL;
			text = larger;
			size *= 2;
		}
		if (length + 1 >= size)
			break;
	}
	return steal(&text);
}

const char *interfaces_next(const char **at, size_t *ret_length)
{
	while (**at != '\0') {
		const char *line = *at + strspn(*at, " ");
		size_t length = strcspn(line, " :\n");

		*at = line + strcspn(line, "\n");
		*at += **at == '\n';
		/* The two lines above the table have no colon right after their first word. */
		if (length > 0 && line[length] == ':') {
			*ret_length = length;
			return line;
		}
	}
	return NULL;
}

bool interfaces_has(const char *text, const char *name, size_t length)
{
	const char *at = text, *found;
	size_t found_length;

	while (text && (found = interfaces_next(&at, &found_length)))
		if (found_length == length && memcmp(found, name, length) == 0)
			return true;
	return false;
}

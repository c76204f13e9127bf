/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interfaces.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

enum { TEXT_FIRST_SIZE = 4096, TEXT_SIZE_MAX = 1 << 20 };

/* A text of the interfaces of this process's network namespace, as net/dev would name them. */
static char *names_here(void)
{
	struct if_nameindex *all = if_nameindex();
	char *text = NULL;
	size_t size;
	FILE *file = all ? open_memstream(&text, &size) : NULL;

	for (struct if_nameindex *one = all; file && one->if_index != 0; one++)
		fprintf(file, "%s:\n", one->if_name);
	if (file)
		fclose(file);
	if (all)
		if_freenameindex(all);
	return text;
}

/* The same of the namespace that ns/net below proc_fd is, by a visit there; NULL if it cannot be entered. */
static char *names_of_namespace(int proc_fd)
{
	cleanup_close int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	cleanup_close int other = openat(proc_fd, "ns/net", O_RDONLY | O_CLOEXEC);
	struct stat home_st, other_st;
	char *text;
	int r;

	if (home < 0 || other < 0 || fstat(home, &home_st) || fstat(other, &other_st))
		return NULL;
	if (home_st.st_dev == other_st.st_dev && home_st.st_ino == other_st.st_ino)
		return names_here();
	if (setns(other, CLONE_NEWNET))
		return NULL;
	text = names_here();
	r = setns(home, CLONE_NEWNET); /* cannot fail: it was ours a moment ago */
	if (r) {
		free(text);
		return NULL;
	}
	return text;
}

static char *text_of_net_dev(int proc_fd)
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

char *interfaces_read(int proc_fd)
{
	char *text = proc_fd < 0 ? NULL : names_of_namespace(proc_fd);

	return text ? text : text_of_net_dev(proc_fd);
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

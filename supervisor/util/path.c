/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <stdio.h>

#include "util.h"

/* Adds the components of text to the absolute path of *length bytes ("" stands for "/"). */
static int append(char *path, size_t *length, size_t size, const char *text)
{
	while (*text != '\0') {
		size_t name = strcspn(text, "/");

		if (name == 2 && text[0] == '.' && text[1] == '.') {
			while (*length > 0 && path[--*length] != '/')
				;
		} else if (name > 0 && !(name == 1 && text[0] == '.')) {
			if (*length + 1 + name >= size)
				return -ENAMETOOLONG;
			path[(*length)++] = '/';
			memcpy(path + *length, text, name);
			*length += name;
		}
		text += name;
		text += strspn(text, "/");
	}
	return 0;
}

int path_join(const char *base, const char *path, char *ret_path, size_t size)
{
	size_t length = 0;
	int r = 0;

	if (size < 2)
		return -ENAMETOOLONG;
	if (path[0] != '/')
		r = append(ret_path, &length, size, base);
	if (r == 0)
		r = append(ret_path, &length, size, path);
	if (r < 0)
		return r;
	if (length == 0)
		ret_path[length++] = '/';
	ret_path[length] = '\0';
	return (int)length;
}

const char *path_last_name(const char *path, size_t *ret_length)
{
	const char *end = path + strlen(path), *start;

	while (end > path && end[-1] == '/')
		end--;
	start = end;
	while (start > path && start[-1] != '/')
		start--;
	*ret_length = (size_t)(end - start);
	return start;
}

bool path_is_name(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

bool path_has_dot_dot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p += 2)
		if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
			return true;
	return false;
}

int path_push(char *path, size_t size, const char *name, size_t length)
{
	size_t used = strcmp(path, "/") == 0 ? 0 : strlen(path);

	if (used + 1 + length >= size)
		return -ENAMETOOLONG;
	path[used] = '/';
	memcpy(path + used + 1, name, length);
	path[used + 1 + length] = '\0';
	return 0;
}

void path_pop(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
}

bool path_is_below(const char *path, const char *folder)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool path_is_fs_cgroup(const char *path)
{
	static const char end[] = PATH_FS_CGROUP;
	size_t length = strlen(path), n = sizeof(end) - 1;

	if (length > 0 && path[length - 1] == '/')
		length--;
	return length >= n && strncmp(path + length - n, end, n) == 0;
}

void path_unescape(char *text)
{
	unsigned code;
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (*from == '\\' && sscanf(from + 1, "%3o", &code) == 1 && strlen(from) >= 4) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

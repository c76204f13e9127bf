/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "link_told.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "magic_links.h"
#include "marker.h"

/*
 * Of /proc/NUMBER/NAME, which is perhaps another process: its number is one of the program's own pid namespace, so that is asked of
 * the /proc that the program has. As magic_link_shown(), which knows more of the program's own links.
 */
static int shown_of_number(
	struct stop *stop, const char *path, const char *name, char *ret_text, bool *ret_is_whole)
{
	char place[PATH_MAX + 8], own[PATH_MAX];

	snprintf(place, sizeof(place), "root%s", path);
	ssize_t n = stop_read_proc_link(stop, place, ret_text, PATH_MAX);
	if (n < 0)
		return (int)n;
	if (stop_read_proc_link(stop, name, own, sizeof(own)) == n && strcmp(own, ret_text) == 0)
		return magic_link_shown(stop, name, ret_text, ret_is_whole);
	*ret_is_whole = marker_strip(ret_text);
	return 0;
}

/* Whether the link at path is to say something else than the kernel would: *ret_text. */
static bool find_text(struct stop *stop, const char *path, char *ret_text)
{
	const char *rest;
	char name[64];
	bool is_whole;

	if (!magic_link_in(path, name, sizeof(name), &rest) || *rest || strcmp(name, "root") == 0)
		return false;
	bool by_number = strncmp(path, "/proc/", 6) == 0 && isdigit((unsigned char)path[6]);
	int r = by_number ? shown_of_number(stop, path, name, ret_text, &is_whole)
			  : magic_link_shown(stop, name, ret_text, &is_whole);
	return r == 0 && (is_whole || magic_link_as_asked(stop, ret_text));
}

bool link_told(struct stop *stop)
{
	long nr = stop_syscall(stop);
	int arg = nr == SYS_readlinkat;
	const char *path;
	char text[PATH_MAX];

	if ((nr != SYS_readlink && nr != SYS_readlinkat) || !stop_is_magic_link(stop, arg) ||
		stop_path(stop, arg, &path) || !find_text(stop, path, text))
		return false;
	int size = (int)stop_asked(stop, arg + 2);
	if (size <= 0)
		return false;
	size_t length = MIN(strlen(text), (size_t)size);
	int r = stop_write(stop, stop_asked(stop, arg + 1), text, length);
	stop_set_result(stop, r ? -EFAULT : (int64_t)length);
	stop_note(stop, "the path that was asked for");
	stop->tells_link = true;
	return true;
}

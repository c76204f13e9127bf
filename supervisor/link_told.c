/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "link_told.h"

#include <sys/syscall.h>

#include "magic_links.h"

/* Whether the link at path is to say something else than the kernel would: *ret_text. */
static bool find_text(struct stop *stop, const char *path, char *ret_text)
{
	const char *rest;
	char name[64];
	bool is_whole;

	if (!magic_link_in(stop, path, name, sizeof(name), &rest) || *rest ||
		magic_link_is_root(name))
		return false;
	int r = magic_link_shown(stop, name, ret_text, &is_whole);
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

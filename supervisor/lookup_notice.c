/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup.h"

#include <sys/syscall.h>

#include "mem_thread.h"
#include "stop.h"

/* /dev/userfaultfd does what userfaultfd(2) does. */
static bool names_userfaultfd(const struct stop *stop)
{
	static const char name[] = "userfaultfd";
	const size_t length = sizeof(name) - 1;

	for (size_t i = 0; i < STOP_PATHS; i++) {
		const struct stop_path *path = &stop->paths[i];
		if (path->arg >= 0 && path->read && !path->error && path->raw_length >= length &&
			memcmp(path->raw + path->raw_length - length, name, length) == 0)
			return true;
	}
	return false;
}

void lookup_notice(struct stop *stop)
{
	char type[9] = "";
	long nr = stop_syscall(stop);

	if (nr == SYS_userfaultfd || names_userfaultfd(stop))
		mem_thread_use();
	if (nr != SYS_mount && nr != SYS_fsopen)
		return;
	uint64_t text = stop_asked(stop, nr == SYS_mount ? 2 : 0);
	if (text && stop_read_string(stop, text, type, sizeof(type)) != -EFAULT)
		lookup_note_type(type);
}

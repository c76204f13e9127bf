/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup.h"

#include <sys/syscall.h>

#include "filter.h"
#include "mem_thread.h"
#include "stop.h"

/* By the call or by /dev/userfaultfd, whatever name that was opened by. */
static bool makes_userfaultfd(const struct stop *stop)
{
	long nr = stop_syscall(stop);

	return nr == SYS_userfaultfd ||
	       (nr == SYS_ioctl && (uint32_t)stop_asked(stop, 1) == FILTER_USERFAULTFD_NEW);
}

void lookup_notice(struct stop *stop)
{
	char type[9] = "";
	long nr = stop_syscall(stop);

	if (makes_userfaultfd(stop))
		mem_thread_use();
	if (nr != SYS_mount && nr != SYS_fsopen)
		return;
	uint64_t text = stop_asked(stop, nr == SYS_mount ? 2 : 0);
	if (text && stop_read_string(stop, text, type, sizeof(type)) != -EFAULT)
		lookup_note_type(type);
}

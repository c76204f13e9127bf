/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = openat2: openat2(2) runs as openat(2) where the kernel lacks it. What RESOLVE_ flags forbid is not
 * checked, but for RESOLVE_IN_ROOT and an absolute path, which is taken below the descriptor as asked.
 * crun 1.21 has no other way that works in gVisor 20240729.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "emulation.h"

static enum verdict on_enter(struct stop *stop, const void *config)
{
	struct open_how how = { 0 };
	uint64_t size = stop_asked(stop, 3), address = stop_asked(stop, 1);
	char first;

	if (size < sizeof(struct open_how)) {
		stop_set_result(stop, -EINVAL);
		return VERDICT_DONE;
	}
	if (stop_read(stop, stop_asked(stop, 2), &how, sizeof(struct open_how))) {
		stop_set_result(stop, -EFAULT);
		return VERDICT_DONE;
	}
	if (how.resolve & RESOLVE_IN_ROOT)
		while (stop_read(stop, address, &first, 1) == 0 && first == '/')
			address++;
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, how.flags);
	stop_send_arg(stop, 3, how.mode);
	return VERDICT_WATCH;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	return EXIT_DONE;
}

const struct emulation emulation_openat2 = {
	.name = "openat2",
	.summary = "run openat2 as openat where the kernel lacks it",
	.default_syscalls = "openat2",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

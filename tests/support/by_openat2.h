/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(2), for which C libraries have no function. Behind case.h. */
#ifndef GVTRACE_BY_OPENAT2_H
#define GVTRACE_BY_OPENAT2_H

#include <linux/openat2.h>

/* The descriptor, or -errno. Files are made for their owner. */
static inline int by_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags, .resolve = resolve, .mode = flags & O_CREAT ? 0600 : 0
	};
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What cases about mounts have in common. Behind case.h. */
#ifndef GVTRACE_MOUNTS_CASES_H
#define GVTRACE_MOUNTS_CASES_H

#include <linux/mount.h>

/* An empty file, to mount on or to be found. */
static inline void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && close(fd) == 0);
}

/* fsconfig(2) of an option with a value. */
static inline int set_string(int fd, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value, 0);
}

#endif

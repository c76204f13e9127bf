/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-id: statx says which mount of mountinfo something is on, whoever knows it: the kernel, or the emulation. */
#include "case.h"

#include <linux/stat.h>

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000
#endif

static uint64_t mount_of(int fd, const char *path, int flags)
{
	struct statx stx;

	CHECK(syscall(SYS_statx, fd, path, flags, STATX_MNT_ID, &stx) == 0);
	CHECK(stx.stx_mask & STATX_MNT_ID);
	return stx.stx_mnt_id;
}

static uint64_t in_mountinfo(const char *point)
{
	char line[4096], found[256];
	FILE *file = fopen("/proc/self/mountinfo", "r");
	uint64_t id, last = 0;

	CHECK(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%lu %*s %*s %*s %255s", &id, found) == 2 &&
			strcmp(found, point) == 0)
			last = id;
	fclose(file);
	return last;
}

int main(void)
{
	struct statx stx;
	char name[24];
	int proc = open("/proc", O_PATH | O_DIRECTORY), self = open("/proc/self", O_PATH);
	int fd = open("/proc/self/status", O_RDONLY), root = open("/", O_PATH);
	uint64_t id = in_mountinfo("/proc");

	CHECK(proc >= 0 && self >= 0 && fd >= 0 && root >= 0 && id > 0);
	CHECK(mount_of(proc, "", AT_EMPTY_PATH) == id);
	CHECK(mount_of(AT_FDCWD, "/proc", 0) == id);
	CHECK(mount_of(self, "", AT_EMPTY_PATH) == id);
	CHECK(mount_of(fd, "", AT_EMPTY_PATH) == id);
	CHECK(mount_of(proc, "self/status", 0) == id);
	CHECK(mount_of(proc, "..", 0) == in_mountinfo("/"));
	CHECK(mount_of(root, "", AT_EMPTY_PATH) == in_mountinfo("/"));
	/* a link of /proc is in /proc, and leads where it leads */
	snprintf(name, sizeof(name), "self/fd/%d", root);
	CHECK(mount_of(proc, name, AT_SYMLINK_NOFOLLOW) == id);
	CHECK(mount_of(proc, name, 0) == in_mountinfo("/"));
	/* who does not ask is not told, and errors stay */
	CHECK(syscall(SYS_statx, proc, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) == 0);
	CHECK_FAILS(syscall(SYS_statx, proc, "none", 0, STATX_MNT_ID, &stx), ENOENT);
	return success();
}

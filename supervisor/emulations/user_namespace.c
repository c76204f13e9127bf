/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = user-namespace: the kernel's first user namespace shows in /proc/PID/ns/user by the number that it has in Linux
 * (include/uapi/linux/nsfs.h, USER_NS_INIT_INO), because programs take any other for "in a user namespace". Which processes
 * are in the first one tells their uid_map, which only there maps all ids to themselves: gVisor's own numbers are of no
 * use for that, since in 2024 they differ from process to process.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emulation.h"

#define FIRST_LINK "user:[4026531837]"

enum { FIRST_INODE = 0xEFFFFFFD, MAP_BYTES = 256 };

/* The only line of the map, if it is all ids as they are; user_namespaces(7). */
static bool maps_all_ids(const char *map)
{
	unsigned inside, outside, count;
	int end = 0;

	return sscanf(map, "%u %u %u %n", &inside, &outside, &count, &end) == 3 && inside == 0 &&
	       outside == 0 && count == UINT32_MAX && map[end] == '\0';
}

/* path is /proc/.../ns/user, as the program sees it. */
static bool is_in_the_first(struct stop *stop, const char *path)
{
	char name[PATH_MAX], map[MAP_BYTES];
	size_t length = strlen(path) - strlen("ns/user");

	if (strncmp(path, "/proc/self/", 11) == 0 || strncmp(path, "/proc/thread-self/", 18) == 0)
		snprintf(name, sizeof(name), "uid_map");
	else if (snprintf(name, sizeof(name), "root/%.*suid_map", (int)length, path) >=
		 (int)sizeof(name))
		return false;
	return stop_read_file(stop, name, map, sizeof(map)) > 0 && maps_all_ids(map);
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	bool follows = true;
	unsigned asked = stop_path_args(stop);
	const char *path;

	if (!asked || stop_path(stop, __builtin_ctz(asked), &path))
		return VERDICT_NEXT;
	switch (stop_syscall(stop)) {
	case SYS_newfstatat:
		follows = !(stop_asked(stop, 3) & AT_SYMLINK_NOFOLLOW);
		break;
	case SYS_statx:
		follows = !(stop_asked(stop, 2) & AT_SYMLINK_NOFOLLOW);
		break;
	default:
		break;
	}
	return follows && is_in_the_first(stop, path) ? VERDICT_WATCH : VERDICT_NEXT;
}

static int rewrite_link(struct stop *stop, int buffer_argument)
{
	uint64_t size = stop_asked(stop, buffer_argument + 1);
	size_t length = MIN(strlen(FIRST_LINK), size);
	int r = stop_write(stop, stop_asked(stop, buffer_argument), FIRST_LINK, length);

	if (r == 0)
		stop_set_result(stop, (int64_t)length);
	return r;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	uint64_t inode = FIRST_INODE;
	int r;

	if (stop_result(stop) < 0)
		return EXIT_DONE;
	switch (stop_syscall(stop)) {
	case SYS_stat:
		r = stop_write(stop, stop_asked(stop, 1) + offsetof(struct stat, st_ino), &inode,
			sizeof(inode));
		break;
	case SYS_newfstatat:
		r = stop_write(stop, stop_asked(stop, 2) + offsetof(struct stat, st_ino), &inode,
			sizeof(inode));
		break;
	case SYS_statx:
		r = stop_write(stop, stop_asked(stop, 4) + offsetof(struct statx, stx_ino), &inode,
			sizeof(inode));
		break;
	case SYS_readlink:
		r = rewrite_link(stop, 1);
		break;
	case SYS_readlinkat:
		r = rewrite_link(stop, 2);
		break;
	default:
		return EXIT_DONE;
	}
	if (r == 0)
		stop_note(stop, "the first one");
	return EXIT_DONE;
}

const struct emulation emulation_user_namespace = {
	.name = "user-namespace",
	.summary = "show the kernel's first user namespace by the number that it has in Linux",
	.default_syscalls = "stat,newfstatat,statx,readlink,readlinkat",
	.default_path = "/proc/**/ns/user",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

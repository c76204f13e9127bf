/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The folder that experiments mount on. */
#include "experiments.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Only root can write the first; an ordinary user comes to the others. */
static const char *const places[] = { "/run", "/dev/shm", "/tmp", "/var/tmp" };

static void folder_path(const char *place, pid_t group, char ret_path[PROBE_FOLDER_MAX])
{
	snprintf(ret_path, PROBE_FOLDER_MAX, "%s/gvtrace-probe.%d", place, (int)group);
}

int probe_folder_make(char ret_path[PROBE_FOLDER_MAX])
{
	int error = ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		folder_path(places[i], getpgrp(), ret_path);
		if (mkdir(ret_path, 0700) == 0)
			return 0;
		error = errno;
	}
	return -error;
}

/*
 * Not more than is mounted on it: where it is a mount point in another namespace only, a dead experiment's, gVisor
 * (2024, 2026) unmounts what it lies in (emulations/umount.c). Experiments mount file systems of their own.
 */
void probe_folder_take_away(const char *path)
{
	char around[PROBE_FOLDER_MAX + 4];
	struct stat folder, outside;

	snprintf(around, sizeof(around), "%s/..", path);
	if (lstat(path, &folder) == 0 && lstat(around, &outside) == 0 &&
		folder.st_dev != outside.st_dev)
		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	rmdir(path);
}

void probe_folder_remove(pid_t group)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char path[PROBE_FOLDER_MAX];
		struct stat folder;
		folder_path(places[i], group, path);
		if (lstat(path, &folder) < 0 || !S_ISDIR(folder.st_mode) ||
			folder.st_uid != geteuid())
			continue;
		/* A mount is there where the kernel took unshare(CLONE_NEWNS) for nothing. */
		probe_folder_take_away(path);
	}
}

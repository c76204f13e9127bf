/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be mounted, and the folder to mount it on. */
#include "experiments.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

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
		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
		rmdir(path);
	}
}

/* 0 or -errno; nothing stays mounted. */
static int try_tmpfs(const char *folder, const char *options)
{
	if (mount("tmpfs", folder, "tmpfs", 0, options) < 0)
		return -errno;
	umount2(folder, MNT_DETACH);
	return 0;
}

int ask_tmpfs_nr_inodes(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[PROBE_FOLDER_MAX];
	int error = probe_folder_make(folder);
	if (error < 0)
		return probe_say(evidence, 0, "not asked: no folder to mount on: %s",
			probe_errno_name(-error));
	bool changed;
	int plain = probe_enter_mount_namespace(&changed), sized = 0;
	if (plain == 0) {
		plain = try_tmpfs(folder, "mode=0755");
		sized = try_tmpfs(folder, "nr_blocks=1,nr_inodes=1");
	}
	probe_folder_remove(getpgrp());
	if (plain < 0)
		return probe_say(evidence, 0, "not asked: no mount of tmpfs at all: %s",
			probe_errno_name(-plain));
	if (sized == 0)
		return probe_say(evidence, 0, "mount(tmpfs, \"nr_blocks=1,nr_inodes=1\") works");
	return probe_say(evidence, sized == -EINVAL,
		"mount(tmpfs, \"nr_blocks=1,nr_inodes=1\") = %s, \"mode=0755\" works",
		probe_errno_name(-sized));
}

/* On a file in a tmpfs on the folder: 0 or -errno; nothing stays mounted. */
static int try_bind_of_namespace(const char *folder, unsigned long flags)
{
	char target[PROBE_FOLDER_MAX + 8];
	int error = 0;

	if (mount("tmpfs", folder, "tmpfs", 0, NULL) < 0)
		return -errno;
	snprintf(target, sizeof(target), "%s/ns", folder);
	int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || mount("/proc/self/ns/net", target, "none", flags, NULL) < 0)
		error = -errno;
	else
		umount2(target, MNT_DETACH);
	if (fd >= 0)
		close(fd);
	umount2(folder, MNT_DETACH);
	return error;
}

int ask_namespace_bind_not_recursive(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[PROBE_FOLDER_MAX];
	int error = probe_folder_make(folder);
	if (error < 0)
		return probe_say(evidence, 0, "not asked: no folder to mount on: %s",
			probe_errno_name(-error));
	bool changed;
	int plain = probe_enter_mount_namespace(&changed), recursive = 0;
	if (plain == 0) {
		plain = try_bind_of_namespace(folder, MS_BIND);
		recursive = try_bind_of_namespace(folder, MS_BIND | MS_REC);
	}
	probe_folder_remove(getpgrp());
	if (plain < 0)
		return probe_say(evidence, 0,
			"not asked: no bind mount of /proc/self/ns/net at all: %s",
			probe_errno_name(-plain));
	if (recursive == 0)
		return probe_say(
			evidence, 0, "mount(\"/proc/self/ns/net\", MS_BIND | MS_REC) works");
	return probe_say(evidence, recursive == -EINVAL,
		"mount(\"/proc/self/ns/net\", MS_BIND | MS_REC) = %s, MS_BIND alone works",
		probe_errno_name(-recursive));
}

int ask_root_is_9p(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct statfs fs;
	if (statfs("/", &fs) < 0)
		return probe_say(evidence, 0, "statfs(\"/\") = %s", probe_errno_name(errno));
	return probe_say(evidence, fs.f_type == V9FS_MAGIC, "statfs(\"/\"): f_type 0x%lx",
		(unsigned long)fs.f_type);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which control groups there are. */
#include "experiments.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cgroup_files.h"
#include "cgroup_mounts.h"

static bool is_version_1(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && fs.f_type == CGROUP_SUPER_MAGIC;
}

/* A Linux with version 1 has a freezer; one with version 2 freezes by files of each group. */
int ask_no_freezer_cgroup(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!is_version_1("/sys/fs/cgroup/memory") && !is_version_1("/sys/fs/cgroup/cpu"))
		return probe_say(
			evidence, 0, "cgroup version 1 is not mounted below /sys/fs/cgroup");
	if (is_version_1("/sys/fs/cgroup/freezer"))
		return probe_say(evidence, 0, "/sys/fs/cgroup/freezer is there");
	return probe_say(evidence, 1, "cgroup version 1 without /sys/fs/cgroup/freezer");
}

enum { GROUPS_MAX = 64, DEPTH_MAX = 3, FILES_MAX = 16 };

/* What the control groups have of cgroup_files[]; asked once, for all questions about them. */
static struct {
	bool begun;
	int groups; /* of version 2 looked at */
	bool beside[FILES_MAX], there[FILES_MAX];
	bool done; /* what goes with each file of version 2 was there */
} seen;

static void look_at_group(int fd, int version)
{
	const char *asked = NULL; /* which several files go with */
	bool is_there = false;
	size_t i = 0;

	seen.groups += version == 2;
	seen.done = version == 2;
	for (const struct cgroup_file *file = cgroup_files; file->name && i < FILES_MAX;
		file++, i++) {
		if (file->version != version)
			continue;
		if (!asked || strcmp(asked, file->beside) != 0)
			is_there = !faccessat(fd, file->beside, F_OK, 0);
		asked = file->beside;
		if (is_there) {
			seen.beside[i] = true;
			seen.there[i] |= !faccessat(fd, file->name, F_OK, 0);
		}
		seen.done &= seen.beside[i];
	}
}

static bool has_seen_enough(void)
{
	return seen.done || seen.groups >= GROUPS_MAX;
}

static void look(int fd, int depth);

/* The descriptor is closed. */
static void look_below(int fd, int depth)
{
	DIR *folder = fdopendir(fd);

	if (!folder) {
		close(fd);
		return;
	}
	for (const struct dirent *entry; !has_seen_enough() && (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' ||
			(entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		int below =
			openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			look(below, depth);
	}
	closedir(folder);
}

/*
 * Looks at a group and those below it; the descriptor is closed. The first group of version 1 has all that the others
 * have; the first of version 2 lacks what limits it.
 */
static void look(int fd, int depth)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		fs.f_type = 0;
	if (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC)
		look_at_group(fd, fs.f_type == CGROUP_SUPER_MAGIC ? 1 : 2);
	if (depth < DEPTH_MAX && fs.f_type != CGROUP_SUPER_MAGIC && !has_seen_enough())
		look_below(fd, depth + 1);
	else
		close(fd);
}

bool cgroup_argument_is_good(const char *argument)
{
	return cgroup_file_find(argument, NULL);
}

int ask_cgroup_lacks(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	const char *beside = NULL;

	if (!seen.begun) {
		int fd = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return probe_say(evidence, 0, "not asked: open(\"/sys/fs/cgroup\") = %s",
				probe_errno_name(errno));
		look(fd, 0);
		seen.begun = true;
	}
	for (const struct cgroup_file *file = NULL; (file = cgroup_file_find(argument, file));) {
		size_t i = (size_t)(file - cgroup_files);
		if (i < FILES_MAX && seen.there[i])
			return probe_say(evidence, 0, "%s is there", argument);
		if (i < FILES_MAX && seen.beside[i])
			beside = file->beside;
	}
	if (!beside)
		return probe_say(evidence, 0, "no control group is seen that should have it");
	return probe_say(evidence, 1, "%s, but no %s", beside, argument);
}

/* A group with a group below it: Linux has no other error for a group in use than EBUSY. */
int ask_cgroup_removal_not_empty(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* The cheapest first: a group of memory takes Linux more than twice as long. */
	static const char *const roots[] = { "/sys/fs/cgroup/pids", "/sys/fs/cgroup/cpu",
		"/sys/fs/cgroup/memory", "/sys/fs/cgroup" };
	char outer[64], inner[72];
	int error = ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		struct statfs fs;

		if (statfs(roots[i], &fs) ||
			(fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC))
			continue;
		snprintf(outer, sizeof(outer), "%s/gvtrace-probe.%d", roots[i], (int)getpgrp());
		snprintf(inner, sizeof(inner), "%s/inner", outer);
		if (mkdir(outer, 0755) < 0) {
			error = errno;
			continue;
		}
		error = mkdir(inner, 0755) < 0 ? errno : 0;
		int removed = error ? 0 : rmdir(outer), removal = errno;
		rmdir(inner);
		rmdir(outer);
		if (error)
			break;
		if (removed == 0)
			return probe_say(evidence, 0, "rmdir of a control group in use works");
		return probe_say(evidence, removal == ENOTEMPTY,
			"rmdir of a control group in use = %s", probe_errno_name(removal));
	}
	return probe_say(evidence, 0, "not asked: no control group can be made: %s",
		probe_errno_name(error));
}

enum { MOUNTINFO_MAX = 64 * 1024, GROUP_MAX = 256 };

/* Where the kernel has namespaces for it, whoever started us has chosen this one. */
int ask_cgroup_path_outside(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char root[GROUP_MAX], group[GROUP_MAX];
	struct stat link;

	if (!probe_proc_is_there())
		return probe_say(evidence, 0, "no proc filesystem on /proc");
	if (lstat("/proc/self/ns/cgroup", &link) == 0)
		return probe_say(evidence, 0, "/proc/self/ns/cgroup is there");
	cleanup_free char *mountinfo = calloc(1, MOUNTINFO_MAX);
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t n = file && mountinfo ? fread(mountinfo, 1, MOUNTINFO_MAX - 1, file) : 0;
	if (file)
		fclose(file);
	if (n == 0 || n == MOUNTINFO_MAX - 1)
		return probe_say(evidence, 0, "not asked: no mountinfo, or too much of it");
	if (!cgroup_mounts_begin(mountinfo, root, sizeof(root)))
		return probe_say(evidence, 0, "no group but / that all mounts begin at");
	file = fopen("/proc/self/cgroup", "re");
	bool is_outside = false;
	while (file && fscanf(file, "%*[^:]:%*[^:]:%255[^\n] ", group) == 1)
		is_outside |= cgroup_mounts_is_below(group, strlen(group), root);
	if (file)
		fclose(file);
	if (!is_outside)
		return probe_say(evidence, 0, "/proc/self/cgroup says nothing of %.60s", root);
	return probe_say(
		evidence, 1, "the mounts begin at %.60s, and /proc/self/cgroup names it", root);
}

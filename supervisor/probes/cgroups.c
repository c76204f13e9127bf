/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which control groups there are. */
#include "experiments.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cgroup_files.h"

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

enum { GROUPS_MAX = 64, DEPTH_MAX = 3 };

struct search {
	const struct cgroup_file *file;
	int groups; /* that have what goes with the file */
	bool found;
};

/* Looks for the file in a group and in those below it; the descriptor is closed. */
static void look(int fd, int depth, struct search *search)
{
	struct statfs fs;
	DIR *folder = fdopendir(fd);

	if (!folder) {
		close(fd);
		return;
	}
	bool is_group = !fstatfs(fd, &fs) &&
			(fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
	if (is_group && !faccessat(fd, search->file->beside, F_OK, 0)) {
		search->groups++;
		search->found = !faccessat(fd, search->file->name, F_OK, 0);
	}
	for (const struct dirent *entry; depth < DEPTH_MAX && !search->found &&
					 search->groups < GROUPS_MAX &&
					 (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' ||
			(entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		int below =
			openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			look(below, depth + 1, search);
	}
	closedir(folder);
}

bool cgroup_argument_is_good(const char *argument)
{
	return cgroup_file_find(argument, NULL);
}

/* Version 2 has some files in all groups but the first, so groups below it are looked at, too. */
int ask_cgroup_lacks(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	const char *beside = NULL;

	for (const struct cgroup_file *file = NULL; (file = cgroup_file_find(argument, file));) {
		struct search search = { .file = file };
		int fd = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return probe_say(evidence, 0, "not asked: open(\"/sys/fs/cgroup\") = %s",
				probe_errno_name(errno));
		look(fd, 0, &search);
		if (search.found)
			return probe_say(evidence, 0, "%s is there", argument);
		if (search.groups)
			beside = file->beside;
	}
	if (!beside)
		return probe_say(evidence, 0, "no control group is seen that should have it");
	return probe_say(evidence, 1, "%s, but no %s", beside, argument);
}

/* A group with a group below it: Linux has no other error for a group in use than EBUSY. */
int ask_cgroup_removal_not_empty(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	static const char *const roots[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu",
		"/sys/fs/cgroup" };
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

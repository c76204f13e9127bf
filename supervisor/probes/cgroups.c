/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which control groups there are. */
#include "experiments.h"

#include <linux/magic.h>
#include <sys/vfs.h>

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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cgroup_files.h"

#include <string.h>

/* To add one: a line here, what it reads in emulations/cgroup_file.c, a row in docs/rules.md. */
const struct cgroup_file cgroup_files[] = {
	{ "cpuacct.usage_percpu", "cpuacct.usage", 1 },
	{ "memory.failcnt", "memory.usage_in_bytes", 1 },
	{ "memory.max_usage_in_bytes", "memory.usage_in_bytes", 1 },
	{ "memory.oom_control", "memory.usage_in_bytes", 1 },
	{ "memory.stat", "memory.usage_in_bytes", 1 },
	{ "memory.use_hierarchy", "memory.usage_in_bytes", 1 },
	{ "memory.oom.group", "memory.max", 2 },
	{ "memory.stat", "memory.current", 2 },
	{ "memory.swap.current", "memory.max", 2 },
	{ "memory.swap.max", "memory.max", 2 },
	{ NULL, NULL, 0 },
};

const struct cgroup_file *cgroup_file_find(const char *name, const struct cgroup_file *after)
{
	for (const struct cgroup_file *file = after ? after + 1 : cgroup_files; file->name; file++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc holds. */
#include "experiments.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fakeprocsys.h"

bool probe_proc_is_there(void)
{
	/* Not by statfs(2): gVisor 2022 has none for /proc. */
	return access("/proc/self/stat", F_OK) == 0;
}

int ask_proc_root_inode(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct stat root;
	if (!probe_proc_is_there())
		return probe_say(evidence, 0, "no proc filesystem on /proc");
	if (stat("/proc", &root) < 0)
		return probe_say(evidence, 0, "stat(\"/proc\") = %s", probe_errno_name(errno));
	return probe_say(
		evidence, root.st_ino != 1, "stat(\"/proc\"): st_ino %ju", (uintmax_t)root.st_ino);
}

int ask_no_cgroup_namespace(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct stat link;
	if (!probe_proc_is_there())
		return probe_say(evidence, 0, "no proc filesystem on /proc");
	if (lstat("/proc/self/ns/cgroup", &link) == 0)
		return probe_say(evidence, 0, "/proc/self/ns/cgroup is there");
	return probe_say(evidence, errno == ENOENT, "lstat(\"/proc/self/ns/cgroup\") = %s",
		probe_errno_name(errno));
}

int ask_no_cpu_times(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char line[256] = "";
	FILE *file = fopen("/proc/stat", "re");
	if (!file)
		return probe_say(evidence, 0, "no /proc/stat: %s", probe_errno_name(errno));
	bool is_read = fgets(line, sizeof(line), file) && strncmp(line, "cpu ", 4) == 0;
	fclose(file);
	if (!is_read)
		return probe_say(evidence, 0, "/proc/stat does not start with a cpu line");
	if (strpbrk(line, "123456789"))
		return probe_say(evidence, 0, "the cpu line of /proc/stat has numbers");
	line[strcspn(line, "\n")] = '\0';
	return probe_say(evidence, 1, "/proc/stat: \"%.60s\"", line);
}

static const char *describe(enum kernel_file how)
{
	switch (how) {
	case KERNEL_FILE_WORKS:
		return "works";
	case KERNEL_FILE_MISSING:
		return "is missing";
	case KERNEL_FILE_NOT_READABLE:
		return "cannot be read";
	case KERNEL_FILE_NOT_WRITABLE:
		return "does not take back what it holds";
	}
	return "fails";
}

int ask_sysctls_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!probe_proc_is_there())
		return probe_say(evidence, 0, "no proc filesystem on /proc");
	enum kernel_file how = KERNEL_FILE_WORKS;
	const char *path = fakeprocsys_first_lacking(&how);
	return path ? probe_say(evidence, 1, "/proc/sys/%s %s", path, describe(how))
		    : probe_say(evidence, 0, "every file that Linux has below /proc/sys works");
}

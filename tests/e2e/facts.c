/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks facts about the machine in every way that a program has, and prints a line for each answer:
 *   FACT <tab> WAY <tab> VALUE
 * The ways of one fact should all give one value. "-" is a way that is not there, which contradicts nothing;
 * "missing" is one that has to be. Runs as the only process of a container, for tests/e2e/facts.
 */
#include <stdio.h>

#include "facts.h"

int main(void)
{
	static const char *const paths[] = { "/", "/proc", "/proc/self", "/proc/version",
		"/proc/stat", "/proc/self/mountinfo", "/proc/sys/kernel/osrelease",
		"/proc/sys/vm/panic_on_oom", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
		"/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys/fs/cgroup",
		"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/memory.stat",
		"/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu", "/sys/fs/cgroup/memory.oom.group",
		"/tmp" };

	ask_version();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		ask_file_system(paths[i]);
	ask_cgroups();
	ask_processors();
	ask_memory();
	ask_time();
	puts("end\tof\tfacts");
	return 0;
}

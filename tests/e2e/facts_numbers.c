/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processors, memory, time. */
#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "facts.h"

/* How many numbers a list such as "0-3,5" names. */
static int count_list(const char *list)
{
	int count = 0;

	while (isdigit((unsigned char)*list)) {
		char *end;
		long from = strtol(list, &end, 10), to = from;
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		count += (int)(to - from + 1);
		list = end + (*end == ',');
	}
	return count;
}

static void tell_list(const char *path)
{
	const char *list = file(path);

	if (is_there(list))
		tell("processors", path, "%d", count_list(list));
	else
		tell("processors", path, "-");
}

static int count_lines(const char *text, const char *start, bool digit)
{
	int n = 0;
	size_t length = strlen(start);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += strncmp(line, start, length) == 0 &&
		     (!digit || isdigit((unsigned char)line[length]));
	}
	return n;
}

void ask_processors(void)
{
	static const char fact[] = "processors";
	cpu_set_t set;
	int folders = 0;
	const char *allowed = strstr(file("/proc/self/status"), "Cpus_allowed_list:");

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	tell(fact, "sched_getaffinity(2)", "%d", CPU_COUNT(&set));
	tell(fact, "sysconf", "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	tell(fact, "nproc", "%s", command("/bin/busybox nproc"));
	tell_list("/sys/devices/system/cpu/online");
	tell_list("/sys/devices/system/cpu/present");
	tell_list("/sys/fs/cgroup/cpuset/cpuset.cpus");
	DIR *folder = opendir("/sys/devices/system/cpu");
	for (const struct dirent *entry; folder && (entry = readdir(folder));)
		folders += strncmp(entry->d_name, "cpu", 3) == 0 &&
			   isdigit((unsigned char)entry->d_name[3]);
	if (folder)
		closedir(folder);
	tell(fact, "/sys/devices/system/cpu/cpuN", "%d", folders);
	tell(fact, "/proc/cpuinfo", "%d", count_lines(file("/proc/cpuinfo"), "processor", false));
	tell(fact, "/proc/stat", "%d", count_lines(file("/proc/stat"), "cpu", true));
	if (allowed)
		tell(fact, "/proc/self/status", "%d",
			count_list(allowed + strcspn(allowed, "0123456789")));
}

static unsigned long long number_after(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found ? strtoull(found + strlen(name), NULL, 10) : 0;
}

void ask_memory(void)
{
	struct sysinfo info;
	const char *meminfo = file("/proc/meminfo");

	sysinfo(&info);
	tell("memory", "/proc/meminfo", "%llu KiB", number_after(meminfo, "MemTotal:"));
	tell("memory", "sysinfo(2)", "%llu KiB",
		(unsigned long long)info.totalram * info.mem_unit / 1024);
	tell("memory", "free", "%llu KiB",
		number_after(command("/bin/busybox free | /bin/busybox grep Mem"), "Mem:"));
	tell("swap", "/proc/meminfo", "%llu KiB", number_after(meminfo, "SwapTotal:"));
	tell("swap", "sysinfo(2)", "%llu KiB",
		(unsigned long long)info.totalswap * info.mem_unit / 1024);
}

/* "same" if within so many seconds of what is compared with, else the number. */
static void tell_near(const char *fact, const char *way, double value, double other, double within)
{
	if (value - other <= within && other - value <= within)
		tell(fact, way, "same");
	else
		tell(fact, way, "%.2f s, not %.2f s", value, other);
}

void ask_time(void)
{
	struct timespec boot, now;
	struct sysinfo info;
	double uptime = 0, idle = 0;
	unsigned long long idle_ticks = 0;
	const char *stat = file("/proc/stat");

	clock_gettime(CLOCK_BOOTTIME, &boot);
	sscanf(file("/proc/uptime"), "%lf %lf", &uptime, &idle);
	clock_gettime(CLOCK_REALTIME, &now);
	sysinfo(&info);
	tell("uptime", "/proc/uptime", "same");
	tell_near("uptime", "clock_gettime(2)", (double)boot.tv_sec, uptime, 2);
	tell_near("uptime", "sysinfo(2)", (double)info.uptime, uptime, 2);
	tell_near("uptime", "/proc/stat", (double)now.tv_sec - (double)number_after(stat, "btime "),
		uptime, 2);
	sscanf(stat, "cpu %*u %*u %*u %llu", &idle_ticks);
	tell("idle time", "/proc/uptime", "same");
	/* Half a second in each processor's time: the two are read one after the other. */
	tell_near("idle time", "/proc/stat", (double)idle_ticks / (double)sysconf(_SC_CLK_TCK),
		idle, 0.5 * (double)sysconf(_SC_NPROCESSORS_ONLN));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "first_values.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "util.h"

static uint64_t memory_bytes(void)
{
	struct sysinfo info;

	if (sysinfo(&info) < 0 || info.totalram == 0)
		return 1ULL << 30;
	return (uint64_t)info.totalram * (info.mem_unit ? info.mem_unit : 1);
}

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return MAX(low, MIN(value, high));
}

static uint64_t square_root(uint64_t value)
{
	uint64_t root = 0;

	while ((root + 1) * (root + 1) <= value)
		root++;
	return root;
}

/* kernel/fork.c set_max_threads: an eighth of memory for stacks of 16 KiB. */
static uint64_t threads_max(void)
{
	return clamp(memory_bytes() / (8 * 16384), 20, 1073741823);
}

/* fs/file_table.c files_maxfiles_init: a tenth of memory, a KiB each. */
static uint64_t file_max(void)
{
	return MAX(memory_bytes() / 10240, 8192);
}

/* fs/notify/inotify/inotify_user.c: a hundredth of memory, 1312 bytes each on a 64 bit machine. */
static uint64_t inotify_watches(void)
{
	return clamp(memory_bytes() / 100 / 1312, 8192, 1048576);
}

/* net/netfilter/nf_conntrack_core.c */
static uint64_t conntrack_max(void)
{
	uint64_t bytes = memory_bytes();

	if (bytes > 4ULL << 30)
		return 262144;
	return bytes > 1ULL << 30 ? 65536 : MAX(bytes / 16384 / 8, 1024);
}

static void print_memory_limits(uint64_t pages, char *ret_value)
{
	pages = MAX(pages, 128);
	snprintf(ret_value, SYSCTL_VALUE_MAX, "%llu\t%llu\t%llu",
		(unsigned long long)(pages / 4 * 3), (unsigned long long)pages,
		(unsigned long long)(pages / 4 * 3 * 2));
}

static bool computed_number(const char *word, uint64_t *ret_number)
{
	if (strcmp(word, "threads-max") == 0)
		*ret_number = threads_max();
	else if (strcmp(word, "namespaces-max") == 0)
		*ret_number = threads_max() / 2;
	else if (strcmp(word, "file-max") == 0)
		*ret_number = file_max();
	else if (strcmp(word, "inotify-watches") == 0)
		*ret_number = inotify_watches();
	else if (strcmp(word, "epoll-watches") == 0)
		*ret_number = memory_bytes() / 25 / 184;
	else if (strcmp(word, "conntrack-max") == 0)
		*ret_number = conntrack_max();
	else if (strcmp(word, "min-free") == 0)
		*ret_number = clamp(square_root(memory_bytes() / 1024 * 16), 128, 262144);
	else if (strcmp(word, "pid-max") == 0)
		*ret_number = clamp(1024 * (uint64_t)MAX(get_nprocs_conf(), 1), 32768, 4194304);
	else
		return false;
	return true;
}

static bool computed_text(const char *word, char *ret_value)
{
	struct utsname names;

	if (strcmp(word, "tcp-mem") == 0) {
		print_memory_limits(memory_bytes() / 4096 / 16, ret_value);
		return true;
	}
	if (strcmp(word, "udp-mem") == 0) {
		print_memory_limits(memory_bytes() / 4096 / 8, ret_value);
		return true;
	}
	if (strcmp(word, "file-nr") == 0) {
		snprintf(ret_value, SYSCTL_VALUE_MAX, "1024\t0\t%llu",
			(unsigned long long)file_max());
		return true;
	}
	if (uname(&names) < 0)
		return false;
	if (strcmp(word, "osrelease") == 0)
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", names.release);
	else if (strcmp(word, "version") == 0)
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", names.version);
	else if (strcmp(word, "machine") == 0)
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", names.machine);
	else if (strcmp(word, "hostname") == 0)
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", names.nodename);
	else
		return false;
	return true;
}

bool first_value(const char *text, char ret_value[SYSCTL_VALUE_MAX])
{
	uint64_t number;

	if (text[0] != '=') {
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", text);
		return true;
	}
	if (computed_number(text + 1, &number)) {
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%llu", (unsigned long long)number);
		return true;
	}
	return computed_text(text + 1, ret_value);
}

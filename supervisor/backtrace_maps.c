/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is mapped where in the thread's memory, and the files behind it. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backtrace_internal.h"

static struct backtrace_mapping *mappings;
static size_t n_mappings;

/* proc_pid_maps(5): "START-END rwxp OFFSET MAJOR:MINOR INODE   NAME". */
static void add_mapping(char *line)
{
	const struct backtrace_mapping *before = n_mappings ? &mappings[n_mappings - 1] : NULL;
	struct backtrace_mapping mapping = { 0 };
	char permissions[5];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*x:%*x %" SCNu64 " %n", &mapping.start,
		    &mapping.end, permissions, &mapping.inode, &name) < 4 ||
		!name)
		return;
	mapping.is_code = permissions[2] == 'x';
	mapping.base = mapping.start;
	mapping.name = line + name;
	if (before && *mapping.name && strcmp(before->name, mapping.name) == 0) {
		mapping.name = before->name;
		mapping.base = before->base;
	} else {
		mapping.name = strdup(mapping.name);
	}
	struct backtrace_mapping *more = realloc(mappings, (n_mappings + 1) * sizeof(*more));
	if (!more || !mapping.name)
		_exit(1);
	mappings = more;
	mappings[n_mappings++] = mapping;
}

void backtrace_read_mappings(pid_t tid)
{
	char path[64], *line = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	FILE *file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0)
		add_mapping(line);
}

const struct backtrace_mapping *backtrace_mapping_of(uint64_t address)
{
	for (size_t i = 0; i < n_mappings; i++)
		if (address >= mappings[i].start && address < mappings[i].end)
			return &mappings[i];
	return NULL;
}

uint64_t backtrace_base_of(uint64_t address)
{
	const struct backtrace_mapping *mapping = backtrace_mapping_of(address);

	return mapping ? mapping->base : 0;
}

bool backtrace_is_code(uint64_t address)
{
	const struct backtrace_mapping *mapping = backtrace_mapping_of(address);

	return mapping && mapping->is_code;
}

const struct backtrace_mapping *backtrace_mapping_named(const char *name)
{
	for (size_t i = 0; i < n_mappings; i++)
		if (strcmp(mappings[i].name, name) == 0)
			return &mappings[i];
	return NULL;
}

/*
 * Only the file that was mapped. Another may have its name by now, even a device that does something
 * when it is opened: so it is looked at first.
 */
static int open_as(uint64_t inode, const char *format, ...) PRINTF_LIKE(2, 3);

static int open_as(uint64_t inode, const char *format, ...)
{
	char path[PATH_MAX + 64];
	struct stat stat;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	cleanup_close int place = open(path, O_PATH | O_CLOEXEC);
	if (place < 0 || fstat(place, &stat) || !S_ISREG(stat.st_mode) || stat.st_ino != inode)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * The kernel's own link to it is exact, and for the privileged only. A name in the list of mappings is
 * relative to the root of the mount namespace, or to ours in a chroot within our own.
 */
int backtrace_open(pid_t tid, const struct backtrace_mapping *mapping)
{
	int fd = open_as(mapping->inode, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, tid,
		mapping->start, mapping->end);

	if (fd < 0)
		fd = open_as(mapping->inode, "/proc/%d/root%s", tid, mapping->name);
	return fd < 0 ? open_as(mapping->inode, "%s", mapping->name) : fd;
}

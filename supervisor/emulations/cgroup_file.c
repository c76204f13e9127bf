/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = cgroup-file: a file that Linux has in each control group and this kernel has not reads as what can be told
 * from the files beside it. cAdvisor, and with it kubelet, has no numbers of a group at all where one is missing.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "cgroup_files.h"
#include "emulation.h"
#include "given_file.h"
#include "path.h"

enum { CONTENT_MAX = 32768 /* 20 bytes for each of 1,500 processors */ };

/* The folder that path is in, with room for any name behind it. */
struct group {
	char path[PATH_MAX + NAME_MAX];
	size_t length; /* with the slash */
};

static bool group_of(const char *path, struct group *ret_group)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash - path >= PATH_MAX)
		return false;
	ret_group->length = (size_t)(slash + 1 - path);
	memcpy(ret_group->path, path, ret_group->length);
	ret_group->path[ret_group->length] = '\0';
	return true;
}

static const char *file_of(struct group *group, const char *name)
{
	snprintf(group->path + group->length, sizeof(group->path) - group->length, "%s", name);
	return group->path;
}

/* The number that a file of the group reads; 0 where there is none, as "max". */
static uint64_t number_of(struct stop *stop, struct group *group, const char *name)
{
	char text[64];

	if (given_file_read_other(stop, file_of(group, name), text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

static bool is_a_group(struct stop *stop, struct group *group, int version)
{
	char name[sizeof(group->path) + 8];
	struct statfs fs;

	snprintf(name, sizeof(name), "root%.*s", (int)group->length, group->path);
	cleanup_close int fd = stop_open_proc(stop, name, O_PATH | O_DIRECTORY);
	if (fd < 0 || stop_statfs(fd, &fs))
		return false;
	return fs.f_type == (version == 1 ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC);
}

/* The file of the list that path names, if this group should have it. */
static const struct cgroup_file *find(struct stop *stop, const char *path, struct group *ret_group)
{
	const struct cgroup_file *file = NULL;

	if (!group_of(path, ret_group))
		return NULL;
	while ((file = cgroup_file_find(path + ret_group->length, file)))
		if (given_file_is_there(stop, file_of(ret_group, file->beside)) &&
			is_a_group(stop, ret_group, file->version))
			return file;
	return NULL;
}

static bool is_named(const struct cgroup_file *file, const char *name)
{
	return strcmp(file->name, name) == 0;
}

/* Linux lets what is written to these two reset a counter, and to the others set a limit. */
static struct given_file given(const struct cgroup_file *file)
{
	bool discards = is_named(file, "memory.failcnt") ||
			is_named(file, "memory.max_usage_in_bytes") ||
			is_named(file, "memory.use_hierarchy") ||
			is_named(file, "memory.oom.group") || is_named(file, "memory.swap.max");

	return (struct given_file){ .mode = discards ? 0644 : 0444, .discards = discards };
}

/* A rule whose path ends in none of the names would be there for nothing. */
static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	char known[512] = "";
	size_t length, used = 0;
	const char *why, *last = path_last_name(options->path, &length);
	struct path_glob *glob = path_glob_create(last, true, &why);
	bool matches = false;

	*ret_config = NULL;
	if (!glob)
		return -ENOMEM;
	for (const struct cgroup_file *file = cgroup_files; file->name; file++) {
		matches |= path_glob_match(glob, file->name);
		if (!strstr(known, file->name) && used < sizeof(known))
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
				used ? ", " : "", file->name);
	}
	path_glob_destroy(glob);
	return matches ? 0
		       : rule_path_error(error, options,
				 "do = cgroup-file has no \"%s\" (known: %s)", last, known);
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	struct group group;
	const char *path;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return VERDICT_NEXT;
	if (stop_syscall(stop) == SYS_fstatfs)
		return given_file_enter(stop, NULL, path);
	const struct cgroup_file *file = find(stop, path, &group);
	if (!file || given_file_is_there(stop, path))
		return VERDICT_NEXT;
	struct given_file as = given(file);
	stop_keep(stop, (int64_t)(intptr_t)file);
	return given_file_enter(stop, &as, path);
}

/* One number for each processor, their sum the group's: nobody knows which of them did the work. */
static void write_percpu(FILE *out, uint64_t usage)
{
	long processors = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t n = processors > 0 ? (uint64_t)processors : 1;

	fprintf(out, "%llu", (unsigned long long)(usage / n + usage % n));
	for (uint64_t i = 1; i < n; i++)
		fprintf(out, " %llu", (unsigned long long)(usage / n));
	fputs(" \n", out);
}

/* All of the group's memory is said to be anonymous and in use: so it counts as the working set. */
static void write_stat_1(FILE *out, uint64_t usage, uint64_t limit)
{
	static const char *const names[] = { "cache", "rss", "rss_huge", "shmem", "mapped_file",
		"dirty", "writeback", "pgpgin", "pgpgout", "pgfault", "pgmajfault", "inactive_anon",
		"active_anon", "inactive_file", "active_file", "unevictable" };

	for (int total = 0; total < 2; total++) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			bool is_used = strcmp(names[i], "rss") == 0 ||
				       strcmp(names[i], "active_anon") == 0;
			fprintf(out, "%s%s %llu\n", total ? "total_" : "", names[i],
				is_used ? (unsigned long long)usage : 0);
		}
		if (!total)
			fprintf(out, "hierarchical_memory_limit %llu\n", (unsigned long long)limit);
	}
}

static void write_stat_2(FILE *out, uint64_t usage)
{
	static const char *const names[] = { "anon", "file", "kernel", "kernel_stack", "pagetables",
		"sock", "shmem", "file_mapped", "file_dirty", "file_writeback", "inactive_anon",
		"active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable",
		"slab_unreclaimable", "slab", "pgfault", "pgmajfault" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool is_used =
			strcmp(names[i], "anon") == 0 || strcmp(names[i], "active_anon") == 0;
		fprintf(out, "%s %llu\n", names[i], is_used ? (unsigned long long)usage : 0);
	}
}

static void write_content(
	struct stop *stop, FILE *out, const struct cgroup_file *file, struct group *group)
{
	if (is_named(file, "cpuacct.usage_percpu"))
		write_percpu(out, number_of(stop, group, file->beside));
	else if (is_named(file, "memory.stat") && file->version == 1)
		write_stat_1(out, number_of(stop, group, file->beside),
			number_of(stop, group, "memory.limit_in_bytes"));
	else if (is_named(file, "memory.stat"))
		write_stat_2(out, number_of(stop, group, file->beside));
	else if (is_named(file, "memory.max_usage_in_bytes"))
		fprintf(out, "%llu\n", (unsigned long long)number_of(stop, group, file->beside));
	else if (is_named(file, "memory.swap.max"))
		fputs("max\n", out);
	else if (is_named(file, "memory.oom_control"))
		fputs("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", out);
	else
		fputs(is_named(file, "memory.use_hierarchy") ? "1\n" : "0\n", out);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	char content[CONTENT_MAX];
	struct group group;
	const char *path;

	if (stop_step(stop) > 0)
		return given_file_exit(stop, NULL, NULL, 0);
	const struct cgroup_file *file = (const struct cgroup_file *)(intptr_t)stop_kept(stop);
	if (stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) || !group_of(path, &group))
		return EXIT_DONE;
	FILE *out = file ? fmemopen(content, sizeof(content), "w") : NULL;
	if (!out)
		return EXIT_DONE;
	write_content(stop, out, file, &group);
	long length = ftell(out);
	fclose(out);
	struct given_file as = given(file);
	return given_file_exit(stop, &as, content, length > 0 ? (size_t)length : 0);
}

static bool names(const char *name, size_t length)
{
	for (const struct cgroup_file *file = cgroup_files; file->name; file++)
		if (strlen(file->name) == length && memcmp(file->name, name, length) == 0)
			return true;
	return false;
}

static void each_name(void (*each)(const char *name, size_t length, void *data), void *data)
{
	for (const struct cgroup_file *file = cgroup_files; file->name; file++)
		each(file->name, strlen(file->name), data);
}

const struct emulation emulation_cgroup_file = {
	.name = "cgroup-file",
	.summary = "give a control group a file that Linux has, from what the files beside it read",
	.default_syscalls = GIVEN_FILE_SYSCALLS,
	.makes_files = true,
	.needs_path = true,
	.parse = parse,
	.names = names,
	.each_name = each_name,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

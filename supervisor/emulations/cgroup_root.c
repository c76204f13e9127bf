/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = cgroup-root: a process's control group as it is named where the mounts of control groups begin. gVisor mounts a
 * sandbox's own group, /ID, on /sys/fs/cgroup/CONTROLLER, and names groups from above it, as Linux does in a container
 * that has its host's cgroup namespace. Whoever looks for /sys/fs/cgroup/CONTROLLER/ID, as cAdvisor, finds nothing. What is
 * above is taken off in /proc/PID/cgroup and from the roots of the mounts in /proc/PID/mountinfo alike, as in a cgroup
 * namespace that begins there: programs subtract one from the other. A process that has a mount from further above,
 * as gVisor makes one for a container with a cgroup namespace, is shown both as they are.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "cgroup_mounts.h"
#include "edited_file.h"
#include "emulation.h"

struct cgroup_root {
	char group[PATH_MAX]; /* that the rule names, or "" */
};

/* Where the mounts began when gvtrace started: the same for all, whatever they mount later. "": at no single place. */
static char mounts_begin[PATH_MAX];

static const char *outer_group(const struct cgroup_root *config)
{
	return *config->group ? config->group : mounts_begin;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *group = rule_options_find(options, "group");
	struct cgroup_root *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (!group)
		return 0;
	size_t length = strlen(group->value);
	if (group->value[0] != '/' || length < 2 || length >= sizeof(config->group) ||
		group->value[length - 1] == '/' || strpbrk(group->value, "\\ \t"))
		return rule_option_error(error, options, group,
			"\"%s\" is not the path of a control group, such as /outer", group->value);
	strcpy(config->group, group->value);
	return 0;
}

static int prepare(const void *config, struct fakeprocsys *tree)
{
	cleanup_close int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t length;
	cleanup_free char *mountinfo = fd < 0 ? NULL : edited_file_read(fd, &length);

	if (!mountinfo || !cgroup_mounts_begin(mountinfo, mounts_begin, sizeof(mounts_begin)))
		*mounts_begin = '\0';
	return 0;
}

static const char *const known_names[] = { "cgroup", "mountinfo", NULL };

static bool ends_in(const char *path, const char *end)
{
	size_t length = strlen(path), n = strlen(end);

	return length >= n && strcmp(path + length - n, end) == 0;
}

static bool is_mountinfo(const char *path)
{
	return ends_in(path, "/mountinfo");
}

static bool is_text(const char *path)
{
	return is_mountinfo(path) || (ends_in(path, "/cgroup") && !ends_in(path, "/ns/cgroup"));
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;

	if (!*outer_group(config) || !stop_path_args(stop) ||
		stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) || !is_text(path))
		return VERDICT_NEXT;
	return edited_file_enter(stop, path);
}

/* Where the group is in a line, its length in *ret_length; NULL: none. "ID:CONTROLLERS:GROUP" in /proc/PID/cgroup. */
static const char *group_of(const char *line, bool of_mountinfo, size_t *ret_length)
{
	const char *group = line;

	if (of_mountinfo)
		return cgroup_mounts_root(line, &group, ret_length) ? group : NULL;
	for (int i = 0; i < 2; i++) {
		group += strcspn(group, ":\n");
		if (*group++ != ':')
			return NULL;
	}
	*ret_length = strcspn(group, "\n");
	return group;
}

/* Whether something was taken off. */
static bool put_line(
	FILE *out, const char *line, size_t length, const char *outer, bool of_mountinfo)
{
	size_t n, off = strlen(outer);
	const char *group = group_of(line, of_mountinfo, &n);

	if (!group || !cgroup_mounts_is_below(group, n, outer)) {
		fwrite(line, 1, length, out);
		return false;
	}
	const char *rest = group + off;
	fwrite(line, 1, (size_t)(group - line), out);
	fprintf(out, "%s", n == off ? "/" : "");
	fwrite(rest, 1, (size_t)(line + length - rest), out);
	return true;
}

static bool shows_more(struct stop *stop, const char *outer)
{
	const char *at_hand = edited_file_mountinfo(stop);

	if (at_hand)
		return cgroup_mounts_show_more(at_hand, outer);
	cleanup_close int fd = stop_open_proc(stop, "mountinfo", O_RDONLY);
	size_t length;
	cleanup_free char *mountinfo = fd < 0 ? NULL : edited_file_read(fd, &length);

	return !mountinfo || cgroup_mounts_show_more(mountinfo, outer);
}

static char *edit(struct stop *stop, const void *config, const char *path, const char *text,
	size_t length, size_t *ret_length)
{
	const char *outer = outer_group(config);
	bool of_mountinfo = is_mountinfo(path), is_changed = false;
	char *edited = NULL;
	size_t size;

	if (!*outer || !is_text(path) || shows_more(stop, outer))
		return NULL;
	FILE *out = open_memstream(&edited, &size);
	if (!out)
		return NULL;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		n += line[n] == '\n';
		is_changed |= put_line(out, line, n, outer, of_mountinfo);
		line += n;
	}
	if (fclose(out) || !is_changed) {
		free(edited);
		return NULL;
	}
	*ret_length = size;
	return edited;
}

static const struct option_spec options[] = {
	{ "group", "the group that is to be the root (default: the one that all mounts begin at)",
		false },
	{ NULL, NULL, false },
};

const struct emulation emulation_cgroup_root = {
	.name = "cgroup-root",
	.summary =
		"name control groups as in a cgroup namespace that begins where their mounts begin",
	.default_syscalls = EDITED_FILE_SYSCALLS,
	.default_path = "/proc/**",
	.options = options,
	.parse = parse,
	.prepare = prepare,
	.known_names = known_names,
	.edit = edit,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = edited_file_exit,
};

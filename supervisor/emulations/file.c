/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = file: a file that is missing reads as a value of the rule's. The folders on the way need not be there.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "constants.h"
#include "emulation.h"
#include "fake_file.h"
#include "fake_stat.h"
#include "marker.h"
#include "open_call.h"

struct file_config {
	size_t length;
	char *content; /* with its newline */
	mode_t mode;
	bool always; /* also where the kernel has such a file */
	bool discards; /* may be opened for writing; what is written is lost */
};

static void free_config(void *data)
{
	struct file_config *config = data;

	if (!config)
		return;
	free(config->content);
	free(config);
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct file_config *config = calloc(1, sizeof(*config));
	const struct rule_option *value = rule_options_find(options, "value");
	const struct rule_option *mode = rule_options_find(options, "mode");
	const struct rule_option *writable = rule_options_find(options, "writable");
	const struct rule_option *when = rule_options_find(options, "when");
	uint64_t bits = 0444;

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	int length = asprintf(&config->content, "%s\n", value->value);
	if (length < 0)
		return -ENOMEM;
	config->length = (size_t)length;
	if (mode && (constant_value(mode->value, &bits) || bits > 07777))
		return rule_option_error(
			error, options, mode, "\"%s\" is no mode, such as 0644", mode->value);
	config->mode = (mode_t)bits;
	config->discards = writable && strcmp(writable->value, "discard") == 0;
	if (writable && !config->discards && strcmp(writable->value, "no") != 0)
		return rule_option_error(error, options, writable,
			"\"%s\" is neither discard nor no", writable->value);
	config->always = when && strcmp(when->value, "always") == 0;
	if (when && !config->always && strcmp(when->value, "missing") != 0)
		return rule_option_error(error, options, when,
			"\"%s\" is not a time (known: missing, always)", when->value);
	return 0;
}

/* A descriptor of the nearest folder on the way that is there, in the thread's root; or -errno. */
static int open_nearest(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "root%s", path);
	for (;;) {
		int fd = stop_open_proc(stop, name, O_PATH);
		char *slash = strrchr(name, '/');
		if (fd >= 0 || !slash)
			return fd;
		*slash = '\0';
	}
}

static bool is_there(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "root%s", path);
	cleanup_close int fd = stop_open_proc(stop, name, O_PATH | O_NOFOLLOW);
	return fd >= 0;
}

static enum verdict give(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	return VERDICT_DONE;
}

/* fstatfs(2) of a descriptor of ours: the file system that the file is said to be in. */
static enum verdict give_statfs(struct stop *stop, const char *path, uint64_t address)
{
	struct statfs fs;
	cleanup_close int fd = open_nearest(stop, path);

	if (fd < 0 || fstatfs(fd, &fs))
		return VERDICT_NEXT;
	return give(stop, stop_write(stop, address, &fs, sizeof(fs)));
}

static int check_access(const struct file_config *config, int mode)
{
	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	return (mode & X_OK) || ((mode & W_OK) && !config->discards) ? -EACCES : 0;
}

static enum verdict by_path(struct stop *stop, const struct file_config *config, const char *path)
{
	const struct sysctl_node node = { .kind = SYSCTL_FILE, .mode = config->mode };
	cleanup_close int near = open_nearest(stop, path);
	struct stat st;

	if (near < 0 || fstat(near, &st))
		return VERDICT_NEXT;
	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
		return give(stop, fake_stat(stop, path, &node, st.st_dev, stop_asked(stop, 1)));
	case SYS_newfstatat:
		return give(stop, fake_stat(stop, path, &node, st.st_dev, stop_asked(stop, 2)));
	case SYS_statx:
		return give(stop, fake_statx(stop, path, &node, st.st_dev, stop_asked(stop, 4)));
	case SYS_statfs:
		return give_statfs(stop, path, stop_asked(stop, 1));
	case SYS_access:
		return give(stop, check_access(config, (int)stop_asked(stop, 1)));
	case SYS_faccessat:
	case SYS_faccessat2:
		return give(stop, check_access(config, (int)stop_asked(stop, 2)));
	case SYS_readlink:
	case SYS_readlinkat:
		return give(stop, -EINVAL);
	default:
		return VERDICT_NEXT;
	}
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct file_config *config = data;
	const char *path;
	uint64_t flags;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) ||
		strlen(path) > MARKER_NAME_MAX)
		return VERDICT_NEXT;
	if (stop_syscall(stop) == SYS_fstatfs)
		return fake_file_is(stop, (int)stop_asked(stop, 0))
			       ? give_statfs(stop, path, stop_asked(stop, 1))
			       : VERDICT_NEXT;
	if (!config->always && is_there(stop, path))
		return VERDICT_NEXT;
	int r = open_call_flags(stop, path, &flags);
	if (r > 0)
		return by_path(stop, config, path);
	if (r == 0)
		r = open_call_check(flags, config->discards);
	return r ? give(stop, r) : open_call_to_memfd(stop, path, flags, false);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct file_config *config = data;

	if (stop_result(stop) < 0)
		return EXIT_DONE;
	cleanup_close int memfd = fake_file_open(stop, (int)stop_result(stop));
	if (memfd < 0)
		return EXIT_DONE;
	if (pwrite(memfd, config->content, config->length, 0) != (ssize_t)config->length)
		stop_note(stop, "no content");
	fchmod(memfd, config->mode);
	if (!config->discards)
		fcntl(memfd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "value", "what the file reads, without its newline", true },
	{ "mode", "its permission bits (default 0444)", false },
	{ "writable", "no (default), or discard: what is written is lost", false },
	{ "when", "missing (default: the kernel has no such file), always", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_file = {
	.name = "file",
	.summary = "give a missing file with the rule's value",
	.default_syscalls =
		"open,openat,openat2,creat,stat,lstat,newfstatat,statx,statfs,fstatfs,access,"
		"faccessat,faccessat2,readlink,readlinkat",
	.makes_files = true,
	.needs_path = true,
	.options = options,
	.parse = parse,
	.free_config = free_config,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

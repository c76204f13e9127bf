/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = redirect: what lies at the rule's path is taken from another place. `path = /proc/sys/` with two stars
 * behind it and `to = /tree` makes /proc/sys/kernel/panic /tree/kernel/panic, in every call that takes a path,
 * and in both paths of a call that takes two. What readlink(2) and getcwd(2) then say is what was asked for, and a ".." leads
 * from /proc/sys to /proc: a text with one is sent as the path that it means.
 */
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "fake_openat2.h"
#include "open_how.h"
#include "path.h"

struct redirect_config {
	bool is_folder; /* with all below */
	size_t from_length, to_length;
	char *from, *to; /* without a slash at the end */
};

static void free_config(void *data)
{
	struct redirect_config *config = data;

	if (!config)
		return;
	free(config->from);
	free(config->to);
	free(config);
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *to = rule_options_find(options, "to");
	struct redirect_config *config = calloc(1, sizeof(*config));
	size_t length = strlen(options->path);

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	config->is_folder = length > 3 && strcmp(options->path + length - 3, "/**") == 0;
	if (config->is_folder)
		length -= 3;
	config->from = strndup(options->path, length);
	config->to = strdup(to->value);
	if (!config->from || !config->to)
		return -ENOMEM;
	if (strpbrk(config->from, "*?[\\"))
		return rule_path_error(error, options,
			"the path of do = redirect is one path, or a folder and "
			"\"/**\"; "
			"\"%s\" has another wildcard",
			options->path);
	if (config->to[0] != '/')
		return rule_option_error(
			error, options, to, "\"%s\" is not an absolute path", config->to);
	config->from_length = length;
	config->to_length = strlen(config->to);
	while (config->to_length > 1 && config->to[config->to_length - 1] == '/')
		config->to[--config->to_length] = '\0';
	return 0;
}

/* Exchanges the folder that a path lies in, or is. False: it lies elsewhere, or becomes too long. */
static bool exchange(const char *path, const char *folder, size_t folder_length, const char *other,
	char ret_path[PATH_MAX])
{
	if (strncmp(path, folder, folder_length) != 0 ||
		(path[folder_length] != '\0' && path[folder_length] != '/'))
		return false;
	return snprintf(ret_path, PATH_MAX, "%s%s", other, path + folder_length) < PATH_MAX;
}

static bool reverse(const void *data, char *path)
{
	const struct redirect_config *config = data;
	char asked[PATH_MAX];

	if (!exchange(path, config->to, config->to_length, config->from, asked))
		return false;
	strcpy(path, asked);
	return true;
}

static bool lead(const void *data, const char *path, char *ret_path)
{
	const struct redirect_config *config = data;

	return (config->is_folder || strcmp(path, config->from) == 0) &&
	       exchange(path, config->from, config->from_length, config->to, ret_path);
}

/*
 * What openat2(2) forbids on the way to path is judged here, and the way to the other place is free: that begins at the root,
 * and may be on another mount. 0, or -errno: the call's result, or stop_push()'s.
 */
static int free_way(struct stop *stop, const char *path)
{
	struct open_how how;
	uint64_t flags, address;
	int r = fake_openat2_flags(stop, path, &flags);

	if (r == 0)
		r = open_how_read(stop, &how);
	if (r)
		return r;
	how.resolve &= ~(uint64_t)(RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV);
	r = stop_push(stop, &how, sizeof(how), &address);
	if (r)
		return r;
	stop_send_arg(stop, 2, address);
	stop_send_arg(stop, 3, sizeof(how));
	return 0;
}

/*
 * Where the way leads on out of the folder, to path, what openat2(2) forbids is the kernel's to judge, if it begins where the program
 * said. False: that is in the folder.
 */
static bool begins_at_base(struct stop *stop, const struct redirect_config *config, int arg,
	const char *path, char ret_text[PATH_MAX])
{
	char base[PATH_MAX];

	if (stop_path_base(stop, arg, base) || path_is_below(base, config->from) ||
		!path_is_below(path, base))
		return false;
	return snprintf(ret_text, PATH_MAX, ".%s", path + (base[1] ? strlen(base) : 0)) < PATH_MAX;
}

/* What can only name a folder is to stay so: a text that ends in a slash, in "." or in "..". */
static const char *ending(struct stop *stop, int arg)
{
	size_t length;
	const char *last = path_last_name(stop_path_text(stop, arg), &length);

	if (path_is_name(last, length, ".") || path_is_name(last, length, ".."))
		return "/.";
	return stop_path_is_folder(stop, arg) ? "/" : "";
}

static bool names_all(const void *data)
{
	return ((const struct redirect_config *)data)->is_folder;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct redirect_config *config = data;
	char other[PATH_MAX + 2];
	const char *path;
	uint64_t address;

	for (int arg = 0; arg < SYSCALL_ARGS; arg++) {
		if (!(stop_path_args(stop) & (1U << arg)) || stop_info(stop)->args[arg] != ARG_PATH)
			continue;
		/* An empty path with AT_EMPTY_PATH: the descriptor is where it is already. */
		if (stop_path(stop, arg, &path) || stop_path_is_empty(stop, arg))
			continue;
		bool leaves = !path_is_below(path, config->from),
		     is_openat2 = stop_syscall(stop) == SYS_openat2;
		if (leaves && is_openat2 && begins_at_base(stop, config, arg, path, other))
			is_openat2 = false;
		else if (leaves)
			strcpy(other, path);
		else if (!exchange(path, config->from, config->from_length, config->to, other))
			continue;
		strcat(other, ending(stop, arg));
		int r = is_openat2 ? free_way(stop, path) : 0;
		if (r == 0)
			r = stop_push(stop, other, strlen(other) + 1, &address);
		if (r == -EAGAIN)
			return VERDICT_AGAIN;
		if (r) {
			stop_set_result(stop, r);
			return VERDICT_DONE;
		}
		stop_send_arg(stop, arg, address);
	}
	return VERDICT_WATCH;
}

/* Where the call has put a path, and how long it may be; false for another call. */
static bool given_path(struct stop *stop, uint64_t *ret_address, uint64_t *ret_size)
{
	int arg;

	switch (stop_syscall(stop)) {
	case SYS_getcwd:
		arg = 0;
		break;
	case SYS_readlink:
		arg = 1;
		break;
	case SYS_readlinkat:
		arg = 2;
		break;
	default:
		return false;
	}
	*ret_address = stop_asked(stop, arg);
	*ret_size = stop_asked(stop, arg + 1);
	return true;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct redirect_config *config = data;
	char given[PATH_MAX], asked[PATH_MAX];
	uint64_t address, size;
	int64_t result = stop_result(stop);

	if (result <= 0 || !given_path(stop, &address, &size) || result >= PATH_MAX ||
		stop_read(stop, address, given, (size_t)result))
		return EXIT_DONE;
	given[result] = '\0';
	if (!exchange(given, config->to, config->to_length, config->from, asked))
		return EXIT_DONE;
	/* getcwd(2) counts the NUL, and fails rather than cutting; readlink(2) does neither. */
	bool is_cwd = stop_syscall(stop) == SYS_getcwd;
	size_t length = strlen(asked) + is_cwd;
	if (is_cwd && length > size) {
		stop_set_result(stop, -ERANGE);
		return EXIT_DONE;
	}
	length = MIN(length, size);
	stop_set_result(stop, stop_write(stop, address, asked, length) ? -EFAULT : (int64_t)length);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "to", "the absolute path of the file or folder that is used instead", true },
	{ NULL, NULL, false },
};

const struct emulation emulation_redirect = {
	.name = "redirect",
	.summary = "take a file, or all below a folder, from another place",
	.default_syscalls = "%file",
	.needs_path = true,
	.options = options,
	.parse = parse,
	.free_config = free_config,
	.names_all = names_all,
	.reverse = reverse,
	.lead = lead,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

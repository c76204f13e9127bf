/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = file: a file that is missing reads as a value of the rule's. The folders on the way need not be there.
 */
#include <stdio.h>
#include <sys/syscall.h>

#include "constants.h"
#include "emulation.h"
#include "given_file.h"

struct file_config {
	size_t length;
	char *content; /* with its newline */
	struct given_file file;
	bool always; /* also where the kernel has such a file */
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
	if (mode && mode_value(mode->value, &bits))
		return rule_option_error(
			error, options, mode, "\"%s\" is not a mode, such as 0644", mode->value);
	config->file.mode = (mode_t)bits;
	config->file.discards = writable && strcmp(writable->value, "discard") == 0;
	if (writable && !config->file.discards && strcmp(writable->value, "no") != 0)
		return rule_option_error(error, options, writable,
			"\"%s\" is neither discard nor no", writable->value);
	config->always = when && strcmp(when->value, "always") == 0;
	if (when && !config->always && strcmp(when->value, "missing") != 0)
		return rule_option_error(error, options, when,
			"unknown \"%s\" (known: missing, always)", when->value);
	return 0;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct file_config *config = data;
	const char *path;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return VERDICT_NEXT;
	if (stop_syscall(stop) != SYS_fstatfs && !config->always && given_file_is_there(stop, path))
		return VERDICT_NEXT;
	return given_file_enter(stop, &config->file, path);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct file_config *config = data;

	return given_file_exit(stop, &config->file, config->content, config->length);
}

static bool keeps_folders(const void *data)
{
	return !((const struct file_config *)data)->always;
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
	.default_syscalls = GIVEN_FILE_SYSCALLS,
	.makes_files = true,
	.needs_path = true,
	.options = options,
	.parse = parse,
	.free_config = free_config,
	.keeps_folders = keeps_folders,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

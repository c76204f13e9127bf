/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = stat: fields of what stat(2), fstat(2), newfstatat(2) and statx(2) report are replaced. */
#include <linux/stat.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "constants.h"
#include "emulation.h"

struct stat_config {
	bool has_inode, has_device, has_mode;
	uint64_t inode, device, mode;
};

static int number(const struct rule_options *options, const char *key, bool *ret_has,
	uint64_t *ret_value, struct rule_error *error)
{
	const struct rule_option *option = rule_options_find(options, key);

	*ret_has = option != NULL;
	if (option && constant_value(option->value, ret_value))
		return rule_option_error(
			error, options, option, "\"%s\" is not a number", option->value);
	return 0;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct stat_config *config = calloc(1, sizeof(*config));
	const struct rule_option *mode = rule_options_find(options, "mode");

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (number(options, "st_ino", &config->has_inode, &config->inode, error) ||
		number(options, "st_dev", &config->has_device, &config->device, error))
		return -EINVAL;
	config->has_mode = mode != NULL;
	if (mode && mode_value(mode->value, &config->mode))
		return rule_option_error(
			error, options, mode, "\"%s\" is not a mode, such as 0644", mode->value);
	if (!config->has_inode && !config->has_device && !config->has_mode)
		return rule_error_at(error, options->file, options->line, 1,
			"rule \"%s\": do = stat changes nothing without st_ino, st_dev or mode",
			options->rule);
	return 0;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	return VERDICT_WATCH;
}

static int patch_stat(struct stop *stop, uint64_t address, const struct stat_config *config)
{
	struct stat st;
	int r = stop_read(stop, address, &st, sizeof(st));

	if (r)
		return r;
	if (config->has_inode)
		st.st_ino = config->inode;
	if (config->has_device)
		st.st_dev = config->device;
	if (config->has_mode)
		st.st_mode = (st.st_mode & S_IFMT) | (mode_t)config->mode;
	return stop_write(stop, address, &st, sizeof(st));
}

static int patch_statx(struct stop *stop, uint64_t address, const struct stat_config *config)
{
	struct statx stx;
	int r = stop_read(stop, address, &stx, sizeof(stx));

	if (r)
		return r;
	if (config->has_inode)
		stx.stx_ino = config->inode;
	if (config->has_device) {
		stx.stx_dev_major = major(config->device);
		stx.stx_dev_minor = minor(config->device);
	}
	if (config->has_mode)
		stx.stx_mode = (uint16_t)((stx.stx_mode & S_IFMT) | config->mode);
	return stop_write(stop, address, &stx, sizeof(stx));
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct stat_config *config = data;
	int r = 0;

	if (stop_result(stop) != 0)
		return EXIT_DONE;
	switch (stop_syscall(stop)) {
	case SYS_stat:
	case SYS_lstat:
	case SYS_fstat:
		r = patch_stat(stop, stop_asked(stop, 1), config);
		break;
	case SYS_newfstatat:
		r = patch_stat(stop, stop_asked(stop, 2), config);
		break;
	case SYS_statx:
		r = patch_statx(stop, stop_asked(stop, 4), config);
		break;
	default:
		return EXIT_DONE;
	}
	if (r == 0 && config->has_inode)
		stop_note(stop, "st_ino %llu", (unsigned long long)config->inode);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "st_ino", "the inode number", false },
	{ "st_dev", "the device number, as st_dev holds it", false },
	{ "mode", "the permission bits; the file's kind stays", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_stat = {
	.name = "stat",
	.summary = "replace fields of what stat and its kin report",
	.default_syscalls = "stat,lstat,fstat,newfstatat,statx",
	.needs_path = true,
	.options = options,
	.parse = parse,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

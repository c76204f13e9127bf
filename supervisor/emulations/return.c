/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = return: the call does not run, or has failed in a certain way; a value or an error is given. */
#include <errno.h>

#include "constants.h"
#include "emulation.h"

/* ERESTARTSYS, include/linux/errno.h: the kernel makes the call again, or says EINTR, as the signal's handler wants it.
 * Only where the kernel was about to handle a signal: a program would see the number otherwise. */
enum { RESTART_AFTER_HANDLER = 512 };

/* The results from -MAX_ERRNO to -1 are errors: include/linux/err.h. */
enum { MAX_ERRNO = 4095 };

struct return_config {
	int64_t result;
	int64_t failed; /* the call is made, and only this result of it, a -errno, is replaced; 0: not made */
};

static int parse_error(const struct rule_options *options, const struct rule_option *option,
	int64_t *ret_result, struct rule_error *error)
{
	int number = errno_number(option->value);
	const char *near = errno_suggest(option->value);

	if (number <= 0)
		return rule_option_error(error, options, option,
			"\"%s\" is not the name of an error, such as %s", option->value,
			near ? near : "ENOSYS");
	*ret_result = -number;
	return 0;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *value = rule_options_find(options, "value");
	const struct rule_option *name = rule_options_find(options, "error");
	const struct rule_option *when = rule_options_find(options, "when");
	struct return_config *config = calloc(1, sizeof(*config));
	uint64_t number;

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (value && name)
		return rule_option_error(
			error, options, name, "\"value\" and \"error\" exclude each other");
	if (when && parse_error(options, when, &config->failed, error))
		return -EINVAL;
	if (name && when && strcmp(name->value, "ERESTARTSYS") == 0) {
		config->result = -RESTART_AFTER_HANDLER;
		return 0;
	}
	if (name)
		return parse_error(options, name, &config->result, error);
	if (!value)
		return rule_error_at(error, options->file, options->line, 1,
			"rule \"%s\": do = return needs \"value\" or \"error\"", options->rule);
	if (constant_value(value->value, &number))
		return rule_option_error(
			error, options, value, "\"%s\" is not a number", value->value);
	config->result = (int64_t)number;
	if (config->result < 0 && config->result >= -MAX_ERRNO)
		return rule_option_error(error, options, value,
			"\"%s\" would be an error: give it as \"error = NAME\", such as %s",
			value->value, errno_name(MIN(-(int)config->result, ENOSYS)));
	return 0;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct return_config *config = data;

	if (config->failed)
		return VERDICT_WATCH;
	stop_set_result(stop, config->result);
	return VERDICT_DONE;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct return_config *config = data;

	if (stop_result(stop) == config->failed)
		stop_set_result(stop, config->result);
	return EXIT_DONE;
}

static int refuses(const void *data)
{
	const struct return_config *config = data;

	return !config->failed && config->result < 0 ? (int)-config->result : 0;
}

static bool keeps_folders(const void *data)
{
	return ((const struct return_config *)data)->failed;
}

static const struct option_spec options[] = {
	{ "value", "the number that the call gives", false },
	{ "error", "the errno that it fails with, such as ENOSYS", false },
	{ "when", "make the call, and give that only where it fails with this errno", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_return = {
	.name = "return",
	.summary = "do not run the call; give a value or an error",
	.options = options,
	.parse = parse,
	.refuses = refuses,
	.keeps_folders = keeps_folders,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

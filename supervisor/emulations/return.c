/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = return: the call does not run; a value or an error is given. */
#include "constants.h"
#include "emulation.h"

struct return_config {
	int64_t result;
};

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *value = rule_options_find(options, "value");
	const struct rule_option *name = rule_options_find(options, "error");
	struct return_config *config = calloc(1, sizeof(*config));
	uint64_t number;

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (value && name)
		return rule_option_error(
			error, options, name, "\"value\" and \"error\" exclude each other");
	if (name) {
		int number_of_name = errno_number(name->value);
		if (number_of_name <= 0)
			return rule_option_error(error, options, name,
				"\"%s\" is not the name of an error, such as ENOSYS", name->value);
		config->result = -number_of_name;
		return 0;
	}
	if (!value)
		return rule_error_at(error, options->file, options->line, 1,
			"rule \"%s\": do = return needs \"value\" or \"error\"", options->rule);
	if (constant_value(value->value, &number))
		return rule_option_error(
			error, options, value, "\"%s\" is not a number", value->value);
	config->result = (int64_t)number;
	return 0;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct return_config *config = data;

	stop_set_result(stop, config->result);
	return VERDICT_DONE;
}

static const struct option_spec options[] = {
	{ "value", "the number that the call gives", false },
	{ "error", "the errno that it fails with, such as ENOSYS", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_return = {
	.name = "return",
	.summary = "do not run the call; give a value or an error",
	.options = options,
	.parse = parse,
	.on_enter = on_enter,
};

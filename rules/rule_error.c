/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "emulation.h"
#include "rules.h"

int rule_error_at(
	struct rule_error *error, const char *file, int line, int column, const char *format, ...)
{
	va_list arguments;

	if (error == NULL)
		return -EINVAL;
	error->file = file;
	error->line = line;
	error->column = column;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

const struct rule_option *rule_options_find(const struct rule_options *options, const char *key)
{
	for (size_t i = 0; i < options->count; i++) {
		if (strcmp(options->items[i].key, key) == 0)
			return &options->items[i];
	}
	return NULL;
}

int rule_option_error(struct rule_error *error, const struct rule_options *options,
	const struct rule_option *option, const char *format, ...)
{
	char text[sizeof(error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return rule_error_at(error, options->file, option->line, option->value_column,
		"rule \"%s\": %s", options->rule, text);
}

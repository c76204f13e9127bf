/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "build.h"
#include "emulation.h"
#include "rules.h"
#include "words.h"

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

static int rule_error_in(struct rule_error *error, const struct rule_options *options, int line,
	int column, const char *format, va_list arguments)
{
	char text[sizeof(error->text)];

	vsnprintf(text, sizeof(text), format, arguments);
	return rule_error_at(
		error, options->file, line, column, "rule \"%s\": %s", options->rule, text);
}

int rule_option_error(struct rule_error *error, const struct rule_options *options,
	const struct rule_option *option, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int r = rule_error_in(
		error, options, option->line, option->value_column, format, arguments);
	va_end(arguments);
	return r;
}

int rule_path_error(
	struct rule_error *error, const struct rule_options *options, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int r = rule_error_in(
		error, options, options->path_line, options->path_column, format, arguments);
	va_end(arguments);
	return r;
}

const char *value_find_comment(const char *value)
{
	for (const char *p = value; (p = strchr(p, '#')); p++)
		if (p > value && word_is_blank(p[-1]))
			return p;
	return NULL;
}

void rule_error_mind_comment(struct rule_error *error, const char *value)
{
	size_t used = error == NULL ? 0 : strlen(error->text);

	if (used > 0 && !strstr(error->text, "comment") && value_find_comment(value))
		snprintf(error->text + used, sizeof(error->text) - used,
			" (\"#\" begins no comment here; \";\" does)");
}

int rule_section_error(struct rule_error *error, const char *file, const struct section *section,
	int line, int column, const char *format, ...)
{
	char text[sizeof(error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return rule_error_at(error, file, line, column, "rule \"%s\": %s", section->name, text);
}

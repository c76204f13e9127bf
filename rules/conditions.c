/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conditions.h"

#include <stdarg.h>
#include <stdio.h>

#include "constants.h"
#include "util.h"
#include "words.h"

static int wrong_at(struct condition_error *ret_wrong, size_t offset, const char *format, ...)
	PRINTF_LIKE(3, 4);

static int wrong_at(struct condition_error *ret_wrong, size_t offset, const char *format, ...)
{
	va_list arguments;

	ret_wrong->offset = offset;
	va_start(arguments, format);
	vsnprintf(ret_wrong->text, sizeof(ret_wrong->text), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The value of text from start to end. */
static int parse_part(uint64_t *ret_value, const char *text, size_t start, size_t end,
	struct condition_error *ret_wrong)
{
	char hint[WORD_HINT_MAX];
	size_t offset, length;
	int r = constant_parse(text + start, end - start, ret_value, &offset, &length);

	if (r == 0)
		return 0;
	offset += start;
	size_t first = strcspn(text + offset, ", \t");
	if (length > 0 && first < length)
		return wrong_at(ret_wrong, offset + first,
			"one value; another one needs a rule of its own");
	if (length == 0)
		return wrong_at(ret_wrong, offset, "a number or a constant is missing");
	if (r == -ERANGE)
		return wrong_at(
			ret_wrong, offset, "%.*s does not fit 64 bits", (int)length, text + offset);
	if (text[offset] >= '0' && text[offset] <= '9')
		return wrong_at(ret_wrong, offset, "\"%.*s\" is not a number%s", (int)length,
			text + offset, text[offset] == '0' ? " (0x is hexadecimal, 0 octal)" : "");
	word_hint(hint, constant_suggest(text + offset, length));
	return wrong_at(ret_wrong, offset, "unknown constant \"%.*s\"%s", (int)length,
		text + offset, hint[0] != '\0' ? hint : " (its number does as well)");
}

static uint64_t whole_mask(uint64_t value)
{
	int64_t number = (int64_t)value;

	return (number >= INT32_MIN && number < 0) || (value > INT32_MAX && value <= UINT32_MAX)
		       ? UINT32_MAX
		       : UINT64_MAX;
}

int condition_parse(
	struct arg_condition *ret_condition, const char *text, struct condition_error *ret_wrong)
{
	const char *ampersand = strchr(text, '&');
	size_t start = ampersand == NULL ? 0 : (size_t)(ampersand + 1 - text);
	uint64_t mask = 0, value;

	if (ampersand != NULL && parse_part(&mask, text, 0, start - 1, ret_wrong) < 0)
		return -EINVAL;
	if (parse_part(&value, text, start, strlen(text), ret_wrong) < 0)
		return -EINVAL;
	if (ampersand == NULL)
		mask = whole_mask(value);
	else if ((value & ~mask) != 0)
		return wrong_at(ret_wrong, start,
			"never holds: the value has bits that are not in the mask");
	ret_condition->mask = mask;
	ret_condition->value = value & mask;
	return 0;
}

unsigned conditions_arg_mask(long nr, enum arg_kind kind)
{
	const struct syscall_info *info = syscall_info(nr);
	unsigned mask = 0;

	for (int arg = 0; info != NULL && arg < SYSCALL_ARGS; arg++) {
		if (info->args[arg] == kind)
			mask |= 1u << arg;
	}
	return mask;
}

bool conditions_any_has_arg(const struct syscall_set *set, int arg)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_info *info =
			syscall_set_has(set, nr) ? syscall_info(nr) : NULL;

		if (info != NULL && info->args[arg] != ARG_NONE)
			return true;
	}
	return false;
}

bool conditions_any_has_path(const struct syscall_set *set)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (syscall_set_has(set, nr) && (conditions_arg_mask(nr, ARG_PATH) != 0 ||
							conditions_arg_mask(nr, ARG_FD) != 0))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words.h"

#include <stdio.h>
#include <string.h>

bool word_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool word_is_name_byte(char c)
{
	/* ASCII whatever the locale. */
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

const char *word_hint(char ret_hint[WORD_HINT_MAX], const char *nearest)
{
	ret_hint[0] = '\0';
	if (nearest != NULL)
		snprintf(ret_hint, WORD_HINT_MAX, ". Did you mean \"%s\"?", nearest);
	return ret_hint;
}

void word_list_add(char list[WORD_LIST_MAX], const char *name)
{
	const char *comma = list[0] == '\0' ? "" : ", ";
	size_t length = strlen(list), needed = strlen(comma) + strlen(name);

	if (length + needed + sizeof(", ...") <= WORD_LIST_MAX)
		snprintf(list + length, WORD_LIST_MAX - length, "%s%s", comma, name);
	else if (length < 3 || strcmp(list + length - 3, "...") != 0)
		snprintf(list + length, WORD_LIST_MAX - length, "%s...", comma);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a file of /proc, as the rules that edit texts have it. */
#include "stop.h"

static const struct rule_set *rules;

void stop_use_rules(const struct rule_set *with)
{
	rules = with;
}

bool stop_edits_text(struct stop *stop, const char *path)
{
	size_t cursor = 0;

	return rules_match_text(rules, path, stop_match_program(stop), &cursor);
}

char *stop_edit_text(
	struct stop *stop, const char *path, const char *text, size_t length, size_t *ret_length)
{
	const char *program = stop_match_program(stop);
	const struct rule *rule;
	char *edited = NULL;
	size_t cursor = 0;

	while ((rule = rules_match_text(rules, path, program, &cursor))) {
		char *next = rule->emulation->edit(
			stop, rule->config, path, edited ? edited : text, length, &length);
		if (!next)
			continue;
		free(edited);
		edited = next;
	}
	*ret_length = length;
	return edited;
}

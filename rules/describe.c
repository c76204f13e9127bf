/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe.h"

#include "util.h"

void rules_describe_emulation(FILE *out, const struct emulation *emulation)
{
	const struct option_spec *option;
	int width = 0;

	fprintf(out, "do = %s\n  %s\n\n", emulation->name, emulation->summary);
	fprintf(out, "system calls, unless the rule has \"syscall =\":\n  %s\n",
		emulation->default_syscalls ? emulation->default_syscalls
					    : "every call that takes a path");
	if (emulation->default_path)
		fprintf(out, "\npath, unless the rule has \"path =\":\n  %s\n",
			emulation->default_path);
	if (emulation->needs_path)
		fputs("\nThe rule must have \"path =\".\n", out);
	if (emulation->options == NULL || emulation->options[0].name == NULL) {
		fputs("\nIt has no options of its own.\n", out);
		return;
	}
	fputs("\noptions:\n", out);
	for (option = emulation->options; option->name != NULL; option++)
		width = MAX(width, (int)strlen(option->name));
	for (option = emulation->options; option->name != NULL; option++)
		fprintf(out, "  %-*s  %s%s\n", width, option->name, option->help,
			option->required ? " (required)" : "");
}

void rules_list_emulations(FILE *out, const struct emulation *const *table)
{
	int width = 0;

	for (size_t i = 0; table[i] != NULL; i++)
		width = MAX(width, (int)strlen(table[i]->name));
	for (size_t i = 0; table[i] != NULL; i++)
		fprintf(out, "  %-*s  %s\n", width, table[i]->name, table[i]->summary);
}

void rules_list(FILE *out, const struct rule_set *set)
{
	int name_width = (int)strlen("RULE"), do_width = (int)strlen("DO");

	for (size_t i = 0; i < set->n_rules; i++) {
		name_width = MAX(name_width, (int)strlen(set->rules[i]->name));
		do_width = MAX(do_width, (int)strlen(set->rules[i]->emulation->name));
	}
	if (set->summary != NULL)
		fprintf(out, "%s\n\n", set->summary);
	fprintf(out, "%-*s  %-10s  %-*s  %s\n", name_width, "RULE", "STATE", do_width, "DO",
		"NEEDS");
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];

		fprintf(out, "%-*s  %-10s  %-*s  %s\n", name_width, rule->name,
			rule->armed     ? "armed"
			: rule->enabled ? "not needed"
					: "off",
			do_width, rule->emulation->name, rule->needs ? rule->needs : "-");
		if (rule->why != NULL)
			fprintf(out, "    %s\n", rule->why);
	}
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hot path: nothing here allocates, and what is dear to ask is asked last. */
#include "rules.h"

static bool conditions_hold(const struct rule *rule, const uint64_t *args)
{
	for (const struct arg_condition *condition = rule->conditions; condition->arg >= 0;
		condition++) {
		if ((args[condition->arg] & condition->mask) != condition->value)
			return false;
	}
	return true;
}

bool rules_program_matches(const struct path_glob *glob, const char *program)
{
	size_t length;

	if (path_glob_text(glob)[0] != '/')
		program = path_last_name(program, &length);
	return path_glob_match(glob, program);
}

bool rule_is_in_proc(const struct rule *rule)
{
	return strncmp(path_glob_text(rule->path), "/proc/", 6) == 0;
}

static bool names_last(const struct rule *rule, const char *name, size_t length)
{
	size_t own_length;
	const char *own = path_last_name(path_glob_text(rule->path), &own_length);

	if (rule->emulation->known_names)
		return emulation_knows_name(rule->emulation, name, length);
	if (rule->emulation->names)
		return rule->emulation->names(name, length);
	return length == own_length && strncmp(own, name, length) == 0;
}

bool rule_names(const struct rule *rule, const char *text)
{
	size_t length;
	const char *last = path_last_name(text, &length);

	if (rule->emulation->names_all && rule->emulation->names_all(rule->config))
		return true;
	return names_last(rule, last, length) &&
	       !(rule_is_in_proc(rule) && path_is_fs_cgroup(text));
}

static bool is_path(uint8_t kind)
{
	return kind == ARG_PATH || kind == ARG_FD || kind == ARG_CWD_OUT;
}

static bool has_path(const struct syscall_info *info)
{
	for (int arg = 0; arg < SYSCALL_ARGS; arg++)
		if (is_path(info->args[arg]))
			return true;
	return false;
}

static unsigned matching_args(
	const struct rule *rule, const struct match_query *query, const struct syscall_info *info)
{
	unsigned mask = 0;

	for (int arg = 0; arg < SYSCALL_ARGS; arg++) {
		const char *path;

		if (!is_path(info->args[arg]))
			continue;
		path = query->path(query->data, arg, rule);
		if (path != NULL && path_glob_match(rule->path, path))
			mask |= 1u << arg;
	}
	return mask;
}

const struct rule *rules_match(const struct rule_set *set, const struct match_query *query,
	size_t *cursor, unsigned *ret_path_args)
{
	const struct syscall_info *info = syscall_info(query->nr);
	struct rule *const *rules;

	*ret_path_args = 0;
	if (info == NULL || query->nr >= SYSCALL_MAX)
		return NULL;
	rules = set->by_syscall[query->nr];
	if (rules == NULL)
		return NULL;
	while (rules[*cursor] != NULL) {
		const struct rule *rule = rules[(*cursor)++];
		unsigned path_args = 0;

		if (!conditions_hold(rule, query->args))
			continue;
		if (rule->program != NULL &&
			!rules_program_matches(rule->program, query->program(query->data)))
			continue;
		if (rule->path != NULL && !(rule->emulation->default_path && !has_path(info))) {
			path_args = matching_args(rule, query, info);
			if (path_args == 0)
				continue;
		}
		*ret_path_args = path_args;
		return rule;
	}
	return NULL;
}

const struct rule *rules_match_text(
	const struct rule_set *set, const char *path, const char *program, size_t *cursor)
{
	size_t length;
	const char *name = path_last_name(path, &length);

	while (*cursor < set->n_rules) {
		const struct rule *rule = set->rules[(*cursor)++];
		const struct emulation *emulation = rule->emulation;

		if (!rule->armed || !emulation->edit ||
			!emulation_may_end_in(emulation, name, length))
			continue;
		if (rule->program != NULL && !rules_program_matches(rule->program, program))
			continue;
		if (rule->path == NULL || path_glob_match(rule->path, path))
			return rule;
	}
	return NULL;
}

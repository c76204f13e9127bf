/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build.h"

#include <stdio.h>

#include "conditions.h"
#include "suggest.h"
#include "util.h"
#include "words.h"

struct build {
	const char *file;
	const struct section *section;
	const struct rules_context *context;
	struct rule *rule;
	const struct entry *syscall, *path; /* the rule's, for messages; or NULL */
	bool has_conditions;
	struct rule_error *error;
};

#define FAIL(build, line, column, ...) \
	rule_section_error(            \
		(build)->error, (build)->file, (build)->section, line, column, __VA_ARGS__)
#define FAIL_KEY(build, entry, ...) FAIL(build, (entry)->line, (entry)->key_column, __VA_ARGS__)
#define FAIL_VALUE(build, entry, ...) FAIL(build, (entry)->line, (entry)->value_column, __VA_ARGS__)

int rule_parse_yes_no(bool *ret_yes, const char *file, const struct section *section,
	const struct entry *entry, struct rule_error *error)
{
	bool yes = strcmp(entry->value, "yes") == 0;

	if (!yes && strcmp(entry->value, "no") != 0)
		return rule_section_error(error, file, section, entry->line, entry->value_column,
			"%s: expected yes or no, found \"%s\"", entry->key, entry->value);
	*ret_yes = yes;
	return 0;
}

static int set_why(struct build *build, const struct entry *entry)
{
	build->rule->why = strdup(entry->value);
	return build->rule->why == NULL ? -ENOMEM : 0;
}

static int set_needs(struct build *build, const struct entry *entry)
{
	struct rule_error error = { 0 };
	const char *from = entry->value;
	char *to, *needs;

	needs = build->rule->needs = strdup(entry->value);
	if (needs == NULL)
		return -ENOMEM;
	/* One spelling for one question: "!name argument". */
	for (to = needs; *from != '\0'; from++) {
		bool blank = word_is_blank(*from);

		if (blank && (to == needs || to[-1] == '!' || word_is_blank(to[-1])))
			continue;
		*to++ = blank ? ' ' : *from;
	}
	*to = '\0';
	if (build->context->check_probe == NULL || build->context->check_probe(needs, &error) == 0)
		return 0;
	return FAIL_VALUE(build, entry, "needs: %s", error.text);
}

static int set_enabled(struct build *build, const struct entry *entry)
{
	return rule_parse_yes_no(
		&build->rule->enabled, build->file, build->section, entry, build->error);
}

static int set_stack(struct build *build, const struct entry *entry)
{
	return rule_parse_yes_no(
		&build->rule->stack, build->file, build->section, entry, build->error);
}

static int set_syscall(struct build *build, const struct entry *entry)
{
	size_t offset = 0, length;
	const char *word;
	char hint[WORD_HINT_MAX];

	build->syscall = entry;
	if (syscall_set_parse(&build->rule->syscalls, entry->value, &offset) == 0) {
		/* Of others a rule knows neither the arguments nor what becomes of them. */
		build->rule->syscalls.unknown = false;
		return 0;
	}
	word = entry->value + offset;
	length = syscall_set_word_length(word);
	word_hint(hint, syscall_set_suggest(word, length));
	return FAIL(build, entry->line, entry->value_column + (int)offset,
		"unknown system call \"%.*s\"%s", (int)length, word, hint);
}

/* What stands between a glob and another one, as if it were a list; or NULL. */
static const char *second_glob(const char *text, bool name_allowed)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if ((*p == ',' || word_is_blank(*p)) && (name_allowed || p[1] == '/'))
			return p;
	}
	return NULL;
}

static int set_glob(struct build *build, const struct entry *entry, bool name_allowed,
	struct path_glob **ret_glob)
{
	const char *why, *hash = value_find_comment(entry->value);
	const char *second = second_glob(entry->value, name_allowed);

	/* A name may begin with one, but whoever writes that here means another thing. */
	if (name_allowed && strchr("\"'", entry->value[0]) != NULL)
		return FAIL_VALUE(build, entry,
			"%s: values have no quotes (\"\\%c\" is a %c of the name)", entry->key,
			entry->value[0], entry->value[0]);
	if (hash != NULL)
		return FAIL(build, entry->line, entry->value_column + (int)(hash - entry->value),
			"%s: here \"#\" begins no comment: behind a value that is \";\" (and \"\\#\" "
			"is a \"#\" of the path)",
			entry->key);
	if (second != NULL)
		return FAIL(build, entry->line, entry->value_column + (int)(second - entry->value),
			"%s: one glob; another one needs a rule of its own (\"\\%c\" is a \"%c\" of the "
			"name)",
			entry->key, *second, *second);
	*ret_glob = path_glob_create(entry->value, name_allowed, &why);
	if (*ret_glob != NULL)
		return 0;
	if (why == NULL)
		return -ENOMEM;
	return FAIL_VALUE(build, entry, "%s: \"%s\" can match nothing: %s%s", entry->key,
		entry->value, why, entry->value[0] == '"' ? ", and values have no quotes" : "");
}

static int set_path(struct build *build, const struct entry *entry)
{
	build->path = entry;
	return set_glob(build, entry, false, &build->rule->path);
}

static int set_program(struct build *build, const struct entry *entry)
{
	build->has_conditions = true;
	return set_glob(build, entry, true, &build->rule->program);
}

static int set_argument(struct build *build, const struct entry *entry)
{
	struct arg_condition *condition = build->rule->conditions;
	struct condition_error wrong;

	build->has_conditions = true;
	while (condition->arg >= 0)
		condition++;
	if (condition_parse(condition, entry->value, &wrong) < 0)
		return FAIL(build, entry->line, entry->value_column + (int)wrong.offset, "%s: %s",
			entry->key, wrong.text);
	condition->arg = entry->key[3] - '0';
	condition[1].arg = -1;
	return 0;
}

static int set_do(struct build *build, const struct entry *entry)
{
	return 0; /* Known before all other keys: see find_emulation(). */
}

static const struct {
	const char *key;
	int (*set)(struct build *build, const struct entry *entry);
} common_keys[] = {
	{ "why", set_why },
	{ "needs", set_needs },
	{ "enabled", set_enabled },
	{ "syscall", set_syscall },
	{ "path", set_path },
	{ "program", set_program },
	{ "arg0", set_argument },
	{ "arg1", set_argument },
	{ "arg2", set_argument },
	{ "arg3", set_argument },
	{ "arg4", set_argument },
	{ "arg5", set_argument },
	{ "stack", set_stack },
	{ "do", set_do },
};

static ssize_t common_key(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(common_keys); i++) {
		if (strcmp(common_keys[i].key, key) == 0)
			return (ssize_t)i;
	}
	return -1;
}

static const struct option_spec *find_option(const struct emulation *emulation, const char *key)
{
	const struct option_spec *option = emulation->options;

	while (option != NULL && option->name != NULL && strcmp(option->name, key) != 0)
		option++;
	return option != NULL && option->name != NULL ? option : NULL;
}

/* emulation NULL: not known yet. */
static int unknown_key(
	struct build *build, const struct entry *entry, const struct emulation *emulation)
{
	const struct option_spec *option = emulation == NULL ? NULL : emulation->options;
	char list[WORD_LIST_MAX] = "", hint[WORD_HINT_MAX];
	struct suggestion near;

	suggest_begin(&near, entry->key, strlen(entry->key));
	for (; option != NULL && option->name != NULL; option++) {
		word_list_add(list, option->name);
		suggest_offer(&near, option->name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(common_keys); i++)
		suggest_offer(&near, common_keys[i].key);
	word_list_add(list, "why, needs, enabled, syscall, path, program, arg0 to arg5, stack, do");
	word_hint(hint, near.best);
	if (emulation == NULL)
		return FAIL_KEY(
			build, entry, "unknown key \"%s\" (known: %s)%s", entry->key, list, hint);
	return FAIL_KEY(build, entry, "unknown key \"%s\" for do = %s (known: %s)%s", entry->key,
		emulation->name, list, hint);
}

static int find_emulation(struct build *build)
{
	const struct section *section = build->section;
	const struct entry *entry = section_find(section, "do");
	char list[WORD_LIST_MAX] = "", hint[WORD_HINT_MAX];
	struct suggestion near;

	if (entry == NULL) {
		/* Perhaps it is there, misspelt. */
		for (size_t i = 0; i < section->n_entries; i++) {
			const char *const words[] = { "do", NULL };

			entry = &section->entries[i];
			if (common_key(entry->key) < 0 && suggest_nearest(entry->key, words))
				return unknown_key(build, entry, NULL);
		}
		return FAIL(build, section->line, section->column,
			"no \"do = EMULATION\": a rule says what to do");
	}
	for (const struct emulation *const *emulation = build->context->emulations;
		*emulation != NULL; emulation++) {
		if (strcmp((*emulation)->name, entry->value) == 0) {
			build->rule->emulation = *emulation;
			return 0;
		}
	}
	suggest_begin(&near, entry->value, strlen(entry->value));
	for (const struct emulation *const *emulation = build->context->emulations;
		*emulation != NULL; emulation++) {
		word_list_add(list, (*emulation)->name);
		suggest_offer(&near, (*emulation)->name);
	}
	word_hint(hint, near.best);
	return FAIL_VALUE(
		build, entry, "unknown emulation \"%s\" (known: %s)%s", entry->value, list, hint);
}

/* Fills options with the keys that are the emulation's, and the rule with all others. */
static int set_keys(struct build *build, struct rule_option *options, size_t *ret_count)
{
	const struct section *section = build->section;

	*ret_count = 0;
	for (size_t i = 0; i < section->n_entries; i++) {
		const struct entry *entry = &section->entries[i];
		const struct entry *first = section_find(section, entry->key);
		ssize_t common = common_key(entry->key);
		int r;

		if (first != entry)
			return FAIL_KEY(build, entry, "key \"%s\" a second time (first in line %d)",
				entry->key, first->line);
		if (common >= 0) {
			if (entry->value[0] == '\0')
				return FAIL_VALUE(build, entry, "%s: no value", entry->key);
			r = common_keys[common].set(build, entry);
			if (r < 0)
				return r;
		} else if (find_option(build->rule->emulation, entry->key) != NULL) {
			options[(*ret_count)++] = (struct rule_option){
				.key = entry->key,
				.value = entry->value,
				.line = entry->line,
				.key_column = entry->key_column,
				.value_column = entry->value_column,
			};
		} else {
			return unknown_key(build, entry, build->rule->emulation);
		}
	}
	return 0;
}

static int set_default_syscalls(struct build *build)
{
	const struct emulation *emulation = build->rule->emulation;
	const struct section *section = build->section;
	size_t offset;

	if (emulation->default_syscalls != NULL) {
		if (syscall_set_parse(
			    &build->rule->syscalls, emulation->default_syscalls, &offset) < 0)
			return FAIL(build, section->line, section->column,
				"do = %s has a system call of its own that this build does not "
				"know: %s",
				emulation->name, emulation->default_syscalls + offset);
		return 0;
	}
	if (build->path == NULL && !build->has_conditions)
		return FAIL(build, section->line, section->column,
			"says nothing about when: give syscall, path, program or arg0 to arg5");
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (conditions_arg_mask(nr, ARG_PATH) != 0)
			syscall_set_add(&build->rule->syscalls, nr);
	}
	return 0;
}

/* A rule whose emulation looks at none of its calls would be there for nothing. */
static int check_syscalls(struct build *build)
{
	const struct entry *entry = build->syscall;
	const struct emulation *emulation = build->rule->emulation;
	struct syscall_set own = { 0 };
	size_t offset;

	if (entry == NULL || emulation->default_syscalls == NULL ||
		syscall_set_parse(&own, emulation->default_syscalls, &offset) < 0)
		return 0;
	for (long nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_set_has(&own, nr) && syscall_set_has(&build->rule->syscalls, nr))
			return 0;
	return FAIL_VALUE(build, entry, "do = %s does nothing in these calls (it acts in %s)",
		emulation->name, emulation->default_syscalls);
}

static int set_default_path(struct build *build)
{
	const char *path = build->rule->emulation->default_path, *why;

	if (build->rule->path != NULL || path == NULL)
		return 0;
	build->rule->path = path_glob_create(path, false, &why);
	return build->rule->path ? 0 : -ENOMEM;
}

static int check_arguments(struct build *build)
{
	const struct section *section = build->section;

	for (size_t i = 0; i < section->n_entries; i++) {
		const struct entry *entry = &section->entries[i];
		int arg = strncmp(entry->key, "arg", 3) == 0 && common_key(entry->key) >= 0
				  ? entry->key[3] - '0'
				  : -1;

		if (arg >= 0 && !conditions_any_has_arg(&build->rule->syscalls, arg))
			return FAIL_KEY(
				build, entry, "none of the rule's system calls has an arg%d", arg);
	}
	return 0;
}

static int check_whole(struct build *build, const struct rule_options *options)
{
	const struct emulation *emulation = build->rule->emulation;
	const struct section *section = build->section;

	if (build->syscall == NULL && set_default_syscalls(build) < 0)
		return -EINVAL;
	if (syscall_set_is_empty(&build->rule->syscalls))
		return FAIL_VALUE(build, build->syscall, "syscall: no call is left");
	if (check_syscalls(build) < 0 || check_arguments(build) < 0)
		return -EINVAL;
	if (build->path == NULL && emulation->needs_path)
		return FAIL(build, section->line, section->column, "do = %s needs \"path = GLOB\"",
			emulation->name);
	if (build->path != NULL && !conditions_any_has_path(&build->rule->syscalls))
		return FAIL_VALUE(build, build->path,
			"path: none of the rule's system calls has a path or a descriptor");
	for (const struct option_spec *option = emulation->options;
		option != NULL && option->name != NULL; option++) {
		if (option->required && rule_options_find(options, option->name) == NULL)
			return FAIL(build, section->line, section->column,
				"do = %s needs \"%s = ...\": %s", emulation->name, option->name,
				option->help);
	}
	return 0;
}

static int parse_options(struct build *build, const struct rule_options *options)
{
	struct rule_error error = { 0 };
	int r;

	if (build->rule->emulation->parse == NULL)
		return 0;
	r = build->rule->emulation->parse(options, &build->rule->config, &error);
	if (r >= 0 || r == -ENOMEM)
		return MIN(r, 0);
	if (error.text[0] == '\0')
		return FAIL(build, build->section->line, build->section->column,
			"do = %s refuses its options: %s", build->rule->emulation->name,
			strerror(-r));
	if (build->error != NULL)
		*build->error = error;
	return -EINVAL;
}

int rule_build(struct rule **ret_rule, const char *file, const struct section *section,
	const struct rules_context *context, struct rule_error *error)
{
	cleanup_free struct rule_option *items = calloc(section->n_entries + 1, sizeof(*items));
	struct rule *rule = calloc(1, sizeof(*rule));
	struct build build = {
		.file = file, .section = section, .context = context, .rule = rule, .error = error
	};
	struct rule_options options = {
		.file = file, .rule = section->name, .line = section->line, .items = items
	};
	int r = -ENOMEM;

	if (items == NULL || rule == NULL)
		goto fail;
	rule->name = strdup(section->name);
	if (rule->name == NULL)
		goto fail;
	rule->file = file;
	rule->line = section->line;
	rule->enabled = true;
	rule->conditions[0].arg = -1;
	r = find_emulation(&build);
	if (r == 0)
		r = set_keys(&build, items, &options.count);
	if (r == 0)
		r = set_default_path(&build);
	options.path = rule->path ? path_glob_text(rule->path) : NULL;
	options.path_line = build.path ? build.path->line : section->line;
	options.path_column = build.path ? build.path->value_column : section->column;
	if (r == 0)
		r = check_whole(&build, &options);
	if (r == 0)
		r = parse_options(&build, &options);
	if (r < 0)
		goto fail;
	*ret_rule = rule;
	return 0;
fail:
	for (size_t i = 0; error != NULL && i < section->n_entries; i++)
		if (section->entries[i].line == error->line)
			rule_error_mind_comment(error, section->entries[i].value);
	rule_destroy(rule);
	return r;
}

void rule_destroy(struct rule *rule)
{
	if (rule == NULL)
		return;
	if (rule->config != NULL) {
		if (rule->emulation->free_config != NULL)
			rule->emulation->free_config(rule->config);
		else
			free(rule->config);
	}
	path_glob_destroy(rule->path);
	path_glob_destroy(rule->program);
	free(rule->needs);
	free(rule->why);
	free(rule->name);
	free(rule);
}

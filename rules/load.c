/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load.h"

#include <stdio.h>

#include "build.h"
#include "document.h"
#include "set.h"
#include "source.h"
#include "suggest.h"
#include "words.h"

enum { INCLUDE_DEPTH_MAX = 16 };

/* One text on its way into the set. */
struct load {
	struct rule_set *set;
	const struct rules_context *context;
	struct rule_error *error;
	struct rule_file *file;
	const struct load *outer; /* what includes it, or NULL */
	int depth;
};

static int load_text(struct load *load, const char *text, size_t length);

static void list_profiles(char list[WORD_LIST_MAX])
{
	list[0] = '\0';
	for (const struct profile *profile = profiles; profile->name != NULL; profile++)
		word_list_add(list, profile->name);
}

static const char *nearest_profile(const char *name)
{
	struct suggestion near;
	size_t length = strlen(name);

	if (length > 4 && strcmp(name + length - 4, ".ini") == 0)
		length -= 4;
	suggest_begin(&near, name, length);
	for (const struct profile *profile = profiles; profile->name != NULL; profile++)
		suggest_offer(&near, profile->name);
	return near.best;
}

/* A file that is being read already is a cycle; one that was read is what we have. */
static int check_known(
	const struct rule_file *known, const struct load *outer, struct rule_error *error)
{
	const char *between[INCLUDE_DEPTH_MAX];
	char chain[WORD_LIST_MAX] = "";
	size_t n = 0;

	if (known->loaded)
		return 0;
	for (; outer != NULL && outer->file != known && n < ARRAY_SIZE(between);
		outer = outer->outer)
		between[n++] = outer->file->name;
	if (n == 0)
		return rule_error_at(error, known->name, 0, 0, "includes itself");
	while (n-- > 0)
		word_list_add(chain, between[n]);
	return rule_error_at(error, known->name, 0, 0, "includes itself (by way of: %s)", chain);
}

static int load_profile(struct load *load, const struct profile *profile)
{
	char name[128];
	struct rule_file *known;

	snprintf(name, sizeof(name), SOURCE_BUILT_IN "%s.ini", profile->name);
	known = set_find_file(load->set, name);
	if (known != NULL)
		return check_known(known, load->outer, load->error);
	load->file = set_add_file(load->set, name);
	if (load->file == NULL)
		return -ENOMEM;
	return load_text(load, profile->text, strlen(profile->text));
}

static int load_file(struct load *load, const char *name)
{
	struct source source;
	struct rule_file *known;
	int r;

	/* First of all, since errors borrow the name. */
	load->file = set_add_file(load->set, name);
	if (load->file == NULL)
		return -ENOMEM;
	r = source_read(&source, load->file->name, load->error);
	if (r < 0)
		return r;
	known = source.regular ? set_find_inode(load->set, source.device, source.inode) : NULL;
	if (known != NULL) {
		load->file->loaded = true;
		r = check_known(known, load->outer, load->error);
	} else {
		load->file->regular = source.regular;
		load->file->device = source.device;
		load->file->inode = source.inode;
		r = load_text(load, source.text, source.length);
	}
	source_finish(&source);
	return r;
}

/* The name of an included file: beside the file that includes it, or, from a pipe, in the working
 * directory. Returns NULL when out of memory. */
static char *beside(const struct rule_file *file, const char *name)
{
	const char *slash = strrchr(file->name, '/');
	char *path = NULL;

	if (name[0] == '/' || slash == NULL || !file->regular)
		return strdup(name);
	if (name[0] == '.' && name[1] == '/')
		name += 2;
	return asprintf(&path, "%.*s/%s", (int)(slash - file->name), file->name, name) < 0 ? NULL
											   : path;
}

/* An error in what is included is told at its own place; one of the whole of it where it is included. */
static int include_failed(
	struct load *load, const struct entry *entry, int r, const struct rule_error *inner)
{
	char hint[WORD_HINT_MAX] = "";

	if (r == -ENOMEM || load->error == NULL)
		return r;
	if (inner->line > 0) {
		*load->error = *inner;
		return r;
	}
	if (r == -ENOENT)
		word_hint(hint, nearest_profile(entry->value));
	rule_error_at(load->error, load->file->name, entry->line, entry->value_column,
		"include %s: %s%s", entry->value, inner->text, hint);
	return r;
}

static int include(struct load *load, const struct entry *entry)
{
	const struct profile *profile = source_profile(entry->value);
	struct rule_error inner = { 0 };
	struct load next = {
		.set = load->set,
		.context = load->context,
		.error = &inner,
		.outer = load,
		.depth = load->depth + 1,
	};
	cleanup_free char *name = NULL;
	int r;

	if (entry->value[0] == '\0')
		return rule_error_at(load->error, load->file->name, entry->line,
			entry->value_column, "[profile]: include: no value");
	if (next.depth > INCLUDE_DEPTH_MAX)
		return rule_error_at(load->error, load->file->name, entry->line,
			entry->value_column, "include %s: more than %d files deep", entry->value,
			INCLUDE_DEPTH_MAX);
	if (profile != NULL) {
		r = load_profile(&next, profile);
	} else {
		name = beside(load->file, entry->value);
		if (name == NULL)
			return -ENOMEM;
		r = load_file(&next, name);
	}
	return r < 0 ? include_failed(load, entry, r, &inner) : 0;
}

static int load_profile_section(
	struct load *load, const struct section *section, const char **ret_summary)
{
	static const char *const keys[] = { "summary", "include", NULL };
	const char *file = load->file->name;
	char hint[WORD_HINT_MAX];

	for (size_t i = 0; i < section->n_entries; i++) {
		const struct entry *entry = &section->entries[i];
		int r;

		if (strcmp(entry->key, "include") == 0) {
			r = include(load, entry);
			if (r < 0)
				return r;
		} else if (strcmp(entry->key, "summary") != 0) {
			word_hint(hint, suggest_nearest(entry->key, keys));
			return rule_error_at(load->error, file, entry->line, entry->key_column,
				"[profile]: unknown key \"%s\" (known: summary, include)%s",
				entry->key, hint);
		} else if (*ret_summary != NULL) {
			return rule_error_at(load->error, file, entry->line, entry->key_column,
				"[profile]: key \"summary\" a second time (first in line %d)",
				section_find(section, "summary")->line);
		} else {
			*ret_summary = entry->value;
		}
	}
	return 0;
}

static int load_sysctl_section(struct load *load, const struct section *section)
{
	for (size_t i = 0; i < section->n_entries; i++) {
		const struct entry *entry = &section->entries[i];
		struct sysctl_setting setting = {
			.name = entry->key,
			.value = entry->value,
			.file = load->file->name,
			.line = entry->line,
			.column = entry->value_column,
		};
		struct rule_error error = { 0 };
		int r = 0;

		if (load->context->check_sysctl != NULL)
			r = load->context->check_sysctl(entry->key, entry->value, &error);
		if (r < 0) {
			rule_error_mind_comment(&error, entry->value);
			return rule_error_at(load->error, setting.file, entry->line,
				r == -ENOENT ? entry->key_column : entry->value_column,
				"[sysctl]: %s", error.text);
		}
		r = set_put_sysctl(load->set, &setting);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A section that says nothing but `enabled` and `why` is about a rule read before. */
static bool is_switch(const struct section *section)
{
	for (size_t i = 0; i < section->n_entries; i++) {
		if (strcmp(section->entries[i].key, "enabled") != 0 &&
			strcmp(section->entries[i].key, "why") != 0)
			return false;
	}
	return section_find(section, "enabled") != NULL;
}

/* Who switches a rule may say why, in place of its own reason. entry may be NULL. */
static int replace_why(struct rule *rule, const struct entry *entry)
{
	char *why = entry == NULL ? NULL : strdup(entry->value);

	if (entry == NULL)
		return 0;
	free(rule->why);
	rule->why = why;
	return why == NULL ? -ENOMEM : 0;
}

static int switch_rule(struct load *load, const struct section *section)
{
	const struct entry *entry = section_find(section, "enabled");
	ssize_t place = set_find_rule(load->set, section->name);
	char hint[WORD_HINT_MAX];
	struct suggestion near;

	for (size_t i = 0; i < section->n_entries; i++) {
		const struct entry *again = &section->entries[i];
		const struct entry *first = section_find(section, again->key);
		if (first != again)
			return rule_section_error(load->error, load->file->name, section,
				again->line, again->key_column,
				"key \"%s\" a second time (first in line %d)", again->key,
				first->line);
	}
	if (place >= 0) {
		struct rule *rule = load->set->rules[place];
		int r = rule_parse_yes_no(
			&rule->enabled, load->file->name, section, entry, load->error);
		return r < 0 ? r : replace_why(rule, section_find(section, "why"));
	}
	suggest_begin(&near, section->name, strlen(section->name));
	for (size_t i = 0; i < load->set->n_rules; i++)
		suggest_offer(&near, load->set->rules[i]->name);
	word_hint(hint, near.best);
	return rule_section_error(load->error, load->file->name, section, section->line,
		section->column,
		"no rule of this name was read before, and there is no \"do = EMULATION\"%s", hint);
}

/* Puts the rule in the place of the one of the same name, or behind the file's new ones. */
static int load_rule_section(struct load *load, const struct section *section, size_t *n_new)
{
	ssize_t place;
	struct rule *rule;
	int r;

	if (is_switch(section))
		return switch_rule(load, section);
	r = rule_build(&rule, load->file->name, section, load->context, load->error);
	if (r < 0)
		return r;
	place = set_find_rule(load->set, rule->name);
	if (place >= 0) {
		rule_destroy(load->set->rules[place]);
		load->set->rules[place] = rule;
		return 0;
	}
	r = set_insert_rule(load->set, *n_new, rule);
	if (r < 0)
		rule_destroy(rule);
	else
		(*n_new)++;
	return r;
}

/* What a document may not hold twice, and what must come first. */
static int check_sections(const struct document *document, struct rule_error *error)
{
	for (size_t i = 0; i < document->n_sections; i++) {
		const struct section *section = &document->sections[i];

		if (section->kind == SECTION_PROFILE && i > 0)
			return rule_error_at(error, document->file, section->line, section->column,
				"[profile] is the first section, and there is one at most");
		for (size_t j = 0; section->kind == SECTION_RULE && j < i; j++) {
			const struct section *other = &document->sections[j];

			if (other->kind == SECTION_RULE && strcmp(other->name, section->name) == 0)
				return rule_section_error(error, document->file, section,
					section->line, section->column,
					"a second time in this file (first in line %d)",
					other->line);
		}
	}
	return 0;
}

static int load_sections(struct load *load, const struct document *document)
{
	const char *summary = NULL;
	size_t n_new = 0;
	int r = check_sections(document, load->error);

	for (size_t i = 0; r == 0 && i < document->n_sections; i++) {
		const struct section *section = &document->sections[i];

		switch (section->kind) {
		case SECTION_PROFILE:
			r = load_profile_section(load, section, &summary);
			break;
		case SECTION_SYSCTL:
			r = load_sysctl_section(load, section);
			break;
		case SECTION_RULE:
			r = load_rule_section(load, section, &n_new);
			break;
		}
	}
	if (r == 0 && summary != NULL) {
		free(load->set->summary);
		load->set->summary = strdup(summary);
		r = load->set->summary == NULL ? -ENOMEM : 0;
	}
	return r;
}

static int load_text(struct load *load, const char *text, size_t length)
{
	struct document document;
	int r = document_parse(&document, load->file->name, text, length, load->error);

	if (r == 0)
		r = load_sections(load, &document);
	document_finish(&document);
	load->file->loaded = true;
	return r;
}

int rules_load_text(struct rule_set *set, const char *name, const char *text, size_t length,
	const struct rules_context *context, struct rule_error *error)
{
	struct load load = { .set = set, .context = context, .error = error };

	load.file = set_add_file(set, name);
	return load.file == NULL ? -ENOMEM : load_text(&load, text, length);
}

int rules_load_file(struct rule_set *set, const char *file, const struct rules_context *context,
	struct rule_error *error)
{
	struct load load = { .set = set, .context = context, .error = error };

	return load_file(&load, file);
}

int rules_load_profile(struct rule_set *set, const char *name, const struct rules_context *context,
	struct rule_error *error)
{
	struct load load = { .set = set, .context = context, .error = error };
	const struct profile *profile = source_profile(name);
	char list[WORD_LIST_MAX], hint[WORD_HINT_MAX];

	if (profile != NULL)
		return load_profile(&load, profile);
	list_profiles(list);
	word_hint(hint, nearest_profile(name));
	return rule_error_at(
		error, "command line", 0, 0, "no profile \"%s\" (known: %s)%s", name, list, hint);
}

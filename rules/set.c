/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "set.h"

#include "build.h"
#include "util.h"

struct rule_set *rules_create(void)
{
	return calloc(1, sizeof(struct rule_set));
}

static void free_index(struct rule_set *set)
{
	for (size_t nr = 0; nr < SYSCALL_MAX; nr++) {
		free(set->by_syscall[nr]);
		set->by_syscall[nr] = NULL;
	}
}

void rules_destroy(struct rule_set *set)
{
	if (set == NULL)
		return;
	free_index(set);
	for (size_t i = 0; i < set->n_rules; i++)
		rule_destroy(set->rules[i]);
	for (size_t i = 0; i < set->n_sysctls; i++) {
		free(set->sysctls[i].name);
		free(set->sysctls[i].value);
	}
	for (size_t i = 0; i < set->n_files; i++) {
		free(set->files[i]->name);
		free(set->files[i]);
	}
	free(set->rules);
	free(set->sysctls);
	free(set->files);
	free(set->summary);
	free(set);
}

struct rule_file *set_add_file(struct rule_set *set, const char *name)
{
	struct rule_file **grown = reallocarray(set->files, set->n_files + 1, sizeof(*grown));
	struct rule_file *file;

	if (grown == NULL)
		return NULL;
	set->files = grown;
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->name = strdup(name);
	if (file->name == NULL) {
		free(file);
		return NULL;
	}
	return set->files[set->n_files++] = file;
}

struct rule_file *set_find_file(const struct rule_set *set, const char *name)
{
	for (size_t i = 0; i < set->n_files; i++) {
		if (strcmp(set->files[i]->name, name) == 0)
			return set->files[i];
	}
	return NULL;
}

struct rule_file *set_find_inode(const struct rule_set *set, dev_t device, ino_t inode)
{
	for (size_t i = 0; i < set->n_files; i++) {
		struct rule_file *file = set->files[i];

		if (file->regular && file->device == device && file->inode == inode)
			return file;
	}
	return NULL;
}

ssize_t set_find_rule(const struct rule_set *set, const char *name)
{
	for (size_t i = 0; i < set->n_rules; i++) {
		if (strcmp(set->rules[i]->name, name) == 0)
			return (ssize_t)i;
	}
	return -1;
}

int set_insert_rule(struct rule_set *set, size_t place, struct rule *rule)
{
	struct rule **grown = reallocarray(set->rules, set->n_rules + 1, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	set->rules = grown;
	memmove(grown + place + 1, grown + place, (set->n_rules - place) * sizeof(*grown));
	grown[place] = rule;
	set->n_rules++;
	return 0;
}

int set_put_sysctl(struct rule_set *set, const struct sysctl_setting *setting)
{
	struct sysctl_setting copy = *setting, *grown;
	size_t i;

	grown = reallocarray(set->sysctls, set->n_sysctls + 1, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	set->sysctls = grown;
	copy.name = strdup(setting->name);
	copy.value = strdup(setting->value);
	if (copy.name == NULL || copy.value == NULL) {
		free(copy.name);
		free(copy.value);
		return -ENOMEM;
	}
	/* To the end in any case: another spelling of the name may stand between. */
	for (i = 0; i < set->n_sysctls && strcmp(grown[i].name, copy.name) != 0;)
		i++;
	if (i < set->n_sysctls) {
		free(grown[i].name);
		free(grown[i].value);
		memmove(grown + i, grown + i + 1, (set->n_sysctls - i - 1) * sizeof(*grown));
		set->n_sysctls--;
	}
	grown[set->n_sysctls++] = copy;
	return 0;
}

int rules_add_sysctl(struct rule_set *set, const char *assignment,
	const struct rules_context *context, struct rule_error *error)
{
	static const char place[] = "command line";
	const char *equals = strchr(assignment, '=');
	struct sysctl_setting setting = { .file = place };
	struct rule_error inner = { 0 };
	int r = 0;

	if (equals == NULL || equals == assignment)
		return rule_error_at(error, place, 0, 0, "\"%s\": expected NAME=VALUE", assignment);
	setting.name = strndup(assignment, (size_t)(equals - assignment));
	setting.value = strdup(equals + 1);
	if (setting.name == NULL || setting.value == NULL)
		r = -ENOMEM;
	if (r == 0 && context->check_sysctl != NULL &&
		context->check_sysctl(setting.name, setting.value, &inner) < 0)
		r = rule_error_at(error, place, 0, 0, "%s: %s", assignment, inner.text);
	if (r == 0)
		r = set_put_sysctl(set, &setting);
	free(setting.name);
	free(setting.value);
	return r;
}

/* One question is asked once, however many rules need its answer. */
static int ask(struct rule_set *set, size_t i, int (*holds)(const char *needs, void *data),
	void *data, const signed char *answers)
{
	const char *needs = set->rules[i]->needs;

	if (needs == NULL)
		return 1;
	for (size_t j = 0; j < i; j++) {
		if (answers[j] >= 0 && set->rules[j]->needs != NULL &&
			strcmp(set->rules[j]->needs, needs) == 0)
			return answers[j];
	}
	return holds(needs, data) != 0;
}

static int index_syscall(struct rule_set *set, long nr)
{
	size_t count = 0;

	for (size_t i = 0; i < set->n_rules; i++)
		count += set->rules[i]->armed && syscall_set_has(&set->rules[i]->syscalls, nr);
	if (count == 0)
		return 0;
	set->by_syscall[nr] = calloc(count + 1, sizeof(struct rule *));
	if (set->by_syscall[nr] == NULL)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < set->n_rules; i++) {
		if (set->rules[i]->armed && syscall_set_has(&set->rules[i]->syscalls, nr))
			set->by_syscall[nr][count++] = set->rules[i];
	}
	return 0;
}

int rules_arm(struct rule_set *set, int (*holds)(const char *needs, void *data), void *data)
{
	cleanup_free signed char *answers = malloc(set->n_rules + 1); /* -1: not asked */

	if (answers == NULL)
		return -ENOMEM;
	free_index(set);
	for (size_t i = 0; i < set->n_rules; i++) {
		struct rule *rule = set->rules[i];

		answers[i] = rule->enabled ? (signed char)ask(set, i, holds, data, answers) : -1;
		rule->armed = answers[i] == 1;
	}
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (index_syscall(set, nr) < 0) {
			free_index(set);
			return -ENOMEM;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a rule file: refused with a place and a sentence, or rules that can be armed and matched. */
#include <assert.h>

#include "load.h"
#include "rules_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *path_of(void *data, int arg, const struct rule *rule)
{
	return arg % 2 ? "/proc/sys/kernel/panic" : "/proc";
}

static const char *program_of(void *data)
{
	return "/usr/bin/runc";
}

static int holds(const char *needs, void *data)
{
	return 1;
}

static void check_rules(struct rule_set *set)
{
	static const uint64_t args[SYSCALL_ARGS] = { 1, 2, 4, 8, 0, UINT64_MAX };

	assert(rules_arm(set, holds, NULL) == 0);
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		struct match_query query = { nr, args, NULL, path_of, program_of };
		size_t cursor = 0, before;
		unsigned mask;

		do {
			before = cursor;
		} while (rules_match(set, &query, &cursor, &mask) != NULL && cursor > before);
	}
	for (size_t i = 0; i < set->n_rules; i++) {
		assert(!syscall_set_is_empty(&set->rules[i]->syscalls));
		for (size_t j = 0; j < i; j++)
			assert(strcmp(set->rules[i]->name, set->rules[j]->name) != 0);
	}
}

static void check_error(const struct rule_error *error, const uint8_t *data, size_t size)
{
	int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	assert(error->text[0] != '\0' && strchr(error->text, '\n') == NULL);
	assert(error->file != NULL);
	assert(error->line >= 1 && error->line <= lines);
	assert(error->column >= 1 && (size_t)error->column <= size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rule_error error = { 0 };
	struct rule_set *set;
	int r;

	/* Other files are not what is tested here, and some would wait for input. */
	if (memmem(data, size, "/", 1) != NULL && memmem(data, size, "include", 7) != NULL)
		return 0;
	set = rules_create();
	assert(set != NULL);
	r = rules_load_text(set, "fuzz.ini", (const char *)data, size, &fixture_context, &error);
	if (r == 0)
		check_rules(set);
	else
		check_error(&error, data, size);
	rules_destroy(set);
	return 0;
}

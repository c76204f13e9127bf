/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor gvtrace_rules gvtrace_emulations gvtrace_probes gvtrace_fakeprocsys */
/* docs/rules.md against the emulations' descriptors, and the shipped profile against all real tables. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fakeprocsys.h"
#include "launch.h"
#include "load.h"
#include "probe.h"
#include "rules.h"

static int check_probe(const char *needs, struct rule_error *error)
{
	const char *wrong = probe_check(needs);

	snprintf(error->text, sizeof(error->text), "%s", wrong ? wrong : "");
	return wrong ? -EINVAL : 0;
}

static int check_sysctl(const char *name, const char *value, struct rule_error *error)
{
	snprintf(error->text, sizeof(error->text), "%s", name);
	return fakeprocsys_set_first(NULL, name, value, NULL, NULL);
}

static const struct rules_context context = { emulations, check_probe, check_sysctl };

static char *reference;

static int read_reference(void **state)
{
	FILE *file = fopen(TEST_SOURCE_DIR "/docs/rules.md", "r");
	size_t size = 0;

	/* The library that the emulations' own calls are in; named so that it is linked. */
	assert_non_null(launch);
	return file == NULL || getdelim(&reference, &size, '\0', file) < 0 || fclose(file) != 0;
}

static int free_reference(void **state)
{
	free(reference);
	return 0;
}

/* The text of "### do = NAME", to the next heading; the caller's. */
static char *section_of(const char *name)
{
	char heading[64];
	const char *start, *end;

	snprintf(heading, sizeof(heading), "\n### do = %s\n", name);
	start = strstr(reference, heading);
	if (start == NULL)
		fail_msg("docs/rules.md has no section \"do = %s\"", name);
	start += strlen(heading);
	end = strstr(start, "\n##");
	return strndup(start, end ? (size_t)(end - start) : strlen(start));
}

static void assert_holds(const char *section, const char *text, const char *name)
{
	if (strcasestr(section, text) == NULL)
		fail_msg("docs/rules.md, do = %s: not said: %s", name, text);
}

static void test_each_emulation_is_described(void **state)
{
	for (const struct emulation *const *e = emulations; *e != NULL; e++) {
		char *section = section_of((*e)->name), *row = section, text[400];
		const struct option_spec *option = (*e)->options;
		size_t options = 0, rows = 0;

		assert_holds(section, (*e)->summary, (*e)->name);
		if ((*e)->default_syscalls != NULL) {
			snprintf(
				text, sizeof(text), "Default calls: `%s`.", (*e)->default_syscalls);
			assert_holds(section, text, (*e)->name);
		} else {
			assert_null(strstr(section, "Default calls:"));
		}
		assert_int_equal(
			strstr(section, "It must have a `path`.") != NULL, (*e)->needs_path);
		snprintf(text, sizeof(text), "Default path: `%s`.",
			(*e)->default_path ? (*e)->default_path : "");
		assert_int_equal(strstr(section, text) != NULL, (*e)->default_path != NULL);
		for (; option != NULL && option->name != NULL; option++, options++) {
			snprintf(text, sizeof(text), "\n| `%s` | %s%s |\n", option->name,
				option->help, option->required ? " (required)" : "");
			assert_holds(section, text, (*e)->name);
		}
		while ((row = strstr(row, "\n| `")) != NULL) {
			rows++;
			row++;
		}
		assert_int_equal(rows, options);
		assert_int_equal(strstr(section, "It has no options.") != NULL, options == 0);
		free(section);
	}
}

static void test_nothing_else_is_described(void **state)
{
	static const char heading[] = "\n### do = ";
	const char *at = reference;
	size_t described = 0, known = 0;

	while ((at = strstr(at, heading)) != NULL) {
		at += strlen(heading);
		described++;
	}
	while (emulations[known] != NULL)
		known++;
	assert_int_equal(described, known);
}

/* The blocks marked as ini are rule files without an error. */
static void test_examples(void **state)
{
	const char *at = reference;
	size_t examples = 0;

	while ((at = strstr(at, "\n```ini\n")) != NULL) {
		const char *start = at + strlen("\n```ini\n"), *end = strstr(start, "```");
		struct rule_set *set = rules_create();
		struct rule_error error = { 0 };

		assert_non_null(end);
		if (rules_load_text(
			    set, "example", start, (size_t)(end - start), &context, &error) < 0)
			fail_msg("example %zu:%d:%d: %s", examples, error.line, error.column,
				error.text);
		assert_true(set->n_rules > 0);
		rules_destroy(set);
		examples++;
		at = end;
	}
	assert_true(examples >= 2);
}

static void test_each_profile_loads(void **state)
{
	assert_non_null(profiles[0].name);
	for (const struct profile *profile = profiles; profile->name != NULL; profile++) {
		struct rule_set *set = rules_create();
		struct rule_error error = { 0 };

		if (rules_load_profile(set, profile->name, &context, &error) < 0)
			fail_msg("%s:%d:%d: %s", error.file, error.line, error.column, error.text);
		for (size_t i = 0; i < set->n_rules; i++)
			assert_non_null(set->rules[i]->why);
		assert_non_null(set->summary);
		rules_destroy(set);
	}
}

/* What a descriptor says must be true: the calls are known, each option is taken, and with a word of why
 * a wrong one is refused at its place. */
static void test_descriptors(void **state)
{
	for (const struct emulation *const *e = emulations; *e != NULL; e++) {
		struct syscall_set set;
		size_t offset;

		if ((*e)->default_syscalls != NULL)
			assert_int_equal(
				syscall_set_parse(&set, (*e)->default_syscalls, &offset), 0);
		assert_non_null((*e)->on_enter);
		assert_non_null((*e)->summary);
		assert_true(islower((unsigned char)(*e)->summary[0]));
		for (const struct option_spec *option = (*e)->options;
			option != NULL && option->name != NULL; option++)
			assert_non_null(option->help);
	}
}

static void test_wrong_options(void **state)
{
	static const struct {
		const char *keys;
		int line; /* of the error, in a file whose section is line 1 and whose syscall and path line 2, 3 */
	} rows[] = {
		{ "do = fake\nwhen = never\n", 5 },
		{ "do = fake\nexact = maybe\n", 5 },
		{ "do = return\n", 1 },
		{ "do = return\nerror = ENOTHING\n", 5 },
		{ "do = return\nvalue = many\n", 5 },
		{ "do = return\nvalue = 1\nerror = EPERM\n", 6 },
		{ "do = namespace\nkind = mnt\n", 5 },
		{ "do = redirect\nto = tree\n", 5 },
		{ "do = stat\n", 1 },
		{ "do = stat\nst_ino = one\n", 5 },
		{ "do = mount-options\n", 1 },
		{ "do = mount-options\nclear-flags = MS_NOTHING\n", 5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[200];
		struct rule_set *set = rules_create();
		struct rule_error error = { 0 };

		snprintf(text, sizeof(text), "[rule r]\nsyscall = stat mount\npath = /proc\n%s",
			rows[i].keys);
		assert_int_equal(
			rules_load_text(set, "x", text, strlen(text), &context, &error), -EINVAL);
		if (error.line != rows[i].line || strncmp(error.text, "rule \"r\": ", 10) != 0)
			fail_msg("%s:%d: %s", rows[i].keys, error.line, error.text);
		rules_destroy(set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_emulation_is_described),
		cmocka_unit_test(test_nothing_else_is_described),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_each_profile_loads),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_wrong_options),
	};

	return cmocka_run_group_tests(tests, read_reference, free_reference);
}

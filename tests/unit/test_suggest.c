/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_util */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suggest.h"
#include "util.h"

static size_t distance(const char *a, const char *b, size_t limit)
{
	return suggest_distance(a, strlen(a), b, strlen(b), limit);
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t expected;
	} rows[] = {
		{ "", "", 0 },
		{ "a", "", 1 },
		{ "", "abc", 3 },
		{ "value", "value", 0 },
		{ "valeu", "value", 1 }, /* a swap */
		{ "valu", "value", 1 },
		{ "vallue", "value", 1 },
		{ "velue", "value", 1 },
		{ "abcdef", "badcfe", 3 },
		{ "ca", "abc", 3 },
		{ "kitten", "sitting", 3 },
		{ "ENOENT", "enoent", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(distance(rows[i].a, rows[i].b, 10), rows[i].expected);
		assert_int_equal(distance(rows[i].b, rows[i].a, 10), rows[i].expected);
		/* A limit changes nothing below it, and cuts above it. */
		assert_int_equal(
			distance(rows[i].a, rows[i].b, rows[i].expected), rows[i].expected);
		if (rows[i].expected > 0)
			assert_int_equal(distance(rows[i].a, rows[i].b, rows[i].expected - 1),
				rows[i].expected);
	}
}

static void test_long_words(void **state)
{
	char word[SUGGEST_WORD_MAX + 2];

	memset(word, 'a', sizeof(word));
	assert_int_equal(suggest_distance(word, SUGGEST_WORD_MAX, word, SUGGEST_WORD_MAX, 3), 0);
	assert_int_equal(
		suggest_distance(word, SUGGEST_WORD_MAX + 1, word, SUGGEST_WORD_MAX, 3), 4);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "stat", "statfs", "return", "redirect", "do", NULL };
	static const struct {
		const char *word, *expected;
	} rows[] = {
		{ "stats", "stat" },
		{ "statsf", "statfs" },
		{ "retrun", "return" },
		{ "STAT", "stat" },
		{ "od", "do" },
		{ "fo", "do" },
		{ "x", NULL },
		{ "", NULL },
		{ "unlike", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *nearest = suggest_nearest(rows[i].word, words);

		if (rows[i].expected == NULL)
			assert_null(nearest);
		else
			assert_string_equal(nearest, rows[i].expected);
	}
}

static void test_ties(void **state)
{
	struct suggestion suggestion;

	suggest_begin(&suggestion, "cat and more", 3);
	suggest_offer(&suggestion, NULL);
	assert_null(suggestion.best);
	suggest_offer(&suggestion, "bat");
	suggest_offer(&suggestion, "hat");
	assert_string_equal(suggestion.best, "bat");
	suggest_offer(&suggestion, "cat");
	suggest_offer(&suggestion, "CAT");
	assert_string_equal(suggestion.best, "cat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_ties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

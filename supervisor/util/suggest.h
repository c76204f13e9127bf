/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "Did you mean": the nearest of many words to a misspelt one. Allocates nothing. */
#ifndef GVTRACE_SUGGEST_H
#define GVTRACE_SUGGEST_H

#include <stddef.h>

enum { SUGGEST_WORD_MAX = 63 /* bytes; nothing is near to a longer word */ };

/*
 * Damerau-Levenshtein distance (an adjacent swap counts once; optimal string alignment), not looking at
 * case. Returns limit + 1 as soon as it is sure to be above limit.
 */
size_t suggest_distance(
	const char *a, size_t a_length, const char *b, size_t b_length, size_t limit);

/* Candidates are offered one by one, so that they may come from any table. */
struct suggestion {
	const char *word; /* the misspelt one; borrowed */
	size_t length;
	const char *best; /* the nearest so far; borrowed from the offer; NULL: none is near */
	size_t distance; /* of best; before the first: one more than what still counts as near */
};

/* length bytes of word. Near means: a third of the word's length wrong at most, and one letter of a
 * word of two. */
void suggest_begin(struct suggestion *ret_suggestion, const char *word, size_t length);

/* Of several as near, the first offered stays. NULL is passed over. */
void suggest_offer(struct suggestion *suggestion, const char *candidate);

/* The nearest of a NULL-terminated list, or NULL when none is near. */
const char *suggest_nearest(const char *word, const char *const *candidates);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "suggest.h"

#include <ctype.h>

#include "util.h"

static int lower(char c)
{
	return tolower((unsigned char)c);
}

size_t suggest_distance(
	const char *a, size_t a_length, const char *b, size_t b_length, size_t limit)
{
	/* Three rows are enough: a swap looks back two. */
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t difference = a_length > b_length ? a_length - b_length : b_length - a_length;

	if (a_length > SUGGEST_WORD_MAX || b_length > SUGGEST_WORD_MAX || difference > limit)
		return limit + 1;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];
		size_t smallest = row[0] = i;

		for (size_t j = 1; j <= b_length; j++) {
			size_t changed = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			row[j] = MIN(changed, MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
				lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = MIN(row[j], two_above[j - 2] + 1);
			smallest = MIN(smallest, row[j]);
		}
		/* A swap jumps a row, but then the row jumped over was no smaller than its start. */
		if (smallest > limit + 1)
			return limit + 1;
	}
	return MIN(rows[a_length % 3][b_length], limit + 1);
}

void suggest_begin(struct suggestion *ret_suggestion, const char *word, size_t length)
{
	size_t near = length < 2 ? 0 : MAX(length / 3, 1);

	*ret_suggestion = (struct suggestion){
		.word = word,
		.length = length,
		.distance = near + 1,
	};
}

void suggest_offer(struct suggestion *suggestion, const char *candidate)
{
	size_t distance;

	if (candidate == NULL || suggestion->distance == 0)
		return;
	distance = suggest_distance(suggestion->word, suggestion->length, candidate,
		strlen(candidate), suggestion->distance - 1);
	if (distance < suggestion->distance) {
		suggestion->best = candidate;
		suggestion->distance = distance;
	}
}

const char *suggest_nearest(const char *word, const char *const *candidates)
{
	struct suggestion suggestion;

	suggest_begin(&suggestion, word, strlen(word));
	for (; *candidates != NULL; candidates++)
		suggest_offer(&suggestion, *candidates);
	return suggestion.best;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* The kernel copies a number to a buffer of 22 bytes, and refuses one that fills it. */
enum { NUMBER_LENGTH_MAX = 21 };

void reader_skip_spaces(struct reader *reader)
{
	while (reader->left > 0 && isspace((unsigned char)*reader->at)) {
		reader->at++;
		reader->left--;
	}
}

void reader_skip_newlines(struct reader *reader)
{
	while (reader->left > 0 && *reader->at == '\n') {
		reader->at++;
		reader->left--;
	}
}

static unsigned digit_value(char digit)
{
	if (isdigit((unsigned char)digit))
		return digit - '0';
	return isxdigit((unsigned char)digit) ? (unsigned)(tolower((unsigned char)digit) - 'a' + 10)
					      : 99;
}

int reader_number(struct reader *reader, const char *ends, size_t n_ends, char *ret_end,
	struct number *ret_number)
{
	char text[NUMBER_LENGTH_MAX + 1];
	size_t length = reader->left < NUMBER_LENGTH_MAX ? reader->left : NUMBER_LENGTH_MAX;
	const char *at = text;
	struct number number = { 0 };
	unsigned base = 10;

	memcpy(text, reader->at, length);
	text[length] = '\0';
	if (*at == '-' && reader->left > 1) {
		number.negative = true;
		at++;
	}
	if (!isdigit((unsigned char)*at))
		return -EINVAL;
	if (*at == '0') {
		base = 8;
		if ((at[1] == 'x' || at[1] == 'X') && isxdigit((unsigned char)at[2])) {
			base = 16;
			at += 2;
		}
	}
	for (; digit_value(*at) < base; at++)
		if (__builtin_mul_overflow(number.magnitude, (uint64_t)base, &number.magnitude) ||
			__builtin_add_overflow(
				number.magnitude, (uint64_t)digit_value(*at), &number.magnitude))
			return -EINVAL;

	length = at - text;
	if (length == NUMBER_LENGTH_MAX)
		return -EINVAL;
	if (length < reader->left && memchr(ends, *at, n_ends) == NULL)
		return -EINVAL;
	if (ret_end)
		*ret_end = length < reader->left ? *at : '\0';
	reader->at += length;
	reader->left -= length;
	*ret_number = number;
	return 0;
}

bool number_within(const struct number *number, int64_t low, uint64_t high)
{
	if (number->negative && number->magnitude > 0)
		return low < 0 && number->magnitude <= -(uint64_t)low;
	/*
	 * "-0" is refused where no negative number is taken, as the kernel's unsigned readers do.
	 */
	if (number->negative && low >= 0)
		return false;
	return number->magnitude <= high && (low <= 0 || number->magnitude >= (uint64_t)low);
}

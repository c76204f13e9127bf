/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bitmap.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bitmap {
	uint8_t bits[(BITMAP_LAST_MAX + 1) / 8];
};

static bool bitmap_has(const struct bitmap *bitmap, uint32_t bit)
{
	return bitmap->bits[bit / 8] & (1 << bit % 8);
}

static void bitmap_add(struct bitmap *bitmap, uint32_t from, uint32_t to)
{
	for (uint32_t bit = from; bit <= to; bit++)
		bitmap->bits[bit / 8] |= 1 << bit % 8;
}

static void reader_skip_one(struct reader *reader)
{
	if (reader->left > 0) {
		reader->at++;
		reader->left--;
	}
}

static int bitmap_read(struct reader *reader, uint32_t last, struct bitmap *ret_bitmap)
{
	reader_skip_newlines(reader);
	while (reader->left > 0) {
		const struct reader before = *reader;
		struct number from, to;
		char end;

		int error = reader_number(reader, "-,\n", 3, &end, &from);
		if (reader->left <= 1 && reader->cut) {
			*reader = before;
			break;
		}
		if (error || !number_within(&from, 0, last))
			return -EINVAL;
		reader_skip_one(reader);
		to = from;
		if (end == '-') {
			/* The kernel takes a NUL after the second number, too. */
			error = reader->left == 0 ? -EINVAL
						  : reader_number(reader, ",\n\0", 3, &end, &to);
			if (reader->left == 0 && reader->cut) {
				*reader = before;
				break;
			}
			if (error || !number_within(&to, 0, last) || from.magnitude > to.magnitude)
				return -EINVAL;
			reader_skip_one(reader);
		}
		bitmap_add(ret_bitmap, from.magnitude, to.magnitude);
		reader_skip_newlines(reader);
	}
	return 0;
}

int bitmap_write(
	struct reader *reader, uint32_t last, const char *now, char ret_value[SYSCTL_VALUE_MAX])
{
	struct bitmap bitmap = { 0 };
	size_t length = 0;
	int error;

	assert(last <= BITMAP_LAST_MAX);
	error = bitmap_read(reader, last, &bitmap);
	if (error == 0 && now)
		error = bitmap_read(&(struct reader){ now, strlen(now), 0 }, last, &bitmap);
	if (error < 0)
		return error;

	ret_value[0] = '\0';
	for (uint32_t from = 0; from <= last; from++) {
		uint32_t to = from;

		if (!bitmap_has(&bitmap, from))
			continue;
		while (to < last && bitmap_has(&bitmap, to + 1))
			to++;
		/*
		 * Like the kernel's reader, cut what does not fit a page: 12 bytes are one range at
		 * most.
		 */
		if (length + 12 >= SYSCTL_VALUE_MAX)
			break;
		length += snprintf(ret_value + length, SYSCTL_VALUE_MAX - length, "%s%u",
			length ? "," : "", from);
		if (to > from)
			length +=
				snprintf(ret_value + length, SYSCTL_VALUE_MAX - length, "-%u", to);
		from = to;
	}
	return 0;
}

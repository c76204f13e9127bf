/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grammar.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bitmap.h"
#include "number.h"
#include "util.h"

enum { NUMBERS_MAX = 8, PAGE_BYTES = 4096, SEMAPHORE_SETS_MAX = 32768 };

static int parse_numbers(const char *text, struct number ret_numbers[NUMBERS_MAX])
{
	struct reader reader = { text, strlen(text), 0 };
	int count = 0;

	while (count < NUMBERS_MAX) {
		reader_skip_spaces(&reader);
		if (reader.left == 0 ||
			reader_number(&reader, " \t\n", 3, NULL, &ret_numbers[count]) < 0)
			break;
		count++;
	}
	return count;
}

static void print_numbers(const struct number *numbers, int count, char *ret_value)
{
	size_t length = 0;

	ret_value[0] = '\0';
	for (int i = 0; i < count; i++)
		length += snprintf(ret_value + length, SYSCTL_VALUE_MAX - length, "%s%s%llu",
			i ? "\t" : "", numbers[i].negative && numbers[i].magnitude ? "-" : "",
			(unsigned long long)numbers[i].magnitude);
}

/* Sets the first numbers, up to grammar->count of them or to the first bad one. */
static int read_vector(const struct grammar *grammar, struct reader *reader, struct number *numbers)
{
	int error = 0, done = 0;

	for (; done < grammar->count && reader->left > 0; done++) {
		struct number number;

		reader_skip_spaces(reader);
		if (reader->left == 0)
			break;
		error = reader_number(reader, " \t\n", 3, NULL, &number);
		if (error == 0 && !number_within(&number, grammar->low, grammar->high))
			error = -EINVAL;
		if (error < 0)
			return error;
		numbers[done] = number;
	}
	reader_skip_spaces(reader);
	return done == 0 ? -EINVAL : 0;
}

static bool numbers_in_order(const struct number *first, const struct number *second)
{
	return first->magnitude <= second->magnitude;
}

static uint64_t pipe_size(uint64_t bytes)
{
	uint64_t size = PAGE_BYTES;

	while (size < bytes)
		size *= 2;
	return size;
}

static int write_numbers(const struct grammar *grammar, const char *now, const char *other,
	struct reader *reader, char *ret_value)
{
	struct number numbers[NUMBERS_MAX] = { 0 }, limits[NUMBERS_MAX] = { 0 };
	struct number last;
	int error;

	/* The other ports' numbers stay 0 where there is no such file: then nothing is refused. */
	parse_numbers(now, numbers);
	int n_limits = other ? parse_numbers(other, limits) : 0;
	last = numbers[3];
	error = read_vector(grammar, reader, numbers);

	switch (grammar->kind) {
	case GRAMMAR_SWITCH:
		numbers[0] = (struct number){ .magnitude = numbers[0].magnitude != 0 };
		break;
	case GRAMMAR_SEMAPHORES:
		if (error == 0 && !number_within(&numbers[3], 0, SEMAPHORE_SETS_MAX)) {
			numbers[3] = last;
			error = -ERANGE;
		}
		break;
	case GRAMMAR_GROUP_RANGE:
		if (error < 0)
			return error;
		if (!numbers_in_order(&numbers[0], &numbers[1])) {
			numbers[0] = (struct number){ .magnitude = 1 };
			numbers[1] = (struct number){ .magnitude = 0 };
		}
		break;
	case GRAMMAR_PORT_RANGE:
		if (error < 0 || !numbers_in_order(&numbers[0], &numbers[1]) ||
			(n_limits > 0 && !numbers_in_order(&limits[0], &numbers[0])))
			return -EINVAL;
		break;
	case GRAMMAR_PORT_START:
		if (error < 0 || (n_limits > 0 && !numbers_in_order(&numbers[0], &limits[0])))
			return -EINVAL;
		break;
	case GRAMMAR_PIPE_SIZE:
		if (error < 0 || numbers[0].magnitude == 0)
			return -EINVAL;
		numbers[0].magnitude = pipe_size(numbers[0].magnitude);
		break;
	case GRAMMAR_NUMBERS:
	case GRAMMAR_UNSIGNED:
	case GRAMMAR_BITMAP:
	case GRAMMAR_TEXT:
	case GRAMMAR_ONE_OF:
	case GRAMMAR_UUID:
	case GRAMMAR_BOOT_ID:
		break;
	}
	print_numbers(numbers, grammar->count, ret_value);
	return error;
}

static bool word_listed(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; length > 0 && *at != '\0';) {
		size_t end = strcspn(at, " ");

		if (end == length && memcmp(at, word, length) == 0)
			return true;
		at += end;
		at += *at == ' ';
	}
	return false;
}

/* As _proc_do_string() of kernel/sysctl.c: goes on where the text that is there ends, or before. */
static int write_text(const struct grammar *grammar, const char *now, uint64_t offset,
	const char *data, size_t length, char *ret_value)
{
	char text[SYSCTL_VALUE_MAX];
	size_t end = strlen(now);

	memcpy(text, now, end + 1);
	if (offset <= end) {
		end = offset;
		for (size_t i = 0; i < length && end < (size_t)grammar->high; i++) {
			if (data[i] == '\0' || data[i] == '\n')
				break;
			text[end++] = data[i];
		}
		text[end] = '\0';
	}
	if (grammar->kind == GRAMMAR_ONE_OF && !word_listed(grammar->words, text))
		return -ENOENT;
	memcpy(ret_value, text, end + 1);
	return 0;
}

bool grammar_reads_on(const struct grammar *grammar)
{
	return grammar->kind == GRAMMAR_TEXT || grammar->kind == GRAMMAR_ONE_OF ||
	       grammar->kind == GRAMMAR_UUID || grammar->kind == GRAMMAR_BOOT_ID;
}

static int write_any(const struct grammar *grammar, const char *now, const char *other,
	uint64_t offset, struct reader *reader, char *ret_value)
{
	switch (grammar->kind) {
	case GRAMMAR_TEXT:
	case GRAMMAR_ONE_OF: {
		int error = write_text(grammar, now, offset, reader->at, reader->left, ret_value);

		reader->left = 0;
		return error;
	}
	case GRAMMAR_BITMAP: {
		int error = bitmap_write(
			reader, (uint32_t)grammar->high, offset > 0 ? now : NULL, ret_value);

		/* What it was not shown is to be written again, at the offset that it has then. */
		reader->left += reader->cut;
		return error;
	}
	case GRAMMAR_UUID:
	case GRAMMAR_BOOT_ID:
		return -EINVAL;
	case GRAMMAR_NUMBERS:
	case GRAMMAR_UNSIGNED:
	case GRAMMAR_SWITCH:
	case GRAMMAR_SEMAPHORES:
	case GRAMMAR_GROUP_RANGE:
	case GRAMMAR_PORT_RANGE:
	case GRAMMAR_PORT_START:
	case GRAMMAR_PIPE_SIZE:
		if (offset == 0)
			return write_numbers(grammar, now, other, reader, ret_value);
		reader->left = 0;
		return 0;
	}
	return -EINVAL;
}

/* Whether a write there takes everything, and leaves the offset: quirks of these readers. */
static bool stays_at(const struct grammar *grammar, const char *now, uint64_t offset)
{
	if (grammar->kind == GRAMMAR_UNSIGNED || grammar->kind == GRAMMAR_PIPE_SIZE)
		return offset == 0;
	return grammar_reads_on(grammar) && offset > strlen(now);
}

ssize_t grammar_write(const struct grammar *grammar, const char *now, const char *other,
	uint64_t *offset, const char *data, size_t length, char ret_value[SYSCTL_VALUE_MAX])
{
	size_t seen = MIN(length, (size_t)PAGE_BYTES - 1);
	struct reader reader = { data, seen, length - seen };

	snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", now);
	/* write(2) of nothing does nothing, also where an empty value would be refused. */
	if (length == 0)
		return 0;
	int error = write_any(grammar, now, other, *offset, &reader, ret_value);
	if (error)
		return error;
	if (stays_at(grammar, now, *offset))
		return (ssize_t)length;
	*offset += length - reader.left;
	return (ssize_t)(length - reader.left);
}

int grammar_check(const struct grammar *grammar, const char *now, const char *other,
	const char *text, char ret_value[SYSCTL_VALUE_MAX])
{
	struct reader reader = { text, strlen(text), 0 };
	int error;

	snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", now);
	if (reader.left >= PAGE_BYTES - 1)
		return -EINVAL;
	if (grammar->kind == GRAMMAR_TEXT && (reader.left > grammar->high || strchr(text, '\n')))
		return -EINVAL;
	error = write_any(grammar, now, other, 0, &reader, ret_value);
	if (error == 0 && reader.left > 0)
		error = -EINVAL;
	return error;
}

void grammar_describe(const struct grammar *grammar, char *ret_text, size_t size)
{
	switch (grammar->kind) {
	case GRAMMAR_NUMBERS:
	case GRAMMAR_UNSIGNED:
	case GRAMMAR_SWITCH:
	case GRAMMAR_PIPE_SIZE:
	case GRAMMAR_SEMAPHORES:
		if (grammar->count == 1)
			snprintf(ret_text, size, "a number from %lld to %llu",
				(long long)grammar->low, (unsigned long long)grammar->high);
		else
			snprintf(ret_text, size, "%d numbers from %lld to %llu", grammar->count,
				(long long)grammar->low, (unsigned long long)grammar->high);
		return;
	case GRAMMAR_GROUP_RANGE:
		snprintf(ret_text, size,
			"the first and last group id, up to %llu; \"1 0\" is no group",
			(unsigned long long)grammar->high);
		return;
	case GRAMMAR_PORT_RANGE:
		snprintf(ret_text, size,
			"the first and last port, from 1 to 65535, "
			"not below net.ipv4.ip_unprivileged_port_start");
		return;
	case GRAMMAR_PORT_START:
		snprintf(ret_text, size,
			"a port from 0 to 65535, not above net.ipv4.ip_local_port_range");
		return;
	case GRAMMAR_BITMAP:
		snprintf(ret_text, size, "numbers and ranges from 0 to %llu, as 1,3-5",
			(unsigned long long)grammar->high);
		return;
	case GRAMMAR_TEXT:
		snprintf(ret_text, size, "a line of up to %llu bytes",
			(unsigned long long)grammar->high);
		return;
	case GRAMMAR_ONE_OF:
		snprintf(ret_text, size, "one of: %s", grammar->words);
		return;
	case GRAMMAR_UUID:
	case GRAMMAR_BOOT_ID:
		snprintf(ret_text, size, "nothing: it is computed");
		return;
	}
}

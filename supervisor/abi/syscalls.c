/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscalls.h"

#include <errno.h>
#include <string.h>

#include "syscall_table.h"
#include "util.h"

#define SEPARATORS ", \t\r\n"

enum { SUGGEST_LENGTH = 32 /* longer words are compared by their start */ };

/* "all" has no class: it is every call that the table knows. */
static const struct {
	const char *name;
	unsigned class;
} class_names[] = {
	{ "%file", SYSCALL_FILE },
	{ "%desc", SYSCALL_DESC },
	{ "%process", SYSCALL_PROCESS },
	{ "%network", SYSCALL_NETWORK },
	{ "%net", SYSCALL_NETWORK },
	{ "%signal", SYSCALL_SIGNAL },
	{ "%memory", SYSCALL_MEMORY },
	{ "%ipc", SYSCALL_IPC },
	{ "%creds", SYSCALL_CREDS },
	{ "%clock", SYSCALL_CLOCK },
	{ "%%stat", SYSCALL_STAT_LIKE },
	{ "%%statfs", SYSCALL_STATFS_LIKE },
	{ "all", 0 },
	{ "none", 0 },
};

const struct syscall_info *syscall_info(long nr)
{
	if (nr < 0 || nr >= SYSCALL_MAX || !syscall_table[nr].name)
		return NULL;
	return &syscall_table[nr];
}

static bool word_is(const char *word, size_t length, const char *name)
{
	return strncmp(word, name, length) == 0 && name[length] == '\0';
}

static long number_of_word(const char *word, size_t length)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (syscall_table[nr].name && word_is(word, length, syscall_table[nr].name))
			return nr;
	}
	return -1;
}

long syscall_number(const char *name)
{
	return number_of_word(name, strlen(name));
}

void syscall_set_add_all(struct syscall_set *set, const struct syscall_set *other)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		set->bits[i] |= other->bits[i];
}

static void set_remove_all(struct syscall_set *set, const struct syscall_set *other)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		set->bits[i] &= ~other->bits[i];
}

static void set_add_known(struct syscall_set *set)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (syscall_table[nr].name)
			syscall_set_add(set, nr);
	}
}

void syscall_set_add_class(struct syscall_set *set, unsigned classes)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (syscall_table[nr].classes & classes)
			syscall_set_add(set, nr);
	}
}

bool syscall_set_is_empty(const struct syscall_set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++) {
		if (set->bits[i])
			return false;
	}
	return true;
}

/* Adds what one word names. */
static int set_add_word(struct syscall_set *set, const char *word, size_t length)
{
	long nr;

	for (size_t i = 0; i < ARRAY_SIZE(class_names); i++) {
		if (!word_is(word, length, class_names[i].name))
			continue;
		if (strcmp(class_names[i].name, "all") == 0)
			set_add_known(set);
		else
			syscall_set_add_class(set, class_names[i].class);
		return 0;
	}
	nr = number_of_word(word, length);
	if (nr < 0)
		return -EINVAL;
	syscall_set_add(set, nr);
	return 0;
}

size_t syscall_set_word_length(const char *text)
{
	return strcspn(text, SEPARATORS);
}

int syscall_set_parse(struct syscall_set *ret_set, const char *text, size_t *ret_offset)
{
	struct syscall_set set = { 0 };
	const char *at = text + strspn(text, SEPARATORS);
	bool first = true;

	if (*at == '\0')
		goto wrong;
	for (; *at != '\0'; at += strspn(at, SEPARATORS)) {
		struct syscall_set named = { 0 };
		bool without = *at == '!';
		size_t length;

		at += without;
		length = syscall_set_word_length(at);
		if (set_add_word(&named, at, length) < 0)
			goto wrong;
		if (without && first)
			set_add_known(&set);
		if (without)
			set_remove_all(&set, &named);
		else
			syscall_set_add_all(&set, &named);
		first = false;
		at += length;
	}
	*ret_set = set;
	return 0;
wrong:
	if (ret_offset)
		*ret_offset = (size_t)(at - text);
	return -EINVAL;
}

/* How many letters to insert, leave out, change or swap with their neighbour to make a of b. */
static int edit_distance(const char *a, int a_length, const char *b, int b_length)
{
	int rows[3][SUGGEST_LENGTH + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2];

	for (int j = 0; j <= b_length; j++)
		above[j] = j;
	for (int i = 1; i <= a_length; i++) {
		int *spare = before;

		row[0] = i;
		for (int j = 1; j <= b_length; j++) {
			int best = above[j - 1] + (a[i - 1] != b[j - 1]);

			best = MIN(best, above[j] + 1);
			best = MIN(best, row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, before[j - 2] + 1);
			row[j] = best;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_length];
}

/* Quarter letters away, so that ties go to the name with the same first letter. */
static int word_distance(const char *word, int length, const char *name)
{
	int name_length = MIN((int)strlen(name), (int)SUGGEST_LENGTH);
	int shorter = MIN(length, name_length);
	int distance = 4 * edit_distance(word, length, name, name_length) + (word[0] != name[0]);

	/* libc's name for a call is often a part of the kernel's: fstatat, umount. */
	if (shorter >= 4 && (memcmp(word, name, (size_t)shorter) == 0 ||
				    memcmp(word + length - shorter, name + name_length - shorter,
					    (size_t)shorter) == 0))
		distance = MIN(distance, length < name_length ? 6 : 7);
	return distance;
}

const char *syscall_set_suggest(const char *word, size_t length)
{
	const char *nearest = NULL;
	int word_length, limit;

	if (length > 0 && word[0] == '!') {
		word++;
		length--;
	}
	if (length == 0)
		return NULL;
	word_length = (int)MIN(length, (size_t)SUGGEST_LENGTH);
	limit = MAX(7, 4 * (word_length / 3) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(class_names) + SYSCALL_MAX; i++) {
		const char *name = i < ARRAY_SIZE(class_names)
					   ? class_names[i].name
					   : syscall_table[i - ARRAY_SIZE(class_names)].name;
		int distance;

		if (!name)
			continue;
		distance = word_distance(word, word_length, name);
		if (distance <= limit) {
			nearest = name;
			limit = distance - 1;
		}
	}
	return nearest;
}

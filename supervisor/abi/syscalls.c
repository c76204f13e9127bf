/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "syscalls.h"

#include <errno.h>
#include <string.h>

#include "suggest.h"
#include "syscall_table.h"
#include "util.h"

enum { NAMES_SLOTS = 1024 /* twice SYSCALL_MAX: there is always a free one */ };

#define SEPARATORS ", \t\r\n"

/* "all" has no class: it is every call, those that the table does not know included. */
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

/* Numbers by a hash of their names: the rules of a profile name some five hundred calls. */
static uint16_t by_name[NAMES_SLOTS]; /* 1 + the number; 0: free */

static size_t name_slot(const char *word, size_t length)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < length; i++)
		hash = hash * 31 + (unsigned char)word[i];
	return hash % NAMES_SLOTS;
}

static void fill_names(void)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const char *name = syscall_table[nr].name;
		size_t slot = name ? name_slot(name, strlen(name)) : 0;

		while (name && by_name[slot])
			slot = (slot + 1) % NAMES_SLOTS;
		if (name)
			by_name[slot] = (uint16_t)(nr + 1);
	}
}

static long number_of_word(const char *word, size_t length)
{
	static bool is_filled;

	if (!is_filled)
		fill_names();
	is_filled = true;
	for (size_t slot = name_slot(word, length); by_name[slot]; slot = (slot + 1) % NAMES_SLOTS)
		if (word_is(word, length, syscall_table[by_name[slot] - 1].name))
			return by_name[slot] - 1;
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
	set->unknown |= other->unknown;
}

static void set_remove_all(struct syscall_set *set, const struct syscall_set *other)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		set->bits[i] &= ~other->bits[i];
	set->unknown &= !other->unknown;
}

static void set_add_every(struct syscall_set *set)
{
	set->unknown = true;
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
	return !set->unknown;
}

bool syscall_set_has_any(const struct syscall_set *set, long nr)
{
	return syscall_info(nr) ? syscall_set_has(set, nr) : set->unknown;
}

/* Adds what one word names. */
static int set_add_word(struct syscall_set *set, const char *word, size_t length)
{
	long nr;

	for (size_t i = 0; i < ARRAY_SIZE(class_names); i++) {
		if (!word_is(word, length, class_names[i].name))
			continue;
		if (strcmp(class_names[i].name, "all") == 0)
			set_add_every(set);
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
			set_add_every(&set);
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

/* libc's name for a call is often a part of the kernel's: fstatat, umount. The first call that begins or
 * ends with the word, and has at most `more` letters more. */
static const char *name_around(const char *word, size_t length, size_t more)
{
	for (long nr = 0; nr < SYSCALL_MAX && length >= 4; nr++) {
		const char *name = syscall_table[nr].name;
		size_t name_length = name ? strlen(name) : 0;

		if (name_length > length && name_length - length <= more &&
			(memcmp(name, word, length) == 0 ||
				memcmp(name + name_length - length, word, length) == 0))
			return name;
	}
	return NULL;
}

const char *syscall_set_suggest(const char *word, size_t length)
{
	struct suggestion suggestion;
	const char *around;

	if (length > 0 && word[0] == '!') {
		word++;
		length--;
	}
	around = name_around(word, length, 2);
	if (around)
		return around;
	suggest_begin(&suggestion, word, length);
	for (size_t i = 0; i < ARRAY_SIZE(class_names); i++)
		suggest_offer(&suggestion, class_names[i].name);
	for (long nr = 0; nr < SYSCALL_MAX; nr++)
		suggest_offer(&suggestion, syscall_table[nr].name);
	if (suggestion.best && suggestion.distance <= 1)
		return suggestion.best;
	around = name_around(word, length, SIZE_MAX);
	return around ? around : suggestion.best;
}

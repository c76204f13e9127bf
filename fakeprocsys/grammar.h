/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may be written to a file below /proc/sys, and what then stands in it. Modelled on
 * kernel/sysctl.c and measured on Linux 6.18: white space around numbers, bases by prefix, vectors
 * that take fewer numbers than they have and keep those before a bad one, strings that end at a
 * newline or NUL.
 */
#ifndef GVTRACE_FAKEPROCSYS_GRAMMAR_H
#define GVTRACE_FAKEPROCSYS_GRAMMAR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakeprocsys.h"

enum grammar_kind {
	GRAMMAR_NUMBERS, /* count numbers from low to high, tabs between them */
	GRAMMAR_UNSIGNED, /* one number; after a write the offset is where it was (do_proc_douintvec, proc_dou8vec_minmax) */
	GRAMMAR_SWITCH, /* a number, kept as 0 or 1 */
	GRAMMAR_SEMAPHORES, /* kernel/sem: four, the last one bounded, else ERANGE */
	GRAMMAR_GROUP_RANGE, /* two group ids; an empty range becomes "1 0" */
	GRAMMAR_PORT_RANGE, /* two ports in order, not below ip_unprivileged_port_start */
	GRAMMAR_PORT_START, /* a port, not above ip_local_port_range */
	GRAMMAR_BITMAP, /* "1,3-5", each from 0 to high */
	GRAMMAR_PIPE_SIZE, /* unsigned, rounded up to a power of two pages */
	GRAMMAR_TEXT, /* up to high bytes */
	GRAMMAR_ONE_OF, /* one of the words, else ENOENT */
	GRAMMAR_UUID, /* computed: a new one at each read */
	GRAMMAR_BOOT_ID, /* computed: one as long as the tree lives */
};

struct grammar {
	enum grammar_kind kind;
	int count;
	int64_t low;
	uint64_t high;
	const char *words; /* space between them */
};

/* The words of catalogue.def. */
#define NUMBERS(n, low_, high_)                       \
	{                                             \
		GRAMMAR_NUMBERS, n, low_, high_, NULL \
	}
#define NUMBER(low_, high_) NUMBERS(1, low_, high_)
#define UNSIGNED(low_, high_)                          \
	{                                              \
		GRAMMAR_UNSIGNED, 1, low_, high_, NULL \
	}
#define ANY_INT NUMBERS(1, INT_MIN, INT_MAX)
#define ANY_UNSIGNED NUMBERS(1, 0, UINT_MAX)
#define ANY_LONG NUMBERS(1, 0, ULONG_MAX)
#define AT_LEAST(low_) NUMBERS(1, low_, INT_MAX)
/* Kept in ticks of 1/250 s in an int, as Debian's and Ubuntu's kernels do. */
#define SECONDS NUMBERS(1, -(INT_MAX / 250), INT_MAX / 250)
#define MILLISECONDS NUMBERS(1, 0, INT_MAX)
#define CLOCK_TICKS NUMBERS(1, INT_MIN, INT_MAX)
#define SWITCH                                            \
	{                                                 \
		GRAMMAR_SWITCH, 1, INT_MIN, INT_MAX, NULL \
	}
#define SEMAPHORES                                            \
	{                                                     \
		GRAMMAR_SEMAPHORES, 4, INT_MIN, INT_MAX, NULL \
	}
#define GROUP_RANGE                                            \
	{                                                      \
		GRAMMAR_GROUP_RANGE, 2, 0, UINT_MAX - 1U, NULL \
	}
#define PORT_RANGE                                    \
	{                                             \
		GRAMMAR_PORT_RANGE, 2, 1, 65535, NULL \
	}
#define PORT_START                                    \
	{                                             \
		GRAMMAR_PORT_START, 1, 0, 65535, NULL \
	}
#define PORT_SET                                  \
	{                                         \
		GRAMMAR_BITMAP, 0, 0, 65535, NULL \
	}
#define PIPE_SIZE                                       \
	{                                               \
		GRAMMAR_PIPE_SIZE, 1, 0, 1U << 31, NULL \
	}
#define TEXT(length)                             \
	{                                        \
		GRAMMAR_TEXT, 0, 0, length, NULL \
	}
#define ONE_OF(words_)                           \
	{                                        \
		GRAMMAR_ONE_OF, 0, 0, 15, words_ \
	}
#define RANDOM_UUID                         \
	{                                   \
		GRAMMAR_UUID, 0, 0, 0, NULL \
	}
#define BOOT_ID                                \
	{                                      \
		GRAMMAR_BOOT_ID, 0, 0, 0, NULL \
	}

/* See struct sysctl_node. */
bool grammar_reads_on(const struct grammar *grammar);

/*
 * What a write of data at an offset makes of a file that holds now: ret_value is always set, to what it holds
 * then, which differs from now even after an error where the kernel keeps the numbers before a bad
 * one. Neither has the final newline. other is the value that a port start or range is compared
 * with. *offset becomes what the descriptor's is after it. Returns the bytes taken, or the errno of Linux: -EINVAL,
 * -ERANGE, -ENOENT.
 */
ssize_t grammar_write(const struct grammar *grammar, const char *now, const char *other,
	uint64_t *offset, const char *data, size_t length, char ret_value[SYSCTL_VALUE_MAX]);

/*
 * Whether a whole text is a value and nothing more: also refuses what a write(2) would leave
 * unread.
 */
int grammar_check(const struct grammar *grammar, const char *now, const char *other,
	const char *text, char ret_value[SYSCTL_VALUE_MAX]);

/* What it takes, in words: "4 numbers from 0 to 10". */
void grammar_describe(const struct grammar *grammar, char *ret_text, size_t size);

#endif

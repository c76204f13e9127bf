/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as the kernel reads them from a write to /proc/sys (proc_get_long in kernel/sysctl.c). */
#ifndef GVTRACE_FAKEPROCSYS_NUMBER_H
#define GVTRACE_FAKEPROCSYS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const char *at; /* borrowed */
	size_t left;
	size_t cut; /* bytes of the write behind these, which it does not get to see */
};

struct number {
	bool negative;
	uint64_t magnitude;
};

void reader_skip_spaces(struct reader *reader);
void reader_skip_newlines(struct reader *reader);

/*
 * Reads one number: decimal, 0x or leading 0, perhaps a "-" before it. What follows it, if
 * anything, must be one of the n_ends bytes of ends; it is not consumed, but kept in *ret_end if
 * that is not NULL. 0 or -EINVAL.
 */
int reader_number(struct reader *reader, const char *ends, size_t n_ends, char *ret_end,
	struct number *ret_number);

bool number_within(const struct number *number, int64_t low, uint64_t high);

#endif

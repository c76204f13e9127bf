/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers by name, as rule files write them: the constants that system calls take as arguments, from the
 * kernel's headers, and error numbers.
 */
#ifndef GVTRACE_CONSTANTS_H
#define GVTRACE_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

/*
 * A number (decimal, 0x..., 0... for octal, -N) or a name (KEYCTL_JOIN_SESSION_KEYRING, O_RDONLY), or
 * several joined by "|", with blanks around. A negative number is given in two's complement. Returns 0;
 * -EINVAL for what is neither; -ERANGE for what does not fit 64 bits.
 */
int constant_value(const char *text, uint64_t *ret_value);

/* The same for length bytes; on an error, the word at fault is at *ret_offset, *ret_length bytes long. */
int constant_parse(const char *text, size_t length, uint64_t *ret_value, size_t *ret_offset,
	size_t *ret_length);

/* The nearest known name to length bytes of word, or NULL when none is near. */
const char *constant_suggest(const char *word, size_t length);

/*
 * Permission bits as chmod(1) writes them, "0644": octal, with its leading 0, at most 07777. -EINVAL for all else, such
 * as "644", which is a decimal number wherever else one is written.
 */
int mode_value(const char *text, uint64_t *ret_mode);

/* 2 for "ENOENT"; -1 for a name that no program ever sees in errno. */
int errno_number(const char *name);
/* "ENOENT" for 2, also for the kernel's own ERESTART family (512 and above); NULL: no name. */
const char *errno_name(int number);
/* The nearest name that errno_number knows, or NULL. */
const char *errno_suggest(const char *name);

#endif

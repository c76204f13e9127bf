/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conditions on arguments, and which arguments calls have. */
#ifndef GVTRACE_CONDITIONS_H
#define GVTRACE_CONDITIONS_H

#include "emulation.h"
#include <stdbool.h>
#include <stddef.h>

struct condition_error {
	size_t offset; /* of the part of the value that is wrong */
	char text[200];
};

/*
 * A value, as constant_value takes it, or MASK&VALUE; arg is left alone. A value that a C int can hold
 * only as a negative one (-1, 0x80000000) is compared as 32 bits, since programs leave what they like
 * above them. Returns 0, or -EINVAL with *ret_wrong.
 */
int condition_parse(
	struct arg_condition *ret_condition, const char *text, struct condition_error *ret_wrong);

/* 1 << argument for each argument of that kind; 0 for a number without a call. */
unsigned conditions_arg_mask(long nr, enum arg_kind kind);

/* Whether any call of the set has this argument; or an argument that can have a path. */
bool conditions_any_has_arg(const struct syscall_set *set, int arg);
bool conditions_any_has_path(const struct syscall_set *set);

#endif

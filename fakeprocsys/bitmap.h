/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of small numbers in text, "1,3-5" (proc_do_large_bitmap in kernel/sysctl.c). */
#ifndef GVTRACE_FAKEPROCSYS_BITMAP_H
#define GVTRACE_FAKEPROCSYS_BITMAP_H

#include <stdint.h>

#include "fakeprocsys.h"
#include "number.h"

enum { BITMAP_LAST_MAX = 65535 };

/*
 * Reads a set of numbers from 0 to last (at most BITMAP_LAST_MAX), adds those of now unless that is NULL, and writes it
 * in its shortest form: 0 or -EINVAL. Where the reader is cut, a number that may be is left in it.
 */
int bitmap_write(
	struct reader *reader, uint32_t last, const char *now, char ret_value[SYSCTL_VALUE_MAX]);

#endif

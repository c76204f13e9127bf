/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structures that calls take with their size, such as openat2's open_how: copy_struct_from_user() of the kernel. */
#ifndef GVTRACE_EXTENSIBLE_H
#define GVTRACE_EXTENSIBLE_H

#include "emulation.h"

/* Reads the bytes that are known; those behind them must be zero. 0, -EINVAL (too short), -E2BIG or -EFAULT. */
int extensible_read(struct stop *stop, uint64_t address, uint64_t size, void *ret_data,
	size_t known) MUST_CHECK;

#endif

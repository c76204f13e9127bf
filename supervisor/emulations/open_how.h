/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structure that openat2(2) takes. */
#ifndef GVTRACE_OPEN_HOW_H
#define GVTRACE_OPEN_HOW_H

#include "emulation.h"

struct open_how;

/* Reads that of an openat2(2), and refuses what every kernel would: 0, -EINVAL, -E2BIG or -EFAULT. */
int open_how_read(struct stop *stop, struct open_how *ret_how) MUST_CHECK;

#endif

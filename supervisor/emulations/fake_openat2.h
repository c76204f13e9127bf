/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What openat2(2) refuses before it opens: its structure, its flags, its RESOLVE_ restrictions. */
#ifndef GVTRACE_FAKE_OPENAT2_H
#define GVTRACE_FAKE_OPENAT2_H

#include "emulation.h"

/* The open flags of an openat2 of path, a file or folder of the fake tree: 0, or the -errno that the call
 * fails with. */
int fake_openat2_flags(struct stop *stop, const char *path, uint64_t *ret_flags);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths as openat2(2) resolves them with RESOLVE_IN_ROOT, RESOLVE_BENEATH or RESOLVE_NO_SYMLINKS.
 *
 * Another process may exchange a folder for a link between this look and the call. So it may between a stop and any call:
 * gvtrace adapts programs, and does not confine them.
 */
#ifndef GVTRACE_SCOPED_PATH_H
#define GVTRACE_SCOPED_PATH_H

#include "emulation.h"

struct open_how;

/* Whether how has one of the three. */
bool scoped_path_is_asked(const struct open_how *how);

/*
 * Of a call with a descriptor and a path as its first two arguments, which begins: what the path names, relative to the
 * descriptor, and without a symbolic link on the way; for RESOLVE_NO_SYMLINKS alone as it was asked. ret_path has PATH_MAX bytes.
 * 0, or -errno: the call's result. What it cannot tell, such as a name that is not there, is left to the kernel.
 */
int scoped_path_resolve(struct stop *stop, const struct open_how *how, char *ret_path) MUST_CHECK;

#endif

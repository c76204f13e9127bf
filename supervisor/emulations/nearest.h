/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in the tracee's file systems a path would be that is not there. */
#ifndef GVTRACE_NEAREST_H
#define GVTRACE_NEAREST_H

#include "emulation.h"

/* A descriptor, the caller's, of the nearest folder on the way to path that the thread finds; or -errno. */
int nearest_open(struct stop *stop, const char *path) MUST_CHECK;

#endif

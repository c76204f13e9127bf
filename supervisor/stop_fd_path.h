/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which path a descriptor names, or the working directory where that is what a call is about, as the program sees it. */
#ifndef GVTRACE_STOP_FD_PATH_H
#define GVTRACE_STOP_FD_PATH_H

#include "stop.h"

/* As stop_path() and stop_match_path(), for an ARG_FD, ARG_DIRFD or ARG_CWD_OUT argument. */
int stop_fd_path(struct stop *stop, int arg, const char **ret_path) MUST_CHECK;
const char *stop_fd_match_path(struct stop *stop, int arg, const struct rule *rule);

#endif

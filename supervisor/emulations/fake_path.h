/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of `do = fake` other than opening a file: by path (stat, access, readlink, ...), and folders. */
#ifndef GVTRACE_FAKE_PATH_H
#define GVTRACE_FAKE_PATH_H

#include "emulation.h"
#include "fakeprocsys.h"

/* Whether the kernel has nothing by this name, as gvtrace itself sees it. */
bool fake_is_missing(const char *path);

/* A call by path, or by a descriptor of a fake file, that is no open. */
enum verdict fake_path_enter(struct stop *stop, const char *path, const struct sysctl_node *node);
/* The call fails with error, a -errno of looking its path up. */
enum verdict fake_path_refuse(struct stop *stop, int error);
enum exit_verdict fake_path_exit(struct stop *stop, const char *path);

/*
 * A folder that the kernel lacks is opened as the nearest one above it that exists, and the descriptor is
 * remembered to stand for the path. One that exists is opened as it is.
 */
enum verdict fake_folder_open(struct stop *stop, const char *path, uint64_t flags);
enum exit_verdict fake_folder_opened(struct stop *stop, const char *path);
bool fake_folder_is(struct stop *stop, const char *path);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors of fake files: what the `fake` emulation hands out, and what following their writes needs. */
#ifndef GVTRACE_FAKE_FILE_H
#define GVTRACE_FAKE_FILE_H

#include "emulation.h"
#include "fakeprocsys.h"
#include "marker.h"
#include <sys/stat.h>

/* The part of an absolute path below /proc/sys, "" for the folder itself, NULL when it is elsewhere. */
const char *fake_below_proc_sys(const char *path);

/* Who the stopped thread is to the tree: the namespace that the path's value belongs to is looked up.
 * viewer->proc_fd is -1 unless the path has an <if> in it. */
void fake_viewer(struct stop *stop, const char *path, struct sysctl_viewer *ret_viewer);
/* Closes what fake_viewer opened. */
void fake_viewer_finish(struct sysctl_viewer *viewer);

/* Whether descriptor fd of the thread is a fake file. */
bool fake_file_is(struct stop *stop, int fd);

/* A descriptor of our own of the memfd that is descriptor fd of the thread, or -errno. The caller's. -EBADF: it is
 * there no more; a file that another thread has opened in its place is left alone.
 * -ENOENT: nothing is mounted on /proc where gvtrace runs. */
int fake_file_open(struct stop *stop, int fd) MUST_CHECK;

/* Puts what path reads now at the start of a memfd, unless it is to stay empty. 0 with its mode, or -errno. */
int fake_file_fill(struct stop *stop, int memfd, const char *path, bool empty, mode_t *ret_mode);

#endif

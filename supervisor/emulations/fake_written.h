/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cannot be followed: a descriptor of a fake file that was sent to another process, or written to by
 * sendfile(2), splice(2) or a mapping. The supervisor keeps a descriptor of its own of each memfd that was
 * opened for writing, the newest few, and looks into it before the file is opened or asked for again.
 */
#ifndef GVTRACE_FAKE_WRITTEN_H
#define GVTRACE_FAKE_WRITTEN_H

#include "fake_file.h"

/* Descriptor fd of the thread, open for writing, holds what its file reads: from now on it is watched. */
void fake_written_watch(struct stop *stop, int fd, const char *path);

/* A program may have made a memfd as large as it likes, which would live as long as our descriptor: now and then those that hold
 * more than a value are let go. */
void fake_written_process_ended(void);

/* The supervisor itself has put other content into a memfd of path's. */
void fake_written_filled(struct stop *stop, const char *path);

/* Takes over what was written to memfds of path in the thread's namespace. */
void fake_written_collect(struct stop *stop, const char *path);

#endif

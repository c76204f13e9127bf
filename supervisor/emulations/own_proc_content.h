/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What files below /proc/PID say and take, where an outsider opens them (see own_proc.h): path is "/proc/57/stat" and the like. */
#ifndef GVTRACE_OWN_PROC_CONTENT_H
#define GVTRACE_OWN_PROC_CONTENT_H

#include "emulation.h"

/* Whether a file of /proc/PID can be opened for writing; what is written to it. 0 or -errno. */
bool own_proc_is_writable(const char *path);
int own_proc_write(struct stop *stop, const char *path, const char *data, size_t length);
/* Whether a file of /proc/PID is about the thread itself. */
bool own_proc_is_caller(struct stop *stop, const char *path);
/*
 * The text of a file of /proc/PID as an outsider gets it, edited in place: who traces it is not in the container,
 * and who asks is running, not stopped for us (is_caller). Returns its new length, which is not greater.
 */
size_t own_proc_edit(const char *path, bool is_caller, char *text, size_t length);
/* A memfd gets the content of a file. 0 or -errno. */
int own_proc_fill(const char *path, bool is_caller, int memfd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file that the kernel does not have, as a rule gives it: an open becomes a memfd (marker.h), and stat,
 * access, statfs and their kin agree with that. The folders on the way need not be there.
 */
#ifndef GVTRACE_GIVEN_FILE_H
#define GVTRACE_GIVEN_FILE_H

#include "emulation.h"

/* What default_syscalls of an emulation that gives files is. */
#define GIVEN_FILE_SYSCALLS                                                                  \
	"open,openat,openat2,creat,stat,lstat,newfstatat,fstat,statx,statfs,fstatfs,access," \
	"faccessat,faccessat2,readlink,readlinkat"

struct given_file {
	mode_t mode; /* its permission bits */
	bool discards; /* may be opened for writing; what is written is lost */
};

/* Whether the thread finds something at this absolute path. */
bool given_file_is_there(struct stop *stop, const char *path);

/* Reads the file at an absolute path, as the thread sees it, as text. Its length (cut at size - 1) or -errno. */
ssize_t given_file_read_other(
	struct stop *stop, const char *path, char *ret_text, size_t size) MUST_CHECK;

/* on_enter for a call that asks for the file at path, which is not there; also fstatfs of a descriptor of one. */
enum verdict given_file_enter(struct stop *stop, const struct given_file *file, const char *path);

/* on_exit: the open's descriptor gets its content, or the open fails. It keeps a number (stop_keep()) if it is to be called again;
 * then only stop matters. */
enum exit_verdict given_file_exit(
	struct stop *stop, const struct given_file *file, const char *content, size_t length);

#endif

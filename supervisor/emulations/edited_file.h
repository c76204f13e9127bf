/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of /proc that reads as the kernel's own with something changed, for emulations with one fact to
 * correct in a text. The kernel opens the file, with its own checks and errors; then the descriptor becomes
 * that of a memfd with the edited text, named after the file (marker.h). Text of the moment of the open:
 * reading it again from the start shows nothing new, and nothing can be waited for with poll(2).
 */
#ifndef GVTRACE_EDITED_FILE_H
#define GVTRACE_EDITED_FILE_H

#include "emulation.h"

/* The calls that the functions below take; for default_syscalls. */
#define EDITED_FILE_SYSCALLS "open,openat,openat2,fstatfs"

/*
 * Makes the text that is given in place of text (with a NUL behind it, not in length): the caller's to free,
 * with *ret_length; NULL: nothing is to be changed, or no memory.
 */
typedef char *edit_function(
	const void *config, const char *path, const char *text, size_t length, size_t *ret_length);

/* on_enter of such a call whose path, or fstatfs's descriptor, is path; VERDICT_NEXT for others. */
enum verdict edited_file_enter(struct stop *stop, const char *path);

/* on_exit of the same. path: as stop_path gives it. */
enum exit_verdict edited_file_exit(
	struct stop *stop, const char *path, edit_function *edit, const void *config);

#endif

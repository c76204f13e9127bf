/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of /proc that reads as the kernel's own with something changed, for emulations with one fact to
 * correct in a text. The kernel opens the file, with its own checks and errors; then the descriptor becomes
 * that of a memfd with the edited text, named after the file (marker.h). A file of the caller's own
 * (/proc/self/cgroup) that can be opened in any case is not: the memfd is all that is made. Text of the moment of the open:
 * reading it again from the start shows nothing new, and nothing can be waited for with poll(2).
 */
#ifndef GVTRACE_EDITED_FILE_H
#define GVTRACE_EDITED_FILE_H

#include "edited_file_stat.h"
#include "emulation.h"

/* The calls that the functions below take; for default_syscalls. */
#define EDITED_FILE_SYSCALLS "open,openat,openat2,fstatfs," EDITED_FILE_STAT_SYSCALLS

/* on_enter of such a call whose path, or that of the descriptor it asks about, is path; VERDICT_NEXT for others. */
enum verdict edited_file_enter(struct stop *stop, const char *path);

/* on_exit of the same: the text as the rules that match the path have edited it (`edit` of emulation.h). */
enum exit_verdict edited_file_exit(struct stop *stop, const void *config);

/* Edits a descriptor of ours of a memfd that has got the text of the file at path in another way. 0 or -errno. */
int edited_file_edit(struct stop *stop, const char *path, int memfd) MUST_CHECK;

/* The whole text behind a descriptor of ours, up to 1 MiB, with a NUL behind it; the caller's. NULL: it cannot be read. */
char *edited_file_read(int fd, size_t *ret_length);

/*
 * While a text is edited: what the mountinfo of the thread reads, where that very text has been read for it; else it is to be
 * read (NULL), which takes gVisor 2024 a third of a millisecond. As the kernel has it, whatever was edited in it since. Borrowed.
 */
const char *edited_file_mountinfo(struct stop *stop);

#endif

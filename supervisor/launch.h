/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the command is started. This process becomes the command, and a child of it that belongs to nobody's
 * terminal, session or process group becomes the supervisor. So whoever started gvtrace has the command
 * itself as its child: exit status, death by signal, job control and signals need no imitation.
 */
#ifndef GVTRACE_LAUNCH_H
#define GVTRACE_LAUNCH_H

#include "filter.h"
#include "supervise.h"

/*
 * Returns only in the process that is to exec the command, traced and with the filter loaded; the other ends
 * in here. options->command is filled in. program may be NULL: no filter, every call stops.
 * On failure it says what failed, why, and what to do, and exits with 125.
 */
void launch(struct supervise_options *options, const struct sock_fprog *program);

/* Says why PTRACE_SEIZE failed with this errno, and what to do; exits with 125. */
_Noreturn void launch_cannot_seize(int error);

/* The same of a seccomp filter that cannot be loaded. */
_Noreturn void launch_cannot_filter(int error);

/* From now on a write beyond the caller's limit of file sizes fails, and is not the end. launch_exec() takes it back. */
void launch_ignore_file_size(void);

/* In a process that the supervisor has made: what is sent to it is its own. */
void launch_pass_nothing_on(void);

/* In the supervisor: what is sent to it is no longer passed on. */
void launch_command_ended(void);

/* Replaces this process by the command; exits with 126 or 127, as env(1), if that can't be. */
_Noreturn void launch_exec(char *const arguments[]);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One finished system call, as the log sinks see it. A sink only reads it, during its write(). */
#ifndef GVTRACE_EVENT_H
#define GVTRACE_EVENT_H

#include "syscalls.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	/* Bytes as written of an ARG_PATH and an ARG_STRING: of a longer text `...` stands for the rest. Whoever cuts a text
	 * itself leaves at least one byte more, by which that is seen. */
	LOG_PATH_WIDTH = PATH_MAX,
	LOG_STRING_WIDTH = 512, /* mount options of an overlay are that long */
};

struct log_event {
	uint64_t start_ns, end_ns; /* CLOCK_REALTIME */
	pid_t tid;
	const char *program; /* last name of the executable, or "?" */
	long asked_nr, sent_nr;
	uint64_t asked[SYSCALL_ARGS], sent[SYSCALL_ARGS];
	/* Content of ARG_PATH and ARG_STRING arguments; of ARG_ARGV and ARG_SOCKADDR as arguments.h writes it; or NULL. */
	const char *asked_text[SYSCALL_ARGS];
	const char *sent_text[SYSCALL_ARGS]; /* NULL: as asked */
	bool ran; /* false: the kernel never saw the call */
	int64_t kernel_result; /* -errno when it failed; valid if ran */
	int64_t given_result;
	const char *rule; /* the rule that acted, or NULL */
	const char *note; /* why, or NULL */
	const char *stack; /* lines of a backtrace, or NULL */
};

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop: wait, name the event, act, resume. The only place that waits for tracees or resumes them. */
#ifndef GVTRACE_SUPERVISE_H
#define GVTRACE_SUPERVISE_H

#include "calibrate.h"
#include "rules.h"
#include "sink.h"
#include <stdbool.h>
#include <sys/types.h>

struct supervise_options {
	const struct rule_set *rules;
	struct stop_order order;
	bool every_call; /* --no-filter: every call stops, whatever the rules name */
	bool kill_on_exit; /* kill what is left when the command ends */
	pid_t command;
	const struct sink_type *sink_type; /* NULL: no log */
	struct sink *sink;
	int log_fd; /* where the sink writes; -1: no log */
	bool logs_to_stderr;
	struct syscall_set logged; /* calls to log whether a rule touched them or not */
};

/* Before the loop. The command has been seized, and not yet exec'd. The options are borrowed. */
void supervise_init(const struct supervise_options *options);
/* Runs until the last tracee is gone. */
void supervise(void);

#endif

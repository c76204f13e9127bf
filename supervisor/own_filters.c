/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "own_filters.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "filter.h"

/* Somebody has loaded a filter that leaves calls to a tracer: its children have it as well. */
static bool may_leave;

bool own_filters_are_loaded(const struct stop *stop)
{
	uint32_t operation = (uint32_t)stop_asked(stop, 0);

	switch (stop_syscall(stop)) {
	case SYS_seccomp:
		/* With flags the strict mode is an invalid argument: so libseccomp asks whether there is such a call. */
		return (operation == SECCOMP_SET_MODE_STRICT &&
			       (uint32_t)stop_asked(stop, 1) == 0) ||
		       (operation == SECCOMP_SET_MODE_FILTER && stop_asked(stop, 2) != 0);
	case SYS_prctl:
		return operation == PR_SET_SECCOMP &&
		       (stop_asked(stop, 1) != SECCOMP_MODE_FILTER || stop_asked(stop, 2) != 0);
	default:
		return false;
	}
}

static bool leaves(const struct sock_filter *instruction)
{
	if (BPF_CLASS(instruction->code) != BPF_RET)
		return false;
	/* What it has in its register may be anything. */
	return BPF_RVAL(instruction->code) != BPF_K ||
	       (instruction->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;
}

void own_filters_notice(struct stop *stop)
{
	static struct sock_filter instructions[BPF_MAXINSNS];
	struct sock_fprog program;

	if (may_leave || stop_read(stop, stop_asked(stop, 2), &program, sizeof(program)) ||
		program.len > BPF_MAXINSNS ||
		stop_read(stop, (uint64_t)(uintptr_t)program.filter, instructions,
			program.len * sizeof(instructions[0])))
		return;
	for (size_t i = 0; i < program.len; i++)
		may_leave |= leaves(&instructions[i]);
}

bool own_filters_leave(const struct tracee *tracee)
{
	unsigned long data;

	return may_leave && ptrace(PTRACE_GETEVENTMSG, tracee->tid, 0, &data) == 0 &&
	       data != FILTER_TRACE_DATA && data != FILTER_TRACE_FOREIGN;
}

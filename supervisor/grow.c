/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grow.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "area.h"
#include "filter.h"
#include "proc_status.h"

enum { INSTRUCTIONS_MAX = 64 };

enum { WAITING_MAX = 32 };

static const struct sock_fprog *second, *late;
/* The armed rules that wait for their path to be opened: looked at in every open. */
static const struct rule *waiting[WAITING_MAX];
static size_t n_waiting;

/* It lives as long as the supervisor. */
static int compile(struct filter *filter, const struct sock_fprog **ret_program)
{
	if (!filter)
		return 0;
	int r = filter_compile(filter, ret_program);
	return r ? r : (*ret_program)->len > INSTRUCTIONS_MAX ? -E2BIG : 0;
}

int grow_init(const struct rule_set *rules)
{
	struct filter *filter;

	for (size_t i = 0; i < rules->n_rules; i++) {
		if (!rules->rules[i]->armed || !plan_waits_for_path(rules->rules[i]))
			continue;
		if (n_waiting == WAITING_MAX)
			return -E2BIG;
		waiting[n_waiting++] = rules->rules[i];
	}
	int r = plan_second_filter(rules, &filter);
	if (r == 0)
		r = compile(filter, &second);
	if (r == 0)
		r = plan_late_filter(rules, &filter);
	return r ? r : compile(filter, &late);
}

bool grow_enter(struct stop *stop)
{
	long nr = stop_syscall(stop);

	if (!second || (nr != SYS_open && nr != SYS_openat && nr != SYS_openat2))
		return false;
	int arg = nr == SYS_open ? 0 : 1;
	for (size_t i = 0; i < n_waiting; i++) {
		const struct rule *rule = waiting[i];
		const char *path = stop_match_path(stop, arg, rule);
		if (path && path_glob_match(rule->path, path)) {
			const struct process *process = tracee_process(stop->tracee);
			return process && !process->has_second_filter && !process->every_call;
		}
	}
	return false;
}

/* Which may end a process for the seccomp(2) call. What status does not say (before Linux 5.9; gVisor) is no. */
static bool has_filter_of_its_own(pid_t tid, const struct process *process)
{
	return proc_status_number(tid, "Seccomp_filters") >
	       MAX(proc_status_number(getpid(), "Seccomp_filters"), 0) + 1 +
		       process->has_late_filter;
}

void stop_grow(struct stop *stop, bool must)
{
	struct process *process = tracee_process(stop->tracee);

	if (process && second && !must && !process->has_second_filter && !process->refuses_filter)
		process->refuses_filter = has_filter_of_its_own(stop->tracee->tid, process);
	stop->grows = second && process && !process->has_second_filter && !process->every_call &&
		      (must || !process->refuses_filter);
	stop->must_grow = must;
}

/* Puts the filter into the process's memory and asks it to load it. */
static bool load(struct stop *stop)
{
	const struct sock_fprog *add = stop->grows ? second : late;
	uint64_t filter, program;
	struct {
		uint64_t length, filter;
	} header = { add->len, 0 };

	if (stop_push(stop, add->filter, add->len * sizeof(struct sock_filter), &filter))
		return false;
	header.filter = filter;
	if (stop_push(stop, &header, sizeof(header), &program))
		return false;
	stop_run(stop, SYS_seccomp,
		(uint64_t[SYSCALL_ARGS]){ SECCOMP_SET_MODE_FILTER,
			SECCOMP_FILTER_FLAG_TSYNC | filter_flags(), program });
	return true;
}

enum exit_verdict grow_exit(struct stop *stop)
{
	struct process *process = tracee_process(stop->tracee);

	if (!process)
		return EXIT_DONE;
	enum growth growth = stop->growing++;
	switch (growth) {
	case GROW_BEGINS:
		stop->result_before_growing = stop->result;
		if (stop->result < 0 || (stop->grows_late && (!late || process->has_late_filter)))
			return EXIT_DONE;
		if (area_is_there(process) && load(stop)) {
			stop->growing++;
			return EXIT_RUN;
		}
		area_run_mmap(stop);
		return EXIT_RUN;
	case GROW_MAPPED:
		area_add(process, stop->result);
		if (load(stop))
			return EXIT_RUN;
		stop->result = -ENOMEM;
		break;
	case GROW_LOADED:
		break;
	}
	/*
	 * The process may have given its privileges up, or have a filter of its own that forbids this one: then
	 * all its calls stop, which is slow and right, or its fstat goes without an answer of ours.
	 */
	if (stop->result == 0 && stop->grows)
		process->has_second_filter = true;
	else if (stop->result == 0)
		process->has_late_filter = true;
	else if (stop->must_grow || stop->grows_late)
		process->every_call = true;
	else
		process->refuses_filter = true;
	stop->result = stop->result_before_growing;
	return EXIT_DONE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grow.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "area.h"
#include "filter.h"
#include "follow.h"
#include "proc_status.h"

enum { INSTRUCTIONS_MAX = 64 };

enum { WAITING_MAX = 32 };

/* Children that have not stopped yet; the oldest is forgotten. */
enum { UNBORN_MAX = 16 };

static const struct sock_fprog *second, *late;
/* Processes with one of these, or whose every call stops instead. */
static size_t n_grown;
static struct {
	pid_t tid, parent; /* 0: none */
} unborn[UNBORN_MAX];
static unsigned next_unborn;
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

	if (!second || !plan_opens(nr))
		return false;
	int arg = nr == SYS_open || nr == SYS_creat ? 0 : 1;
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

static bool is_grown(const struct process *process)
{
	return process->has_second_filter || process->has_late_filter || process->every_call;
}

void grow_inherit(struct process *heir, const struct process *from)
{
	bool was_grown = is_grown(heir);

	heir->has_second_filter |= from->has_second_filter;
	heir->has_late_filter |= from->has_late_filter;
	heir->every_call |= from->every_call;
	n_grown += !was_grown && is_grown(heir);
}

/*
 * A child that has just been made. Its parent may have got a filter since, by another thread: where the numbers of filters are told
 * they must be the same; elsewhere it is taken to have none of these, and gets its own.
 */
static void inherit(struct tracee *child, const struct process *from)
{
	struct process *heir = tracee_keep_process(child);
	struct process has = *from;

	if (!heir || heir->tgid == from->tgid || heir->tgid != child->tid)
		return;
	long filters = proc_status_number(heir->tgid, "Seccomp_filters");
	if (filters < 0 || filters != proc_status_number(from->tgid, "Seccomp_filters"))
		has.has_second_filter = has.has_late_filter = false;
	grow_inherit(heir, &has);
}

void grow_made_child(struct tracee *tracee)
{
	const struct process *from = n_grown > 0 ? tracee_process(tracee) : NULL;
	pid_t tid = from && is_grown(from) ? tracee_new_child(tracee) : 0;
	struct tracee *child = tid ? tracee_find(tid) : NULL;

	if (child) {
		inherit(child, from);
	} else if (tid) {
		unborn[next_unborn].tid = tid;
		unborn[next_unborn].parent = from->tgid;
		next_unborn = (next_unborn + 1) % UNBORN_MAX;
	}
}

void grow_new_tracee(struct tracee *tracee)
{
	const struct process *from = NULL;
	bool is_told = false;

	/* A thread is to be known as one of its process, whose every call may stop. */
	if (n_grown == 0 || !tracee_process(tracee) || tracee->process->tgid != tracee->tid)
		return;
	for (size_t i = 0; i < UNBORN_MAX; i++) {
		if (unborn[i].tid != tracee->tid)
			continue;
		unborn[i].tid = 0;
		from = process_find(unborn[i].parent);
		is_told = true;
	}
	if (!is_told)
		from = process_find((pid_t)proc_status_number(tracee->tid, "PPid"));
	if (from && is_grown(from))
		inherit(tracee, from);
}

void grow_process_ended(const struct process *process)
{
	n_grown -= is_grown(process);
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
	struct process *process = tracee_keep_process(stop->tracee);

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
	bool was_grown = is_grown(process);
	if (stop->result == 0 && stop->grows)
		process->has_second_filter = true;
	else if (stop->result == 0)
		process->has_late_filter = true;
	else if (stop->must_grow || stop->grows_late)
		process->every_call = true;
	else
		process->refuses_filter = true;
	n_grown += !was_grown && is_grown(process);
	/* Threads that run without stops have to be made to stop at their calls. */
	if (process->every_call)
		follow_interrupt_others(stop->tracee);
	stop->result = stop->result_before_growing;
	return EXIT_DONE;
}

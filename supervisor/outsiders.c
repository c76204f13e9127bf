/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outsiders.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>

#include "grow.h"
#include "proc_status.h"
#include "stop.h"

/* Outsiders that are alive: nothing is looked at while there are none. */
static size_t n_outsiders;
/* Processes that may become outsiders: they have opened a pid namespace. */
static size_t n_openers;

/* A pid namespace that outsiders have joined, and a process that is inside, as long as there is one. */
struct joined {
	struct joined *next;
	uint64_t number;
	pid_t witness;
	size_t n_outsiders;
};
static struct joined *joined;

/* Children whose parent's event came before their first stop: who made them may be gone by then. */
enum { UNBORN_MAX = 64 };
static struct {
	pid_t tid, parent;
	enum outsider outsider;
	bool ends_with_joined;
	uint64_t number;
} unborn[UNBORN_MAX];
static size_t next_unborn, n_unborn;

static void forget_unborn(size_t i)
{
	n_unborn -= unborn[i].tid != 0;
	unborn[i].tid = 0;
}

static uint64_t number_in(const char *path)
{
	char link[64];
	unsigned long long number;
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	if (n <= 0)
		return 0;
	link[n] = '\0';
	return sscanf(link, "pid:[%llu]", &number) == 1 ? number : 0;
}

static uint64_t pid_namespace(pid_t tid)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", tid);
	return number_in(path);
}

struct search {
	uint64_t number;
	pid_t witness;
};

static void is_inside(struct tracee *tracee, void *data)
{
	struct search *search = data;

	if (search->witness || pid_namespace(tracee->tid) != search->number)
		return;
	const struct process *process = tracee_process(tracee);
	if (process && !process->outsider)
		search->witness = process->tgid;
}

static pid_t find_witness(uint64_t number)
{
	struct search search = { .number = number };

	tracee_each(is_inside, &search);
	return search.witness;
}

static struct joined *find_joined(uint64_t number)
{
	struct joined *j = joined;

	while (j && j->number != number)
		j = j->next;
	return j;
}

/* Without a witness nobody whom we trace is in there: then its end is not ours to see. */
static void count_in(uint64_t number)
{
	struct joined *j = number ? find_joined(number) : NULL;

	if (!j && number) {
		pid_t witness = find_witness(number);
		if (!witness || !(j = calloc(1, sizeof(*j))))
			return;
		*j = (struct joined){ joined, number, witness, 0 };
		joined = j;
	}
	if (j)
		j->n_outsiders++;
}

static void count_out(uint64_t number)
{
	struct joined **at = &joined;

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	struct joined *j = *at;
	if (!j || --j->n_outsiders > 0)
		return;
	*at = j->next;
	free(j);
}

static void become(struct process *process, enum outsider outsider, uint64_t number)
{
	process->outsider = outsider;
	process->joined_pid = number;
	n_outsiders++;
	count_in(number);
	process->ends_with_joined = find_joined(number) != NULL;
}

/* It has come after the end of the namespace that its parent had joined. */
static bool is_too_late(uint64_t number)
{
	const struct joined *j = find_joined(number);

	return !j || !j->witness;
}

static void opens(struct process *process, uint64_t number)
{
	n_openers += (number != 0) - (process->opened_pid != 0);
	process->opened_pid = number;
}

static void opens_none(struct process *process)
{
	opens(process, 0);
}

static void kill_if_in(struct tracee *tracee, void *data)
{
	const struct process *process = tracee->process;

	if (process && process->is_inside && process->joined_pid == *(const uint64_t *)data)
		kill(tracee->tid, SIGKILL);
}

void outsiders_process_ended(struct process *process)
{
	struct joined *next;

	opens_none(process);
	if (n_outsiders == 0)
		return;
	if (process->outsider) {
		n_outsiders--;
		if (process->ends_with_joined)
			count_out(process->joined_pid);
	}
	for (struct joined *j = joined; j; j = next) {
		next = j->next;
		if (j->witness != process->tgid || (j->witness = find_witness(j->number)))
			continue;
		uint64_t number = j->number;
		tracee_each(kill_if_in, &number);
	}
}

void outsiders_exec(struct process *process)
{
	opens_none(process);
	if (process->outsider)
		process->outsider = OUTSIDER_EXECUTED;
}

/* What the child has of its parent's descriptors that stand for something else. */
static void inherit(struct tracee *heir, struct process *process, const struct process *from)
{
	char name[48], link[PATH_MAX];

	grow_inherit(process, from);
	for (size_t i = 0; i < from->n_fds; i++) {
		const struct named_fd *named = &from->fds[i];
		if (named->followed)
			continue; /* follow.c */
		if (named->fd == AT_FDCWD)
			snprintf(name, sizeof(name), "/proc/%d/cwd", heir->tid);
		else
			snprintf(name, sizeof(name), "/proc/%d/fd/%d", heir->tid, named->fd);
		ssize_t n = readlink(name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (strcmp(link, named->link) == 0)
			process_name_fd(process, named->fd, named->path, named->link);
	}
}

void outsiders_new_tracee(struct tracee *tracee)
{
	/* The only outsider may have ended since it made this one. */
	if (n_outsiders + n_openers + n_unborn == 0)
		return;
	/* Asked for each of them, so that no process is forgotten while one of its threads is there. */
	struct process *process = tracee_process(tracee);
	if (!process)
		return;
	pid_t parent = 0;
	enum outsider outsider = OUTSIDER_NOT;
	uint64_t number = 0;
	bool ends = false;
	for (size_t i = 0; i < UNBORN_MAX; i++) {
		if (unborn[i].tid != tracee->tid)
			continue;
		forget_unborn(i);
		parent = unborn[i].parent;
		outsider = unborn[i].outsider;
		number = unborn[i].number;
		ends = unborn[i].ends_with_joined;
	}
	if (process->outsider)
		return;
	if (!parent)
		parent = (pid_t)proc_status_number(tracee->tid, "PPid");
	const struct process *from = process_find(parent);
	if (from && from->opened_pid && !process->opened_pid)
		opens(process, from->opened_pid);
	if (from && from->outsider) {
		outsider = from->outsider;
		number = from->joined_pid;
		ends = from->ends_with_joined;
		inherit(tracee, process, from);
	}
	if (outsider) {
		become(process, outsider, number);
		process->is_inside = true;
		if (ends && is_too_late(number))
			kill(tracee->tid, SIGKILL);
	}
}

/*
 * A child that has been seen was marked then, since its parent was still there.
 */
void outsiders_made_child(struct tracee *tracee)
{
	const struct process *process = tracee->process;
	pid_t tid = process && process->outsider ? tracee_new_child(tracee) : 0;

	if (tid == 0 || tracee_find(tid))
		return;
	forget_unborn(next_unborn);
	n_unborn++;
	unborn[next_unborn].tid = tid;
	unborn[next_unborn].parent = process->tgid;
	unborn[next_unborn].outsider = process->outsider;
	unborn[next_unborn].number = process->joined_pid;
	unborn[next_unborn].ends_with_joined = process->ends_with_joined;
	next_unborn = (next_unborn + 1) % UNBORN_MAX;
}

void outsiders_never_seen(pid_t tid)
{
	for (size_t i = 0; i < UNBORN_MAX; i++)
		if (unborn[i].tid == tid)
			forget_unborn(i);
}

static void know_thread(struct tracee *tracee, void *data)
{
	tracee_process(tracee);
}

bool stop_is_outsider(const struct stop *stop)
{
	const struct process *process = stop->tracee->process;

	return process && process->outsider == OUTSIDER_EXECUTED;
}

void stop_becomes_outsider(struct stop *stop)
{
	struct process *process = tracee_process(stop->tracee);

	if (!process || process->outsider)
		return;
	tracee_each(know_thread, NULL);
	become(process, OUTSIDER_JOINED, process->opened_pid);
	stop->grows_late = true;
}

void stop_opens_pid_namespace(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 32];
	struct process *process = tracee_process(stop->tracee);

	if (!process)
		return;
	/* By the thread's own root: the number in path is the one in its /proc. */
	snprintf(name, sizeof(name), "/proc/%d/root%s", stop->tracee->tid, path);
	opens(process, number_in(name));
}

pid_t stop_tgid(struct stop *stop)
{
	const struct process *process = tracee_process(stop->tracee);

	return process ? process->tgid : 0;
}

bool stop_may_become_outsider(const struct stop *stop)
{
	const struct process *process = stop->tracee->process;

	return process && (process->opened_pid || process->outsider == OUTSIDER_JOINED);
}

uint64_t stop_joined_pid(const struct stop *stop)
{
	return stop->tracee->process ? stop->tracee->process->joined_pid : 0;
}

/* Who made a process may ask before its first stop has been seen. */
static bool is_unborn_with(const struct stop *stop, pid_t tid)
{
	const struct process *own = stop->tracee->process;

	for (size_t i = 0; own && own->joined_pid && i < UNBORN_MAX; i++)
		if (unborn[i].tid == tid && unborn[i].outsider == OUTSIDER_EXECUTED &&
			unborn[i].number == own->joined_pid)
			return true;
	return false;
}

/* Whether a process is in the same session: outside, and said to be in the same namespace. */
static bool is_with(const struct stop *stop, const struct process *other)
{
	const struct process *own = stop->tracee->process;

	return own && other &&
	       (other == own || (other->is_inside && other->joined_pid == own->joined_pid &&
					own->joined_pid));
}

bool stop_is_outsider_with(const struct stop *stop, pid_t tgid)
{
	const struct process *other = process_find(tgid);

	return other ? other->outsider == OUTSIDER_EXECUTED && is_with(stop, other)
		     : is_unborn_with(stop, tgid);
}

enum { INSIDE_MAX = 1024 };
struct numbers {
	uint64_t namespace;
	size_t n;
	pid_t at[INSIDE_MAX];
};

/* In order, each once. */
static void add_number(struct numbers *numbers, pid_t number)
{
	size_t i = 0;

	while (i < numbers->n && numbers->at[i] < number)
		i++;
	if ((i < numbers->n && numbers->at[i] == number) || numbers->n == INSIDE_MAX)
		return;
	memmove(&numbers->at[i + 1], &numbers->at[i], (numbers->n - i) * sizeof(pid_t));
	numbers->at[i] = number;
	numbers->n++;
}

static void add_if_inside(struct tracee *tracee, void *data)
{
	struct numbers *numbers = data;

	if (pid_namespace(tracee->tid) != numbers->namespace)
		return;
	const struct process *process = tracee_process(tracee);
	if (process)
		add_number(numbers, process->tgid);
}

/* The numbers of processes that a thread's own /proc shows, which may be any folder that a program has filled. */
static void list_numbers(pid_t tid, struct numbers *ret_numbers)
{
	char path[40];
	const struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%d/root/proc", tid);
	DIR *folder = opendir(path);
	for (int i = 0; folder && i < 2 * INSIDE_MAX && (entry = readdir(folder)); i++) {
		int number = atoi(entry->d_name);
		if (number > 0)
			add_number(ret_numbers, number);
	}
	if (folder)
		closedir(folder);
}

pid_t stop_outsider_target(struct stop *stop, pid_t number)
{
	struct numbers ours = { .namespace = stop_joined_pid(stop) }, theirs = { 0 };

	if (is_with(stop, process_find(number)) || is_unborn_with(stop, number))
		return number;
	if (!ours.namespace)
		return 0;
	tracee_each(add_if_inside, &ours);
	if (number == 1)
		return ours.n ? ours.at[0] : 0;
	/* Numbers are given in order in each namespace: the second of theirs is the second of ours. */
	list_numbers(stop->tracee->tid, &theirs);
	for (size_t i = 0; i < theirs.n && theirs.n == ours.n; i++)
		if (theirs.at[i] == number)
			return ours.at[i];
	return 0;
}

bool stop_is_outsiders_thread(const struct stop *stop, pid_t tid)
{
	struct tracee *tracee = tracee_find(tid);

	return tracee ? is_with(stop, tracee_process(tracee)) : is_unborn_with(stop, tid);
}

struct group_search {
	const struct stop *stop;
	pid_t group;
	bool found, has_others;
};

static void is_in_group(struct tracee *tracee, void *data)
{
	struct group_search *search = data;

	if (search->has_others || getpgid(tracee->tid) != search->group)
		return;
	if (is_with(search->stop, tracee_process(tracee)))
		search->found = true;
	else
		search->has_others = true;
}

bool stop_is_outsiders_group(const struct stop *stop, pid_t group)
{
	struct group_search search = { stop, group, false, false };

	tracee_each(is_in_group, &search);
	return search.found && !search.has_others;
}

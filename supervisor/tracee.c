/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracee.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lookup.h"
#include "proc_status.h"
#include "util.h"

enum { FIRST_BUCKETS = 256, NAMED_FDS_MAX = 512 };

static void (*on_tracee_end)(struct tracee *tracee);
static void (*on_process_end)(struct process *process);

void tracee_on_end(
	void (*tracee_ends)(struct tracee *tracee), void (*process_ends)(struct process *process))
{
	on_tracee_end = tracee_ends;
	on_process_end = process_ends;
}

static bool exec_is_unseen;

static struct {
	struct tracee **buckets;
	size_t n_buckets, n;
} table;

/* Processes are few beside threads, and looked up once a thread: a fixed number of chains will do. */
static struct process *processes[FIRST_BUCKETS];

static struct tracee **bucket(struct tracee **buckets, size_t n, pid_t tid)
{
	return &buckets[(unsigned)tid & (n - 1)];
}

static int grow(void)
{
	size_t n = table.n_buckets ? table.n_buckets * 2 : FIRST_BUCKETS;
	struct tracee **buckets = calloc(n, sizeof(struct tracee *));

	if (!buckets)
		return table.n_buckets ? 0 : -ENOMEM; /* longer chains, but it goes on */
	for (size_t i = 0; i < table.n_buckets; i++) {
		for (struct tracee *t = table.buckets[i], *next; t; t = next) {
			struct tracee **head = bucket(buckets, n, t->tid);
			next = t->hash_next;
			t->hash_next = *head;
			*head = t;
		}
	}
	free(table.buckets);
	table.buckets = buckets;
	table.n_buckets = n;
	return 0;
}

struct tracee *tracee_add(pid_t tid)
{
	if (table.n >= table.n_buckets && grow())
		return NULL;
	struct tracee *tracee = calloc(1, sizeof(*tracee));
	if (!tracee)
		return NULL;
	tracee->tid = tid;
	struct tracee **head = bucket(table.buckets, table.n_buckets, tid);
	tracee->hash_next = *head;
	*head = tracee;
	table.n++;
	return tracee;
}

struct tracee *tracee_find(pid_t tid)
{
	if (!table.n_buckets)
		return NULL;
	for (struct tracee *t = *bucket(table.buckets, table.n_buckets, tid); t; t = t->hash_next)
		if (t->tid == tid)
			return t;
	return NULL;
}

/* Threads of the process may still have slots, to be given back when they are seen to have died. */
static void retire_areas(struct process *process)
{
	for (struct area *area = process->areas, *next; area; area = next) {
		next = area->next;
		area->retired = true;
		if (area->used == 0)
			free(area);
	}
	process->areas = NULL;
}

static void process_release(struct process *process)
{
	if (!process || --process->n_tracees > 0)
		return;
	for (struct process **p = &processes[(unsigned)process->tgid % FIRST_BUCKETS]; *p;
		p = &(*p)->hash_next) {
		if (*p == process) {
			*p = process->hash_next;
			break;
		}
	}
	on_process_end(process);
	retire_areas(process);
	while (process->n_fds)
		process_unname_fd(process, process->fds[0].fd);
	free(process->fds);
	free(process->fast_path);
	free(process->program);
	free(process);
}

void tracee_remove(struct tracee *tracee)
{
	for (struct tracee **t = bucket(table.buckets, table.n_buckets, tracee->tid); *t;
		t = &(*t)->hash_next) {
		if (*t == tracee) {
			*t = tracee->hash_next;
			table.n--;
			break;
		}
	}
	on_tracee_end(tracee);
	tracee_ends_exec(tracee);
	process_release(tracee->process);
	free(tracee);
}

size_t tracee_count(void)
{
	return table.n;
}

void tracee_each(void (*each)(struct tracee *tracee, void *data), void *data)
{
	for (size_t i = 0; i < table.n_buckets; i++)
		for (struct tracee *t = table.buckets[i], *next; t; t = next) {
			next = t->hash_next;
			each(t, data);
		}
}

struct process *process_find(pid_t tgid)
{
	struct process *process = processes[(unsigned)tgid % FIRST_BUCKETS];

	while (process && process->tgid != tgid)
		process = process->hash_next;
	return process;
}

bool tracee_was_replaced(const struct tracee *tracee)
{
	const struct process *process = process_find(tracee->tid);
	siginfo_t info;

	if (!exec_is_unseen && (!process || process->n_executing == 0))
		return false;
	/* It fails while the leader is on its way out: the new program may be there at the next call. */
	return ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &info) ||
	       (info.si_signo == SIGTRAP && info.si_code == (SIGTRAP | PTRACE_EVENT_EXEC << 8));
}

/*
 * tgkill(2) finds a thread in its own process only. Not by /proc: in gVisor (2024, 2026) /proc/PID/net stays that of the
 * network namespace in which /proc/PID was looked at first, and nearly everybody executes a program before it makes one.
 */
static bool is_thread_of(pid_t tgid, const struct tracee *tracee)
{
	return syscall(SYS_tgkill, tgid, tracee->tid, 0) == 0 || errno != ESRCH;
}

static bool is_leader(const struct tracee *tracee)
{
	return is_thread_of(tracee->tid, tracee);
}

void tracee_begins_exec(struct tracee *tracee)
{
	if (tracee->executes || (!tracee->process && is_leader(tracee)))
		return;
	struct process *process = tracee_process(tracee);
	if (!process || process->tgid == tracee->tid)
		return;
	tracee->executes = true;
	process->n_executing++;
}

void tracee_ends_exec(struct tracee *tracee)
{
	if (tracee->executes)
		tracee->process->n_executing--;
	tracee->executes = false;
}

void tracee_exec_is_unseen(void)
{
	exec_is_unseen = true;
}

/* Processes whose threads were asked for, the last one first: threads of few processes are asked for in turns. */
enum { RECENT_MAX = 8 };
static pid_t recent[RECENT_MAX];

/* Moves it to the front from its place, at; a new one takes the last. */
static pid_t remember(pid_t tgid, size_t at)
{
	memmove(recent + 1, recent, at * sizeof(recent[0]));
	return recent[0] = tgid;
}

/* In gVisor 2024 a tgkill(2) takes 2 us, and a thread's status file 150. */
static pid_t find_tgid(const struct tracee *tracee)
{
	for (size_t i = 0; i < RECENT_MAX; i++) {
		if (recent[i] > 0 && is_thread_of(recent[i], tracee))
			return remember(recent[i], i);
		if (i == 0 && is_leader(tracee))
			return remember(tracee->tid, RECENT_MAX - 1);
	}
	pid_t tgid = (pid_t)proc_status_number(tracee->tid, "Tgid");
	return tgid > 0 ? remember(tgid, RECENT_MAX - 1) : tgid;
}

struct process *tracee_process(struct tracee *tracee)
{
	if (tracee->process)
		return tracee->process;
	pid_t tgid = find_tgid(tracee);
	if (tgid <= 0)
		return NULL;

	struct process **head = &processes[(unsigned)tgid % FIRST_BUCKETS];
	struct process *process = process_find(tgid);
	if (!process) {
		process = calloc(1, sizeof(*process));
		if (!process)
			return NULL;
		process->tgid = tgid;
		const struct tracee *leader = tracee_find(tgid);
		process->has_executed = leader && leader->has_executed;
		process->hash_next = *head;
		*head = process;
	}
	process->n_tracees++;
	return tracee->process = process;
}

struct process *tracee_keep_process(struct tracee *tracee)
{
	struct process *process = tracee_process(tracee);
	struct tracee *leader = process ? tracee_find(process->tgid) : NULL;

	if (leader)
		tracee_process(leader);
	return process;
}

static bool pid_namespace(pid_t tid, char ret_link[64])
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", tid);
	ssize_t n = readlink(path, ret_link, 63);
	ret_link[n > 0 ? n : 0] = '\0';
	return n > 0;
}

pid_t tracee_new_child(const struct tracee *tracee)
{
	char own[64], its[64];
	unsigned long child;

	if (ptrace(PTRACE_GETEVENTMSG, tracee->tid, 0, &child) || !pid_namespace(getpid(), own) ||
		!pid_namespace(tracee->tid, its) || strcmp(own, its) != 0)
		return 0;
	return (pid_t)child;
}

void process_exec(struct process *process)
{
	retire_areas(process);
	free(process->program);
	process->program = NULL;
	free(process->fast_path);
	process->fast_path = NULL;
	process->has_executed = true;
}

/* As the kernel shows it: the thread's root folder may still stand before it. */
static bool is_there(pid_t tid, const char *path)
{
	char roots[][24] = { "", "/" };

	snprintf(roots[0], sizeof(roots[0]), "/proc/%d/root", tid);
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		cleanup_close int root = open(roots[i], O_PATH | O_CLOEXEC);
		cleanup_close int file = root < 0 ? -1 : lookup_open(root, path, O_PATH);
		if (file >= 0)
			return true;
	}
	return false;
}

/*
 * What the kernel says behind the path of an executable that has been removed or replaced since, as package managers do it, is no part of
 * its name. One that is really called so is there.
 */
static size_t length_without_remark(pid_t tid, const char *path, size_t length)
{
	static const char remark[] = " (deleted)";
	const size_t n = sizeof(remark) - 1;

	return length > n && strcmp(path + length - n, remark) == 0 && !is_there(tid, path)
		       ? length - n
		       : length;
}

const char *tracee_program(struct tracee *tracee)
{
	struct process *process = tracee_process(tracee);
	char name[32], path[PATH_MAX];

	if (!process)
		return "";
	if (process->program)
		return process->program;
	snprintf(name, sizeof(name), "/proc/%d/exe", tracee->tid);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	path[MAX(n, 0)] = '\0';
	process->program = strndup(path, length_without_remark(tracee->tid, path, strlen(path)));
	return process->program ? process->program : "";
}

struct named_fd *process_named_fd(struct process *process, int fd)
{
	for (size_t i = 0; i < process->n_fds; i++)
		if (process->fds[i].fd == fd)
			return &process->fds[i];
	return NULL;
}

void process_unname_fd(struct process *process, int fd)
{
	struct named_fd *named = process_named_fd(process, fd);

	if (!named)
		return;
	process->n_followed -= named->followed;
	free(named->path);
	free(named->link);
	free(named->data);
	*named = process->fds[--process->n_fds];
}

struct named_fd *process_name_fd(
	struct process *process, int fd, const char *path, const char *link)
{
	/* Copied first: they may be those of the descriptor's earlier name, as after dup2(fd, fd). */
	struct named_fd new = { .fd = fd, .path = strdup(path), .link = strdup(link) };

	process_unname_fd(process, fd);
	if (process->n_fds == NAMED_FDS_MAX)
		process_unname_fd(process, process->fds[0].fd);
	struct named_fd *fds = realloc(process->fds, (process->n_fds + 1) * sizeof(*fds));
	if (fds)
		process->fds = fds;
	if (!fds || !new.path || !new.link) {
		free(new.path);
		free(new.link);
		return NULL;
	}
	struct named_fd *named = &fds[process->n_fds++];
	*named = new;
	return named;
}

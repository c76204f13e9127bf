/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "follow.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "follow_call.h"
#include "marker.h"
#include "proc_status.h"

/* Followed descriptors of all processes: nothing is looked at while there are none. */
static size_t n_followed_processes;

/* After what may have changed that. True: it is followed from now on. */
static bool count_process(const struct process *process, bool was_followed)
{
	bool is_followed = process->n_followed > 0;

	if (is_followed && !was_followed)
		n_followed_processes++;
	if (was_followed && !is_followed)
		n_followed_processes--;
	return is_followed && !was_followed;
}

static void name_of_fd(pid_t tid, int fd, char ret_name[48])
{
	if (fd == AT_FDCWD)
		snprintf(ret_name, 48, "/proc/%d/cwd", tid);
	else
		snprintf(ret_name, 48, "/proc/%d/fd/%d", tid, fd);
}

static void link_of_fd(pid_t tid, int fd, char *ret_link, size_t size)
{
	char name[48];

	name_of_fd(tid, fd, name);
	ssize_t n = readlink(name, ret_link, size - 1);
	ret_link[n > 0 ? n : 0] = '\0';
}

/* Each open of a fake file makes a memfd of its own. 0: there is none; nobody is asked who may not answer. */
static uint64_t inode_of_fd(pid_t tid, int fd)
{
	struct statx status;
	char name[48];

	name_of_fd(tid, fd, name);
	return statx(AT_FDCWD, name, AT_STATX_DONT_SYNC, STATX_INO, &status) ? 0 : status.stx_ino;
}

/* Whether descriptor fd of the thread is what named says: another file may have got the number, and even the same name. */
static bool is_same_fd(pid_t tid, int fd, const struct named_fd *named)
{
	char link[PATH_MAX];

	link_of_fd(tid, fd, link, sizeof(link));
	return strcmp(link, named->link) == 0 &&
	       (!named->followed || inode_of_fd(tid, fd) == named->inode);
}

static void interrupt_thread_of(struct tracee *tracee, void *data)
{
	const struct tracee *but = data;

	if (tracee != but && tracee_process(tracee) == but->process)
		ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
}

void follow_interrupt_others(struct tracee *tracee)
{
	tracee_each(interrupt_thread_of, tracee);
}

/* So that there is nobody to be asked: of thousands that takes its time. */
static bool lacks_kcmp;

/*
 * Whether two threads have one table of descriptors, or one working directory: kcmp(2), which gVisor (2022 to 2026) has not. unknown: what is
 * said then.
 */
static bool shares(pid_t tid, pid_t other, int fd, bool unknown)
{
	int kind = fd == AT_FDCWD ? KCMP_FS : KCMP_FILES;
	long order = tid == other ? 0 : syscall(SYS_kcmp, tid, other, kind, 0, 0);

	lacks_kcmp |= order < 0 && errno == ENOSYS;
	return order < 0 ? unknown : order == 0;
}

/* As what like says, which may be what the descriptor was before. */
static void follow_one(struct tracee *tracee, int fd, const struct named_fd *like, const char *link)
{
	const struct rule *rule = like->rule;
	int access = like->access;
	struct process *process = tracee->process;
	bool was_followed = process->n_followed > 0;
	struct named_fd *named = process_name_fd(process, fd, like->path, link);

	if (named) {
		named->followed = true;
		named->access = access;
		named->rule = rule;
		named->inode = inode_of_fd(tracee->tid, fd);
		named->tid = tracee->tid;
		process->n_followed++;
	}
	/* Threads that run without stops have to be made to stop at their calls. */
	if (count_process(process, was_followed))
		follow_interrupt_others(tracee);
}

struct sharing {
	struct tracee *tracee; /* that has got a descriptor */
	int fd;
};

/* A process whose leader shares it, without being of the same process (CLONE_FILES, CLONE_FS without CLONE_THREAD). */
static void follow_sharer(struct tracee *tracee, void *data)
{
	const struct sharing *sharing = data;
	struct process *from = sharing->tracee->process, *process = tracee_process(tracee);
	const struct named_fd *named = process_named_fd(from, sharing->fd), *its;

	if (!named || !process || process == from || process->tgid != tracee->tid)
		return;
	/* It knows already, as one whose descriptors have just been inherited does. */
	its = process_named_fd(process, sharing->fd);
	if (its && its->followed && its->inode == named->inode &&
		strcmp(its->link, named->link) == 0)
		return;
	if (!shares(sharing->tracee->tid, tracee->tid, sharing->fd, false))
		return;
	follow_one(tracee, sharing->fd, named, named->link);
	interrupt_thread_of(tracee, &(struct tracee){ .process = process });
}

static void follow_fd(struct tracee *tracee, int fd, const struct named_fd *like, const char *link)
{
	struct sharing sharing = { tracee, fd };

	follow_one(tracee, fd, like, link);
	if (!lacks_kcmp)
		tracee_each(follow_sharer, &sharing);
}

void stop_follow(struct stop *stop, int fd, const char *path, int access)
{
	char link[PATH_MAX], is[PATH_MAX];
	struct named_fd like = { .access = access, .path = is, .rule = stop->rule };
	struct tracee *tracee = stop->tracee;

	if (!tracee_process(tracee))
		return;
	link_of_fd(tracee->tid, fd, link, sizeof(link));
	strcpy(is, link);
	/* A thread of the program may have put a memfd with another name there, of a file that is none of its own. */
	if (marker_strip(is) && strcmp(is, path) == 0)
		follow_fd(tracee, fd, &like, link);
}

void stop_follow_folder(struct stop *stop, int fd, const char *path)
{
	char link[PATH_MAX], copy[PATH_MAX];
	struct named_fd like = { .access = O_DIRECTORY, .path = copy, .rule = stop->rule };
	struct tracee *tracee = stop->tracee;

	if (!tracee_process(tracee) || strlen(path) >= sizeof(copy))
		return;
	strcpy(copy, path);
	link_of_fd(tracee->tid, fd, link, sizeof(link));
	follow_fd(tracee, fd, &like, link);
	stop->names_cwd = fd == AT_FDCWD;
}

void stop_name_fd(struct stop *stop, int fd, const char *path)
{
	char link[PATH_MAX];

	struct process *process = tracee_process(stop->tracee);

	if (!process)
		return;
	bool was_followed = process->n_followed > 0;
	if (path) {
		link_of_fd(stop->tracee->tid, fd, link, sizeof(link));
		struct named_fd *named = process_name_fd(process, fd, path, link);
		if (named)
			named->tid = stop->tracee->tid;
	} else {
		process_unname_fd(process, fd);
	}
	count_process(process, was_followed);
}

/* Programs that mount have a few such descriptors. Thousands of processes could have hundreds each, some KiB of ours. */
static void forget_most_data(struct process *process)
{
	enum { DATA_MAX = 32 };
	struct named_fd *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < process->n_fds; i++) {
		if (!process->fds[i].data)
			continue;
		if (!first)
			first = &process->fds[i];
		n++;
	}
	if (n < DATA_MAX)
		return;
	free(first->data);
	first->data = NULL;
}

void *stop_fd_data(struct stop *stop, int fd, bool new, size_t size)
{
	char link[PATH_MAX];
	struct process *process = tracee_process(stop->tracee);
	struct named_fd *named = process ? process_named_fd(process, fd) : NULL;

	if (!process || (!new && (!named || !named->data)))
		return NULL;
	link_of_fd(stop->tracee->tid, fd, link, sizeof(link));
	if (!new)
		return strcmp(link, named->link) == 0 ? named->data : NULL;
	forget_most_data(process);
	stop_name_fd(stop, fd, link);
	named = process_named_fd(process, fd);
	if (named)
		named->data = calloc(1, size);
	return named ? named->data : NULL;
}

unsigned *stop_listing(struct stop *stop, int fd, const char *path)
{
	struct process *process = tracee_process(stop->tracee);
	struct named_fd *named = process ? process_named_fd(process, fd) : NULL;

	if (process && (!named || strcmp(named->path, path) != 0)) {
		stop_name_fd(stop, fd, path);
		named = process_named_fd(process, fd);
	}
	return named ? &named->listed : NULL;
}

/* The thread that has got it, if that is still there; else the leader. */
static pid_t holder_of(const struct process *process, const struct named_fd *named)
{
	const struct tracee *holder = tracee_find(named->tid);

	return holder && holder->process == process ? named->tid : process->tgid;
}

static void recheck(struct tracee *tracee, struct process *process)
{
	bool was_followed = process->n_followed > 0;

	for (size_t i = process->n_fds; i-- > 0;) {
		const struct named_fd *named = &process->fds[i];
		pid_t holder = holder_of(process, named);
		/* A thread that has left the table (unshare(2)) closes what is none of the others'. */
		if (!is_same_fd(tracee->tid, named->fd, named) &&
			(tracee->tid == holder || !is_same_fd(holder, named->fd, named)) &&
			!is_same_fd(process->tgid, named->fd, named))
			process_unname_fd(process, named->fd);
	}
	count_process(process, was_followed);
}

void follow_recheck(struct tracee *tracee)
{
	if (tracee->process && tracee->process->n_fds)
		recheck(tracee, tracee->process);
}

struct inheritance {
	struct tracee *heir;
	struct process *process;
	pid_t parent; /* 0: not asked yet */
};

/* What stands for a folder is a real one, whose inode any other process may have under that number, too. */
static bool is_inherited(
	struct inheritance *inheritance, const struct process *from, const struct named_fd *named)
{
	pid_t heir = inheritance->heir->tid;

	if (!named->followed || !is_same_fd(heir, named->fd, named))
		return false;
	if (!(named->access & O_DIRECTORY))
		return true;
	if (!inheritance->parent)
		inheritance->parent = (pid_t)proc_status_number(heir, "PPid");
	return inheritance->parent == from->tgid;
}

static void inherit(struct tracee *tracee, void *data)
{
	struct inheritance *inheritance = data;
	struct process *from = tracee->process;

	if (!from || from == inheritance->process || !from->n_followed ||
		inheritance->process->n_followed)
		return;
	for (size_t i = 0; i < from->n_fds; i++) {
		const struct named_fd *named = &from->fds[i];
		if (is_inherited(inheritance, from, named))
			follow_fd(inheritance->heir, named->fd, named, named->link);
	}
}

void follow_new_tracee(struct tracee *tracee)
{
	if (n_followed_processes == 0)
		return;
	struct inheritance inheritance = { tracee, tracee_process(tracee), 0 };
	if (inheritance.process && !inheritance.process->n_followed)
		tracee_each(inherit, &inheritance);
}

void follow_process_ended(const struct process *process)
{
	if (process->n_followed)
		n_followed_processes--;
}

static bool may_close_or_copy(long nr)
{
	switch (nr) {
	case SYS_chdir:
	case SYS_fchdir:
	case SYS_close:
	case SYS_close_range:
	case SYS_dup:
	case SYS_dup2:
	case SYS_dup3:
	case SYS_fcntl:
		return true;
	default:
		return false;
	}
}

/* What the call's descriptor is, if that is followed: NULL, if not. */
static const struct named_fd *followed_by(struct stop *stop)
{
	int fd = follow_call_fd(stop);
	const struct named_fd *named = process_named_fd(stop->tracee->process, fd);

	return named && named->followed && is_same_fd(stop->tracee->tid, fd, named) ? named : NULL;
}

static enum call_state tell_folder(struct stop *stop, enum call_state state)
{
	const struct named_fd *named = process_named_fd(stop->tracee->process, AT_FDCWD);

	if (!named || !named->followed || !is_same_fd(stop->tracee->tid, AT_FDCWD, named))
		return state;
	stop->log_rule = named->rule;
	stop_give_cwd(stop, named->path);
	return CALL_SKIPPED;
}

/* The working directory has become another one. */
static void follow_folder(struct stop *stop)
{
	const struct named_fd *named = stop_syscall(stop) == SYS_fchdir ? followed_by(stop) : NULL;

	if (named) {
		follow_fd(stop->tracee, AT_FDCWD, named, named->link);
		return;
	}
	/* What an emulation has just said of it stays. */
	named = process_named_fd(stop->tracee->process, AT_FDCWD);
	if (named && named->followed && !stop->names_cwd &&
		shares(stop->tracee->tid, holder_of(stop->tracee->process, named), AT_FDCWD, true))
		stop_name_fd(stop, AT_FDCWD, NULL);
}

enum call_state follow_enter(struct stop *stop, enum call_state state)
{
	struct process *process = stop->tracee->process;

	/* A call that is only logged is watched, too. */
	if (!process || !process->n_followed || stop->rule || stop->detour ||
		(state != CALL_PASSES && state != CALL_WATCHED))
		return state;
	if (stop_syscall(stop) == SYS_getcwd)
		return tell_folder(stop, state);
	const struct named_fd *named = followed_by(stop);
	if (named)
		state = follow_call_enter(stop, named, state);
	return state != CALL_SKIPPED && may_close_or_copy(stop_syscall(stop)) ? CALL_WATCHED
									      : state;
}

void follow_exit(struct stop *stop)
{
	struct tracee *tracee = stop->tracee;
	struct process *process = tracee->process;
	long nr = stop_syscall(stop);

	/* Whatever has become of the descriptor since. */
	if (stop->moves_offset)
		stop_set_result(stop, stop_kept(stop));
	if (!process || !process->n_followed)
		return;
	if ((nr == SYS_chdir || nr == SYS_fchdir) && stop_result(stop) == 0) {
		follow_folder(stop);
		return;
	}
	if (stop->rule || !may_close_or_copy(nr))
		return;
	const struct named_fd *named = followed_by(stop);
	if (named)
		follow_call_exit(stop, named);
	int64_t result = stop_result(stop);
	if (named && result >= 0 && nr != SYS_close &&
		(nr != SYS_fcntl || stop_asked(stop, 1) == F_DUPFD ||
			stop_asked(stop, 1) == F_DUPFD_CLOEXEC))
		follow_fd(tracee, (int)result, named, named->link);
	recheck(tracee, process);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "follow.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "fake_file.h"
#include "fake_written.h"
#include "fakeprocsys.h"
#include "own_proc.h"

enum { IOVECS_MAX = 16 };

/* Followed descriptors of all processes: nothing is looked at while there are none. */
static size_t n_followed_processes;

static void link_of_fd(pid_t tid, int fd, char *ret_link, size_t size)
{
	char name[48];

	if (fd == AT_FDCWD)
		snprintf(name, sizeof(name), "/proc/%d/cwd", tid);
	else
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", tid, fd);
	ssize_t n = readlink(name, ret_link, size - 1);
	ret_link[n > 0 ? n : 0] = '\0';
}

static void interrupt_thread_of(struct tracee *tracee, void *data)
{
	const struct tracee *opener = data;

	if (tracee != opener && tracee_process(tracee) == opener->process)
		ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
}

static void follow_fd(
	struct tracee *tracee, int fd, const char *path, const char *link, const struct rule *rule)
{
	struct process *process = tracee->process;
	bool was_followed = process->n_followed > 0;
	struct named_fd *named = process_name_fd(process, fd, path, link);

	if (named) {
		named->followed = true;
		named->rule = rule;
		process->n_followed++;
	}
	/* The descriptor's earlier name may have been the only one that was followed. */
	if (was_followed && process->n_followed == 0)
		n_followed_processes--;
	if (!was_followed && process->n_followed > 0) {
		n_followed_processes++;
		/* Threads that run without stops have to be made to stop at their calls. */
		tracee_each(interrupt_thread_of, tracee);
	}
}

void stop_follow_writes(struct stop *stop, int fd)
{
	char link[PATH_MAX], path[PATH_MAX];
	struct tracee *tracee = stop->tracee;

	if (!tracee_process(tracee))
		return;
	link_of_fd(tracee->tid, fd, link, sizeof(link));
	strcpy(path, link);
	if (marker_strip(path))
		follow_fd(tracee, fd, path, link, stop->rule);
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
		process_name_fd(process, fd, path, link);
	} else {
		process_unname_fd(process, fd);
	}
	if (was_followed && process->n_followed == 0)
		n_followed_processes--;
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

static void recheck(struct tracee *tracee, struct process *process)
{
	char link[PATH_MAX];
	bool was_followed = process->n_followed > 0;

	for (size_t i = process->n_fds; i-- > 0;) {
		struct named_fd *named = &process->fds[i];
		link_of_fd(tracee->tid, named->fd, link, sizeof(link));
		if (strcmp(link, named->link) != 0)
			process_unname_fd(process, named->fd);
	}
	if (was_followed && process->n_followed == 0)
		n_followed_processes--;
}

void follow_recheck(struct tracee *tracee)
{
	if (tracee->process && tracee->process->n_fds)
		recheck(tracee, tracee->process);
}

struct inheritance {
	struct tracee *heir;
	struct process *process;
};

static void inherit(struct tracee *tracee, void *data)
{
	struct inheritance *inheritance = data;
	struct process *from = tracee->process;
	char link[PATH_MAX];

	if (!from || from == inheritance->process || !from->n_followed ||
		inheritance->process->n_followed)
		return;
	for (size_t i = 0; i < from->n_fds; i++) {
		if (!from->fds[i].followed)
			continue;
		link_of_fd(inheritance->heir->tid, from->fds[i].fd, link, sizeof(link));
		if (strcmp(link, from->fds[i].link) == 0)
			follow_fd(inheritance->heir, from->fds[i].fd, from->fds[i].path, link,
				from->fds[i].rule);
	}
}

void follow_new_tracee(struct tracee *tracee)
{
	if (n_followed_processes == 0)
		return;
	struct inheritance inheritance = { tracee, tracee_process(tracee) };
	if (inheritance.process && !inheritance.process->n_followed)
		tracee_each(inherit, &inheritance);
}

void follow_process_ended(const struct process *process)
{
	if (process->n_followed)
		n_followed_processes--;
}

/* What a write of the given call would write at the file's start: its length, or -1 when it is no write. */
static ssize_t read_written(struct stop *stop, char data[SYSCTL_VALUE_MAX])
{
	struct iovec vectors[IOVECS_MAX];
	size_t done = 0, n;

	switch (stop_syscall(stop)) {
	case SYS_write:
	case SYS_pwrite64:
		done = MIN(stop_asked(stop, 2), (uint64_t)SYSCTL_VALUE_MAX);
		return stop_read(stop, stop_asked(stop, 1), data, done) ? -1 : (ssize_t)done;
	case SYS_writev:
	case SYS_pwritev:
	case SYS_pwritev2:
		n = MIN(stop_asked(stop, 2), (uint64_t)IOVECS_MAX);
		if (stop_read(stop, stop_asked(stop, 1), vectors, n * sizeof(vectors[0])))
			return -1;
		for (size_t i = 0; i < n; i++) {
			size_t take = MIN(vectors[i].iov_len, SYSCTL_VALUE_MAX - done);
			if (stop_read(stop, (uint64_t)vectors[i].iov_base, data + done, take))
				return -1;
			done += take;
		}
		return (ssize_t)done;
	default:
		return -1;
	}
}

static bool may_close_or_copy(long nr)
{
	switch (nr) {
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

enum call_state follow_enter(struct stop *stop, enum call_state state)
{
	struct process *process = stop->tracee->process;
	char data[SYSCTL_VALUE_MAX];
	struct sysctl_viewer viewer;

	/* A call that is only logged is watched, too. */
	if (!process || !process->n_followed || stop->rule || stop->detour ||
		(state != CALL_PASSES && state != CALL_WATCHED))
		return state;
	if (may_close_or_copy(stop_syscall(stop)))
		return CALL_WATCHED;
	struct named_fd *named = process_named_fd(process, (int)stop_asked(stop, 0));
	ssize_t length = named && named->followed ? read_written(stop, data) : -1;
	if (length < 0)
		return state;

	const char *below = fake_below_proc_sys(named->path);
	int r;
	if (below) {
		fake_viewer(stop, named->path, &viewer);
		r = fakeprocsys_write(stop_fakeprocsys(stop), below, &viewer, data, (size_t)length);
		fake_viewer_finish(&viewer);
	} else {
		r = own_proc_write(named->path, data, (size_t)length);
	}
	stop->log_rule = named->rule;
	stop_note(stop, "value of %s", named->path);
	stop->writes_value = r == 0;
	if (r == 0)
		return CALL_WATCHED;
	stop_set_result(stop, r);
	return CALL_SKIPPED;
}

/* What the kernel has put into the memfd becomes what a read of the file gives. */
static void give_content(struct stop *stop, int fd, const char *path)
{
	cleanup_close int memfd = fake_file_open(stop, fd);
	mode_t mode;
	bool is_fake = fake_below_proc_sys(path) != NULL;

	if (memfd < 0 || ftruncate(memfd, 0) ||
		(is_fake ? fake_file_fill(stop, memfd, path, false, &mode)
			 : own_proc_fill(path, own_proc_is_caller(stop, path), memfd)))
		stop_note(stop, "value of %s, which cannot be read back", path);
	if (is_fake)
		fake_written_filled(stop, path);
}

void follow_exit(struct stop *stop)
{
	struct tracee *tracee = stop->tracee;
	struct process *process = tracee->process;
	int fd = (int)stop_asked(stop, 0);

	if (!process || !process->n_followed || stop->rule)
		return;
	struct named_fd *named = process_named_fd(process, fd);
	int64_t result = stop_result(stop);

	if (!may_close_or_copy(stop_syscall(stop))) {
		if (stop->writes_value && named && result > 0)
			give_content(stop, fd, named->path);
		return;
	}
	if (named && named->followed && result >= 0 && stop_syscall(stop) != SYS_close &&
		(stop_syscall(stop) != SYS_fcntl || stop_asked(stop, 1) == F_DUPFD ||
			stop_asked(stop, 1) == F_DUPFD_CLOEXEC))
		follow_fd(tracee, (int)result, named->path, named->link, named->rule);
	recheck(tracee, process);
}

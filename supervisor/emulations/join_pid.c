/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = join-pid: setns(2) into a pid namespace succeeds where the kernel cannot do it (gVisor 20240729: EINVAL).
 * The process and its children stay in the pid namespace that they are in: they are outsiders (outsiders.h). The
 * container's /proc, which they see once they have joined its mount namespace, has no entry for them. Until
 * exec(2) the /proc of before is kept as a descriptor, and what they ask of /proc/self and /proc/thread-self is
 * asked of it. exec closes it: the program that then runs in the container has no view of anything outside, and
 * what it asks of itself is answered by own_proc.h.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "own_proc.h"
#include "path.h"

/* Where the descriptor is: high, for programs not to meet it, and below the usual RLIMIT_NOFILE of 1024. */
enum { PROC_FD = 1000 };

static bool has_proc_fd(struct stop *stop)
{
	char name[16], link[16];

	snprintf(name, sizeof(name), "fd/%d", PROC_FD);
	return stop_read_proc_link(stop, name, link, sizeof(link)) > 0 &&
	       strcmp(link, "/proc") == 0;
}

static const char proc[] = "/proc";

static bool is_self(const char *path)
{
	const char *name = path + strlen("/proc/");
	size_t length = strcspn(name, "/");

	return path_is_name(name, length, "self") || path_is_name(name, length, "thread-self");
}

/*
 * By number as well: a program that follows links by itself, as securejoin does without openat2, has it from /proc/self. In
 * a pid namespace below ours it has another one there, and is not helped.
 */
static bool is_own(struct stop *stop, const char *path)
{
	char tgid[16], tid[16];
	const char *name = path + strlen("/proc/");
	size_t length = strcspn(name, "/");

	snprintf(tgid, sizeof(tgid), "%d", stop_tgid(stop));
	snprintf(tid, sizeof(tid), "%d", stop_tid(stop));
	return is_self(path) || path_is_name(name, length, tgid) || path_is_name(name, length, tid);
}

static int path_arg(const struct stop *stop)
{
	for (int arg = 0; arg < SYSCALL_ARGS; arg++)
		if (stop_info(stop)->args[arg] == ARG_PATH)
			return arg;
	return -1;
}

/* /proc/.../ns/pid */
static bool is_pid_link(const char *path)
{
	const char *ns = strncmp(path, "/proc/", 6) == 0 ? strstr(path, "/ns/") : NULL;

	return ns && strcmp(ns, "/ns/pid") == 0;
}

/* What stands behind "/proc/.../ns/", or NULL. */
static const char *namespace_kind_of(const char *path)
{
	const char *ns = strncmp(path, "/proc/", 6) == 0 ? strstr(path, "/ns/") : NULL;

	return ns ? ns + strlen("/ns/") : NULL;
}

/* In gVisor 20240729 the link of a namespace's descriptor reads "/": what it was opened as is remembered. */
static bool is_pid_namespace(struct stop *stop)
{
	char name[32], link[32];
	const char *path;

	if (stop_asked(stop, 1) == CLONE_NEWPID)
		return true;
	if (stop_asked(stop, 1) != 0)
		return false;
	snprintf(name, sizeof(name), "fd/%d", (int)stop_asked(stop, 0));
	if (stop_read_proc_link(stop, name, link, sizeof(link)) > 0 &&
		strncmp(link, "pid:[", 5) == 0)
		return true;
	return stop_path(stop, 0, &path) == 0 && is_pid_link(path);
}

static enum verdict join(struct stop *stop)
{
	uint64_t address;

	if (!is_pid_namespace(stop))
		return VERDICT_NEXT;
	stop_note(stop, "stays in its pid namespace");
	if (has_proc_fd(stop)) {
		/* There is nothing to do, but what follows at the exit. */
		stop_send_syscall(stop, SYS_getpid);
		return VERDICT_WATCH;
	}
	int r = stop_push(stop, proc, sizeof(proc), &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return VERDICT_NEXT;
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 0, (uint64_t)AT_FDCWD);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, O_PATH | O_DIRECTORY | O_CLOEXEC);
	stop_keep_text(stop, proc);
	return VERDICT_WATCH;
}

/* openat has given fd: it goes up, to PROC_FD. step counts from 0; true when that is done. */
static bool move_up(struct stop *stop, int step, int64_t fd)
{
	switch (step) {
	case 0:
		stop_run(stop, SYS_fcntl,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)fd, F_DUPFD_CLOEXEC, PROC_FD });
		return false;
	case 1:
		stop_run(stop, SYS_close, (uint64_t[SYSCALL_ARGS]){ (uint64_t)fd });
		return false;
	default:
		return true;
	}
}

/* setns became openat: with the descriptor up, it has succeeded. */
static enum exit_verdict joined(struct stop *stop)
{
	int64_t fd = stop_sent_result(stop);

	if (fd < 0)
		return EXIT_DONE;
	if (stop_kept_text(stop)[0] && !move_up(stop, stop_step(stop), fd))
		return EXIT_RUN;
	stop_becomes_outsider(stop);
	stop_set_result(stop, 0);
	return EXIT_DONE;
}

/*
 * A namespace is opened, perhaps to be joined. crun joins the container's mount namespace before its pid
 * namespace: the /proc of before has to be had now.
 */
static enum verdict open_namespace(struct stop *stop)
{
	uint64_t address;
	int r = stop_push(stop, proc, sizeof(proc), &address);

	return r == -EAGAIN ? VERDICT_AGAIN : r ? VERDICT_NEXT : VERDICT_WATCH;
}

static enum exit_verdict opened_namespace(struct stop *stop)
{
	const char *path;
	uint64_t address;
	int64_t fd = stop_sent_result(stop);

	switch (stop_step(stop)) {
	case 0:
		if (fd < 0 || stop_path(stop, path_arg(stop), &path))
			return EXIT_DONE;
		stop_name_fd(stop, (int)fd, path);
		stop_opens_pid_namespace(stop, path);
		if (has_proc_fd(stop) || stop_push(stop, proc, sizeof(proc), &address))
			return EXIT_DONE;
		stop_run(stop, SYS_openat,
			(uint64_t[SYSCALL_ARGS]){
				(uint64_t)AT_FDCWD, address, O_PATH | O_DIRECTORY | O_CLOEXEC });
		return EXIT_RUN;
	case 1:
		stop_keep(stop, stop_result(stop));
		if (stop_result(stop) < 0)
			break;
		/* fallthrough */
	default:
		if (!move_up(stop, stop_step(stop) - 1, stop_kept(stop)))
			return EXIT_RUN;
		break;
	}
	stop_set_result(stop, fd);
	return EXIT_DONE;
}

static bool is_open(const struct stop *stop)
{
	long nr = stop_syscall(stop);

	return nr == SYS_open || nr == SYS_openat || nr == SYS_openat2;
}

/* The call that takes a descriptor and a path in place of one that takes a path: its arguments move up. */
static bool send_at(struct stop *stop, uint64_t path)
{
	struct open_how how;
	uint64_t flags = 0;
	long nr;

	switch (stop_syscall(stop)) {
	case SYS_open:
		nr = SYS_openat;
		break;
	case SYS_readlink:
		nr = SYS_readlinkat;
		break;
	case SYS_access:
		nr = SYS_faccessat;
		break;
	case SYS_lstat:
		flags = AT_SYMLINK_NOFOLLOW;
		/* fallthrough */
	case SYS_stat:
		nr = SYS_newfstatat;
		break;
	case SYS_openat2:
		/* The kernel may lack it as well; below /proc there is nothing for its restrictions to do. */
		if (stop_read(stop, stop_asked(stop, 2), &how, sizeof(how)))
			return false;
		stop_send_syscall(stop, SYS_openat);
		stop_send_arg(stop, 0, PROC_FD);
		stop_send_arg(stop, 1, path);
		stop_send_arg(stop, 2, how.flags);
		stop_send_arg(stop, 3, how.mode);
		return true;
	default:
		stop_send_arg(stop, 0, PROC_FD);
		stop_send_arg(stop, 1, path);
		return true;
	}
	stop_send_syscall(stop, nr);
	stop_send_arg(stop, 0, PROC_FD);
	stop_send_arg(stop, 1, path);
	stop_send_arg(stop, 2, stop_asked(stop, 1));
	stop_send_arg(stop, 3, nr == SYS_newfstatat ? flags : stop_asked(stop, 2));
	return true;
}

/* A cheap "no" on the way of every open. */
static bool may_be_namespace(struct stop *stop, int arg)
{
	const char *text = stop_path_text(stop, arg);
	const char *last = text ? strrchr(text, '/') : NULL;

	return text && strcmp(last ? last + 1 : text, "pid") == 0;
}

static enum verdict by_path(struct stop *stop)
{
	const char *path;
	uint64_t address;
	int arg = path_arg(stop);

	if (arg < 0 || (!stop_may_become_outsider(stop) &&
			       (!is_open(stop) || !may_be_namespace(stop, arg))))
		return VERDICT_NEXT;
	if (stop_path(stop, arg, &path) || strncmp(path, "/proc/", 6) != 0)
		return VERDICT_NEXT;
	if (own_proc_is_left(path))
		return VERDICT_NEXT;
	if (is_open(stop) && is_pid_link(path) && !is_self(path))
		return open_namespace(stop);
	/* With "" it is about a descriptor, which is right as it is. */
	if (!has_proc_fd(stop) || stop_path_is_empty(stop, arg) || !is_own(stop, path))
		return VERDICT_NEXT;
	const char *below = path + strlen("/proc/");
	int r = stop_push(stop, below, strlen(below) + 1, &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	return r == 0 && send_at(stop, address) ? VERDICT_WATCH : VERDICT_NEXT;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_setns)
		return join(stop);
	if (stop_is_outsider(stop))
		return own_proc_enter(stop);
	return own_proc_is_late(stop_syscall(stop)) ? VERDICT_NEXT : by_path(stop);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	const char *path;

	if (stop_syscall(stop) == SYS_setns)
		return joined(stop);
	if (stop_is_outsider(stop))
		return own_proc_exit(stop);
	if (!is_open(stop) || stop_path(stop, path_arg(stop), &path) || !namespace_kind_of(path) ||
		is_self(path))
		return EXIT_DONE;
	return opened_namespace(stop);
}

const struct emulation emulation_join_pid = {
	.name = "join-pid",
	.summary = "let setns into a pid namespace succeed without joining it",
	.default_syscalls =
		"setns,open,openat,openat2,creat,stat,lstat,fstat,newfstatat,statx,access,faccessat,"
		"faccessat2,readlink,readlinkat,statfs,fstatfs,chdir,fchdir,getcwd,getdents64,dup,"
		"dup2,dup3,fcntl,execve,execveat,getxattr,lgetxattr,listxattr,llistxattr,"
		"kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo",
	.is_late = own_proc_is_late,
	.only_below = "/proc",
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = join-pid: setns(2) into a pid namespace succeeds where the kernel cannot do it (gVisor 20240729: EINVAL).
 * The process and its children stay in the pid namespace that they are in. The container's /proc, which they
 * see once they have joined its mount namespace, has no entry for them: so the /proc of before is kept as a
 * descriptor, and what they ask of /proc/self and /proc/thread-self is asked of it. The descriptor is closed
 * by exec(2): the program that then runs in the container has no view of anything outside.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "emulation.h"

/* Where the descriptor is: high, for programs not to meet it, and below the usual RLIMIT_NOFILE of 1024. */
enum { PROC_FD = 1000 };

static bool has_proc_fd(struct stop *stop)
{
	char name[16], link[16];

	snprintf(name, sizeof(name), "fd/%d", PROC_FD);
	return stop_read_proc_link(stop, name, link, sizeof(link)) > 0 &&
	       strcmp(link, "/proc") == 0;
}

static bool is_pid_namespace(struct stop *stop)
{
	char name[32], link[32];

	if (stop_asked(stop, 1) == CLONE_NEWPID)
		return true;
	snprintf(name, sizeof(name), "fd/%d", (int)stop_asked(stop, 0));
	return stop_asked(stop, 1) == 0 &&
	       stop_read_proc_link(stop, name, link, sizeof(link)) > 0 &&
	       strncmp(link, "pid:[", 5) == 0;
}

static enum verdict join(struct stop *stop)
{
	static const char proc[] = "/proc";
	uint64_t address;

	if (!is_pid_namespace(stop))
		return VERDICT_NEXT;
	stop_note(stop, "stays in its pid namespace");
	if (has_proc_fd(stop)) {
		stop_set_result(stop, 0);
		return VERDICT_DONE;
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
	return VERDICT_WATCH;
}

/* openat has given a descriptor: it goes up, and the call has succeeded. */
static enum exit_verdict joined(struct stop *stop)
{
	switch (stop_step(stop)) {
	case 0:
		if (stop_result(stop) < 0)
			return EXIT_DONE;
		stop_run(stop, SYS_fcntl,
			(uint64_t[SYSCALL_ARGS]){
				(uint64_t)stop_result(stop), F_DUPFD_CLOEXEC, PROC_FD });
		return EXIT_RUN;
	case 1:
		stop_keep(stop, stop_result(stop));
		stop_run(stop, SYS_close,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)stop_sent_result(stop) });
		return EXIT_RUN;
	default:
		stop_set_result(stop, MIN(stop_kept(stop), 0));
		return EXIT_DONE;
	}
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

static enum verdict by_path(struct stop *stop)
{
	const char *path;
	uint64_t address;
	int arg = stop_path_args(stop) ? __builtin_ctz(stop_path_args(stop)) : 0;

	if (!stop_path_args(stop) || stop_path(stop, arg, &path) || !has_proc_fd(stop))
		return VERDICT_NEXT;
	if (strncmp(path, "/proc/self", 10) != 0 && strncmp(path, "/proc/thread-self", 17) != 0)
		return VERDICT_NEXT;
	const char *below = path + strlen("/proc/");
	int r = stop_push(stop, below, strlen(below) + 1, &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	return r == 0 && send_at(stop, address) ? VERDICT_WATCH : VERDICT_NEXT;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	return stop_syscall(stop) == SYS_setns ? join(stop) : by_path(stop);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	return stop_syscall(stop) == SYS_setns ? joined(stop) : EXIT_DONE;
}

const struct emulation emulation_join_pid = {
	.name = "join-pid",
	.summary = "let setns into a pid namespace succeed without joining it",
	.default_syscalls =
		"setns,open,openat,openat2,stat,lstat,newfstatat,statx,access,faccessat,"
		"faccessat2,readlink,readlinkat",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

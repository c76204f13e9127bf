/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "own_proc.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake_file.h"
#include "open_call.h"
#include "own_proc_parts.h"
#include "path.h"

/* With RESOLVE_IN_ROOT an absolute text begins at the descriptor: that is not looked at. */
static bool begins_elsewhere(struct stop *stop)
{
	struct open_how how;

	return stop_syscall(stop) == SYS_openat2 &&
	       (stop_read(stop, stop_asked(stop, 2), &how, sizeof(how)) ||
		       (how.resolve & RESOLVE_IN_ROOT));
}

static bool is_open(long nr)
{
	return nr == SYS_open || nr == SYS_openat || nr == SYS_openat2 || nr == SYS_creat;
}

/* The number in "/proc/57/fd/3", if 57 is the process itself; else -1. */
static int own_fd(struct stop *stop, const char *path)
{
	int pid, fd, end = 0;

	if (sscanf(path, "/proc/%d/fd/%d%n", &pid, &fd, &end) != 2 || path[end] ||
		pid != stop_tgid(stop))
		return -1;
	return fd;
}

static enum verdict read_link(struct stop *stop, const struct own_place *place)
{
	int arg = own_proc_path_arg(stop);
	uint64_t size = stop_asked(stop, arg + 2);
	char text[PATH_MAX];
	ssize_t n;

	if ((int)size <= 0)
		return stop_give(stop, -EINVAL);
	if (place->kind == OWN_SELF) {
		strcpy(text, place->target);
		n = (ssize_t)strlen(text);
	} else if (place->kind == OWN_LINK) {
		n = own_proc_link_text(stop, place->path, text);
		if (n == -EACCES || n == -EPERM)
			n = -EACCES;
	} else {
		n = -EINVAL;
	}
	if (n > 0) {
		n = (ssize_t)MIN((uint64_t)n, size);
		if (stop_write(stop, stop_asked(stop, arg + 1), text, (size_t)n))
			n = -EFAULT;
	}
	return stop_give(stop, n);
}

/* Where the program finds the file that a link leads to by its path, that is what it uses. */
static enum verdict by_target(struct stop *stop, const struct own_place *place)
{
	if (!place->target[0] || !own_proc_is_at(stop, place->path, place->target))
		return stop_give(stop, -ENOENT);
	return own_proc_instead(stop, place->target, OWN_ACT_NONE, "");
}

static enum verdict change_folder(struct stop *stop, const struct own_place *place)
{
	if (place->kind == OWN_FOLDER) {
		int r = own_proc_may(stop, &place->st, X_OK);
		return r ? stop_give(stop, r)
			 : own_proc_instead(stop, "/proc", OWN_ACT_CWD, place->path);
	}
	if (place->kind == OWN_LINK) {
		int fd = own_fd(stop, place->path);
		if (fd < 0)
			return by_target(stop, place);
		stop_send_syscall(stop, SYS_fchdir);
		stop_send_arg(stop, 0, (uint64_t)fd);
		own_proc_act(stop, OWN_ACT_CWD, "");
		return VERDICT_WATCH;
	}
	return stop_give(stop, -ENOTDIR);
}

/* A program from /proc: its own, or one that it holds a descriptor of (fexecve(3)). */
static enum verdict execute(struct stop *stop, const struct own_place *place)
{
	int arg = own_proc_path_arg(stop);
	int fd = place->kind == OWN_LINK ? own_fd(stop, place->path) : -1;
	uint64_t address;

	if (place->kind != OWN_LINK)
		return stop_give(stop, -EACCES);
	if (fd < 0 || (place->target[0] && own_proc_is_at(stop, place->path, place->target)))
		return by_target(stop, place);
	int r = stop_push(stop, "", 1, &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	stop_send_syscall(stop, SYS_execveat);
	stop_send_arg(stop, 0, (uint64_t)fd);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, stop_asked(stop, arg + 1));
	stop_send_arg(stop, 3, stop_asked(stop, arg + 2));
	stop_send_arg(stop, 4, AT_EMPTY_PATH);
	own_proc_act(stop, OWN_ACT_NONE, "");
	return VERDICT_WATCH;
}

static enum verdict file_system(struct stop *stop, const struct own_place *place)
{
	int fd = place->kind == OWN_LINK ? own_fd(stop, place->path) : -1;

	if (place->kind != OWN_LINK)
		return own_proc_instead(stop, "/proc", OWN_ACT_NONE, "");
	if (fd < 0)
		return by_target(stop, place);
	stop_send_syscall(stop, SYS_fstatfs);
	stop_send_arg(stop, 0, (uint64_t)fd);
	own_proc_act(stop, OWN_ACT_NONE, "");
	return VERDICT_WATCH;
}

static enum verdict at_place(struct stop *stop, struct own_place *place)
{
	long nr = stop_syscall(stop);
	uint64_t flags;

	if (nr == SYS_readlink || nr == SYS_readlinkat)
		return read_link(stop, place);
	if (place->kind == OWN_SELF)
		return VERDICT_NEXT; /* the link is there, but says nothing */
	if (is_open(nr)) {
		int r = open_call_flags(stop, place->path, &flags);
		return r ? stop_give(stop, r) : own_proc_open(stop, place, flags);
	}
	switch (nr) {
	case SYS_stat:
	case SYS_lstat:
	case SYS_newfstatat:
	case SYS_statx:
		return own_proc_stat(stop, place);
	case SYS_access:
	case SYS_faccessat:
	case SYS_faccessat2:
		return own_proc_access(stop, place);
	case SYS_chdir:
		return change_folder(stop, place);
	case SYS_execve:
	case SYS_execveat:
		return execute(stop, place);
	case SYS_statfs:
		return file_system(stop, place);
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_listxattr:
	case SYS_llistxattr:
		return place->kind == OWN_LINK && place->followed ? by_target(stop, place)
								  : stop_give(stop, -EOPNOTSUPP);
	default:
		return VERDICT_NEXT;
	}
}

bool own_proc_is_left(const char *path)
{
	const char *ns = strstr(path, "/ns/");

	return ns && (strcmp(ns, "/ns/cgroup") == 0 || strcmp(ns, "/ns/time") == 0);
}

/* A descriptor or working directory that stood for something else may now be /proc itself. */
static enum verdict at_proc(struct stop *stop, const struct own_place *place)
{
	long nr = stop_syscall(stop);
	enum own_action action = is_open(nr)       ? OWN_ACT_NAME
				 : nr == SYS_chdir ? OWN_ACT_CWD
						   : OWN_ACT_NONE;

	if (place->target[0])
		return own_proc_instead(stop, place->target, action, "");
	if (action == OWN_ACT_NONE)
		return VERDICT_NEXT;
	own_proc_act(stop, action, "");
	return VERDICT_WATCH;
}

/* What is not its own in the container's /proc, such as /proc/version, another rule may be about. */
static enum verdict elsewhere(struct stop *stop, const char *path)
{
	return path_is_below(path, "/proc") ? own_proc_send_path(stop, path)
					    : own_proc_instead(stop, path, OWN_ACT_NONE, "");
}

static enum verdict by_path(struct stop *stop, int arg)
{
	struct own_place place;
	uint64_t args[SYSCALL_ARGS];
	const char *text = stop_path_text(stop, arg), *path;
	long nr = stop_syscall(stop);

	for (int i = 0; i < SYSCALL_ARGS; i++)
		args[i] = stop_asked(stop, i);
	if (!text || (text[0] == '/' && begins_elsewhere(stop)))
		return VERDICT_NEXT;
	if (text[0]) {
		own_proc_resolve(stop, arg, syscall_follows_last_link(nr, args), &place);
	} else {
		/* The descriptor itself (AT_EMPTY_PATH; readlinkat needs no flag): a link is not followed. */
		if (arg == 0 || (int)args[arg - 1] == AT_FDCWD || stop_path(stop, arg - 1, &path) ||
			strncmp(path, "/proc/", 6) != 0)
			return VERDICT_NEXT;
		own_proc_resolve_path(stop, path, false, &place);
		if (place.kind == OWN_FILE && nr == SYS_execveat)
			return VERDICT_NEXT;
	}
	switch (place.kind) {
	case OWN_NOT:
		break;
	case OWN_PROC:
		return at_proc(stop, &place);
	case OWN_ERROR:
		return own_proc_is_left(text) ? VERDICT_NEXT : stop_give(stop, place.error);
	case OWN_ELSEWHERE:
		return elsewhere(stop, place.target);
	case OWN_SELF:
	case OWN_FOLDER:
	case OWN_FILE:
	case OWN_LINK:
		return at_place(stop, &place);
	}
	if (nr != SYS_chdir)
		return VERDICT_NEXT;
	own_proc_act(stop, OWN_ACT_CWD, "");
	return VERDICT_WATCH;
}

bool own_proc_enter_at(struct stop *stop, const char *path, enum verdict *ret_verdict)
{
	struct own_place place;
	uint64_t args[SYSCALL_ARGS];

	for (int i = 0; i < SYSCALL_ARGS; i++)
		args[i] = stop_asked(stop, i);
	own_proc_resolve_path(
		stop, path, syscall_follows_last_link(stop_syscall(stop), args), &place);
	if (place.kind != OWN_FILE && place.kind != OWN_LINK)
		return false;
	*ret_verdict = at_place(stop, &place);
	return true;
}

/* dup(2) and its kin: what stands for something else, does so under its new number as well. */
static enum verdict copy(struct stop *stop, const char *path, const struct own_place *place)
{
	if (fake_file_is(stop, (int)stop_asked(stop, 0)))
		return VERDICT_NEXT;
	if (place->kind == OWN_NOT || place->kind == OWN_ERROR)
		return VERDICT_NEXT;
	own_proc_act(stop, OWN_ACT_NAME, place->kind == OWN_PROC ? "" : path);
	return VERDICT_WATCH;
}

static enum verdict by_descriptor(struct stop *stop)
{
	struct own_place place = { .kind = OWN_NOT };
	const char *path;
	long nr = stop_syscall(stop);

	if (stop_path(stop, 0, &path) == 0 && path_is_below(path, "/proc"))
		own_proc_resolve_path(stop, path, false, &place);
	switch (nr) {
	case SYS_fchdir:
		own_proc_act(stop, OWN_ACT_CWD, place.kind == OWN_FOLDER ? path : "");
		return VERDICT_WATCH;
	case SYS_dup:
	case SYS_dup2:
	case SYS_dup3:
	case SYS_fcntl:
		return copy(stop, path, &place);
	case SYS_fstat:
		return place.path[0] ? own_proc_stat(stop, &place) : VERDICT_NEXT;
	case SYS_fstatfs:
		return place.kind == OWN_FILE ? own_proc_statfs(stop) : VERDICT_NEXT;
	case SYS_getdents64:
		return place.kind == OWN_FOLDER ? own_proc_list(stop, path) : VERDICT_NEXT;
	default:
		return VERDICT_NEXT;
	}
}

static enum verdict tell_cwd(struct stop *stop)
{
	struct own_place place;
	const char *path;

	if (stop_path(stop, 0, &path) || strncmp(path, "/proc/", 6) != 0)
		return VERDICT_NEXT;
	own_proc_resolve_path(stop, path, false, &place);
	if (place.kind != OWN_FOLDER)
		return VERDICT_NEXT;
	stop_give_cwd(stop, path);
	return VERDICT_DONE;
}

enum verdict own_proc_enter(struct stop *stop)
{
	int arg = own_proc_path_arg(stop);

	switch (stop_syscall(stop)) {
	case SYS_getcwd:
		return tell_cwd(stop);
	case SYS_kill:
	case SYS_tkill:
	case SYS_tgkill:
	case SYS_rt_sigqueueinfo:
	case SYS_rt_tgsigqueueinfo:
		return own_proc_signal(stop);
	default:
		break;
	}
	return arg < 0 ? by_descriptor(stop) : by_path(stop, arg);
}

enum exit_verdict own_proc_exit(struct stop *stop)
{
	const char *text = stop_kept_text(stop);
	int64_t result = stop_result(stop);

	switch (text[0]) {
	case OWN_ACT_FILL:
		return own_proc_opened(stop, text + 1);
	case OWN_ACT_NAME:
		if (result >= 0)
			stop_name_fd(stop, (int)result, text[1] ? text + 1 : NULL);
		break;
	case OWN_ACT_CWD:
		if (result == 0)
			stop_name_fd(stop, AT_FDCWD, text[1] ? text + 1 : NULL);
		break;
	case OWN_ACT_LIST:
		return own_proc_listed(stop, text + 1);
	case OWN_ACT_SEND:
		return own_proc_sent(stop, text + 1);
	default:
		break;
	}
	return EXIT_DONE;
}

bool own_proc_is_late(long nr)
{
	switch (nr) {
	case SYS_fstat:
	case SYS_fstatfs:
	case SYS_statfs:
	case SYS_getdents64:
	case SYS_chdir:
	case SYS_fchdir:
	case SYS_getcwd:
	case SYS_dup:
	case SYS_dup2:
	case SYS_dup3:
	case SYS_fcntl:
	case SYS_execve:
	case SYS_execveat:
	case SYS_creat:
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_listxattr:
	case SYS_llistxattr:
	case SYS_kill:
	case SYS_tkill:
	case SYS_tgkill:
	case SYS_rt_sigqueueinfo:
	case SYS_rt_tgsigqueueinfo:
		return true;
	default:
		return false;
	}
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to own_proc*.c: what a path is in our own /proc, and what each call does with it. */
#ifndef GVTRACE_OWN_PROC_PARTS_H
#define GVTRACE_OWN_PROC_PARTS_H

#include "emulation.h"
#include <limits.h>
#include <sys/stat.h>

enum own_kind {
	OWN_NOT, /* none of this, or it can be left to the kernel */
	OWN_ERROR, /* it is not there: .error */
	OWN_PROC, /* the container's /proc itself; .target if it is not where the kernel would go by itself */
	OWN_SELF, /* the link /proc/self or /proc/thread-self: .target is its text */
	OWN_FOLDER, /* below /proc/PID: .path */
	OWN_FILE,
	OWN_LINK, /* the link itself, or with .followed what it leads to */
	OWN_ELSEWHERE, /* by way of such a link to .target, which is an absolute path without links */
};

struct own_place {
	enum own_kind kind;
	int error;
	bool followed;
	struct stat st; /* of the file, folder or link, as our /proc has it */
	char path[PATH_MAX]; /* in our /proc as in the program's: "/proc/57/fd/3" */
	char target[PATH_MAX];
};

/* What the ARG_PATH argument names; follow: also through a link that is its last name. */
void own_proc_resolve(struct stop *stop, int arg, bool follow, struct own_place *ret_place);
/* The same of a path that is known already. */
void own_proc_resolve_path(
	struct stop *stop, const char *path, bool follow, struct own_place *ret_place);

/* kill(2) and its kin. */
enum verdict own_proc_signal(struct stop *stop);

/* The text of a link below /proc/PID. Its length, or -errno. */
ssize_t own_proc_link_text(struct stop *stop, const char *path, char ret_text[PATH_MAX]);
/* Whether a link's text is a path at which the program would find the very file that the link leads to. */
bool own_proc_is_at(struct stop *stop, const char *link, const char *path);

/* stat(2) and its kin of a place; access(2) and its kin. */
enum verdict own_proc_stat(struct stop *stop, const struct own_place *place);
enum verdict own_proc_access(struct stop *stop, const struct own_place *place);
/* fstatfs(2) of a file of ours: that of the /proc it stands for. */
enum verdict own_proc_statfs(struct stop *stop);
/* 0 or -EACCES: whether the thread may read, write, search (R_OK, W_OK, X_OK). */
int own_proc_may(struct stop *stop, const struct stat *st, int mode);

/* open(2) and its kin. */
enum verdict own_proc_open(struct stop *stop, struct own_place *place, uint64_t flags);
enum exit_verdict own_proc_opened(struct stop *stop, const char *path);

/* Adds an entry to the records of getdents64(2) in data. Its length, or 0 when it does not fit. */
struct dirent;
size_t own_proc_add_entry(
	char *data, size_t used, size_t size, const struct dirent *entry, int64_t off);
/* A folder is read: getdents64(2). */
enum verdict own_proc_list(struct stop *stop, const char *path);
enum exit_verdict own_proc_listed(struct stop *stop, const char *path);
/* What a link leads to is opened by us, and sent to the program over a socket of its own. */
enum verdict own_proc_send(struct stop *stop, const char *path, uint64_t flags);
enum exit_verdict own_proc_sent(struct stop *stop, const char *text);

/* At entry, what own_proc_exit is to do, and with which path. */
enum own_action {
	OWN_ACT_NONE = 'n',
	OWN_ACT_FILL = 'f', /* a memfd gets the content of path */
	OWN_ACT_NAME = 'd', /* the descriptor stands for path, or with "" for nothing any more */
	OWN_ACT_CWD = 'c', /* the same with the working directory */
	OWN_ACT_LIST = 'l',
	OWN_ACT_SEND = 's',
};
void own_proc_act(struct stop *stop, enum own_action action, const char *path);

/* The argument that is a path; -1: none is. */
int own_proc_path_arg(struct stop *stop);

/* path is sent in place of its ARG_PATH argument. VERDICT_NEXT if all is well: rules after this one may do otherwise. */
enum verdict own_proc_send_path(struct stop *stop, const char *path) MUST_CHECK;
/* The call is made with path, and then does action. */
enum verdict own_proc_instead(struct stop *stop, const char *path, enum own_action action,
	const char *action_path) MUST_CHECK;

#endif

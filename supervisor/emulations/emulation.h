/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an emulation is, and all that it may do.
 *
 * An emulation is one const object in one file, named in the one table of table.c. It decides; it
 * never calls ptrace or waitpid. It sees a call through `struct stop`, twice at most: on_enter before
 * the kernel runs the call, and on_exit after, if on_enter asked for it. Words: what the program
 * *asked*, what is *sent* to the kernel, what is *given* back to the program.
 */
#ifndef GVTRACE_EMULATION_H
#define GVTRACE_EMULATION_H

#include "syscalls.h"
#include "util.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/vfs.h>

struct stop;
struct fakeprocsys;

/* Where a rule file is wrong, and what was meant. Lines and columns count from 1; 0 means "no place". */
struct rule_error {
	const char *file; /* borrowed from the rule set, or a literal such as "command line" */
	int line, column;
	char text[640]; /* one sentence, without the place and without a newline */
};

/* Fills *error unless it is NULL; returns -EINVAL, so that `return rule_error_at(...)` reads well. */
int rule_error_at(struct rule_error *error, const char *file, int line, int column,
	const char *format, ...) PRINTF_LIKE(5, 6);

/* One `key = value` of a rule that is the emulation's own. Borrowed during parse(). */
struct rule_option {
	const char *key, *value;
	int line, key_column, value_column;
};

struct rule_options {
	const char *file, *rule; /* for messages */
	int line; /* of the rule's section header */
	const char *path; /* the rule's path glob as text; NULL: none */
	int path_line, path_column; /* of that, in the file */
	const struct rule_option *items; /* only keys that the descriptor lists */
	size_t count;
};

/* The option named key, or NULL. */
const struct rule_option *rule_options_find(const struct rule_options *options, const char *key);

/* An error at an option's value: `file:line:column: rule "NAME": ...`. Returns -EINVAL. */
int rule_option_error(struct rule_error *error, const struct rule_options *options,
	const struct rule_option *option, const char *format, ...) PRINTF_LIKE(4, 5);
/* The same at the rule's path. */
int rule_path_error(struct rule_error *error, const struct rule_options *options,
	const char *format, ...) PRINTF_LIKE(3, 4);

enum verdict {
	VERDICT_PASS, /* nothing to do: the call runs as it stands, and goes on to no exit stop */
	VERDICT_NEXT, /* as if the rule had not matched: the next rules are tried */
	VERDICT_WATCH, /* the call runs as it stands; on_exit is called after it */
	VERDICT_SEND, /* the same, and on_exit would do nothing */
	VERDICT_DONE, /* the call does not run; the result set with stop_set_result is given */
	VERDICT_AGAIN, /* a stop_ function returned -EAGAIN: call me again when it can be had */
};

enum exit_verdict {
	EXIT_DONE, /* the result that stands is given */
	EXIT_RUN, /* run the call set up with stop_run in this thread, then call on_exit again */
};

/* A condition on an argument's value: (argument & mask) == value. Exact, so it goes into the filter. */
struct arg_condition {
	int arg; /* 0 to 5; -1 ends a list */
	uint64_t mask, value;
	bool differs; /* argument != value, without a mask; never a rule's own, in whose language there is none */
};

struct option_spec {
	const char *name;
	const char *help; /* one line, with its unit and its default */
	bool required;
};

struct emulation {
	const char *name; /* the word after "do =" */
	const char *summary; /* one line of --list, --help and docs/rules.md */
	const char *default_syscalls; /* as in `syscall =`; NULL: every call that has an ARG_PATH */
	/* Its opens give descriptors of files of its own: calls by descriptor (fstat) of its rules are added to
	 * a process's filter only when stop_grow asks for it. */
	bool makes_files;
	/* Calls that stop only in outsiders (see stop_becomes_outsider), and NULL for none. */
	bool (*is_late)(long nr);
	bool needs_path; /* a rule with this emulation must have `path =` */
	/* The glob of a rule that has no `path =`. It then holds for calls that take a path or a descriptor, and
	 * the emulation's other calls match whatever path the rule has. NULL: none. */
	const char *default_path;
	const struct option_spec *options; /* ended by a NULL name; NULL: none */
	/*
	 * Checks the options' values and makes what on_enter needs of them. Returns 0 with *ret_config
	 * (owned by the rule, may be NULL), or -EINVAL with *error filled in. NULL: no config.
	 */
	int (*parse)(
		const struct rule_options *options, void **ret_config, struct rule_error *error);
	void (*free_config)(void *config); /* NULL: free() */
	/* Once, when the rule is armed, before anything runs: what it says of the tree. 0 or -errno. NULL: nothing. */
	int (*prepare)(const void *config, struct fakeprocsys *tree);
	/*
	 * The conditions under which a call of the rule needs to stop at all, where the filter can tell: fills
	 * ret_conditions (ended by arg -1). NULL, or nothing filled in: always.
	 */
	void (*conditions)(
		const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1]);
	/* A rule without a path does nothing to a call with an absolute path that is not below this folder, but in
	 * outsiders that have executed a program. NULL: it may. */
	const char *only_below;
	long but_for; /* the call for which that is not so; 0: none */
	/* The last names of the emulation's paths, all of them; for these symbolic links on the way are looked at. Ended by NULL.
	 * NULL: what the next two say. */
	const char *const *known_names;
	/* The errno with which a call fails in any case, without being made: it then need not stop. 0: none. NULL: no. */
	int (*refuses)(const void *config);
	/* Whether a path that ends in this name could be one of the emulation's: a cheap "no" on the way of
	 * every open, before a relative path is resolved. NULL: what `names` says; without it, the rule's path. */
	bool (*may_end_in)(const char *name, size_t length);
	/* Whether this is a name that the emulation knows: then symbolic links on the way are looked at. NULL:
	 * the last name of the rule's path. */
	bool (*names)(const char *name, size_t length);
	/* With `names`: all that it is true for, and perhaps more. */
	void (*each_name)(void (*each)(const char *name, size_t length, void *data), void *data);
	/* Whether the rule is about any name, so that symbolic links on the way are looked at for each call. NULL: no. */
	bool (*names_all)(const void *config);
	/*
	 * The kernel shows path (of a descriptor or the working directory) as it is; turns it, in place, into the
	 * one that the program asked for, and returns true, if it is one of this rule's doing. path has PATH_MAX
	 * bytes. NULL: the emulation does not lead paths elsewhere.
	 */
	bool (*reverse)(const void *config, char *path);
	/* With `reverse`, the way there: where the rule leads path, as the program puts it. ret_path has PATH_MAX bytes and is not
	 * path. False: the rule does not lead it. */
	bool (*lead)(const void *config, const char *path, char *ret_path);
	/* Whether path is a folder that the kernel lacks and the emulation shows: ".." leads out of it as out of any other.
	 * NULL: it shows none. */
	bool (*shows_folder)(struct stop *stop, const char *path);
	/* Whether an open with O_DIRECTORY is left as it is where the kernel makes it. NULL: no. */
	bool (*keeps_folders)(const void *config);
	/* Whether symbolic links as last names are to be looked at, too, at every call. NULL: no. */
	bool (*is_exact)(const void *config);
	/*
	 * For emulations with a fact to correct in texts of /proc (edited_file.h): what becomes of the text (with a NUL behind it,
	 * not in length) of the file at path. Of several rules that match a path each gets what the ones before it have made
	 * of it. Returns the caller's to free, with *ret_length; NULL: nothing is to be changed, or no memory. NULL: it has none.
	 */
	char *(*edit)(struct stop *stop, const void *config, const char *path, const char *text,
		size_t length, size_t *ret_length);
	enum verdict (*on_enter)(struct stop *stop, const void *config);
	enum exit_verdict (*on_exit)(struct stop *stop, const void *config); /* NULL: never WATCH */
};

/* A keeps_folders: it is about files. */
static inline bool emulation_keeps(const void *config)
{
	return true;
}

/* Whether name is among known_names. */
static inline bool emulation_knows_name(
	const struct emulation *emulation, const char *name, size_t length)
{
	for (const char *const *known = emulation->known_names; *known; known++)
		if (strlen(*known) == length && memcmp(*known, name, length) == 0)
			return true;
	return false;
}

/* Whether a path that ends in name could be one of the emulation's. */
static inline bool emulation_may_end_in(
	const struct emulation *emulation, const char *name, size_t length)
{
	if (emulation->known_names)
		return emulation_knows_name(emulation, name, length);
	if (emulation->may_end_in)
		return emulation->may_end_in(name, length);
	return !emulation->names || emulation->names(name, length);
}

/* Whether the emulation does nothing to paths that end in other names than known_names, or than each_name() tells. */
static inline bool emulation_is_by_name(const struct emulation *emulation)
{
	return emulation->known_names || (emulation->names && !emulation->may_end_in);
}

/* All emulations, ended by NULL. table.c */
extern const struct emulation *const emulations[];

/* --- The call, as asked --------------------------------------------------------------------- */

long stop_syscall(const struct stop *stop);
const struct syscall_info *stop_info(const struct stop *stop);
uint64_t stop_asked(const struct stop *stop, int arg);
pid_t stop_tid(const struct stop *stop);

/* The arguments whose path matched the rule, as a mask of 1 << argument; 0 for a rule without path. */
unsigned stop_path_args(const struct stop *stop);

/*
 * The path that an ARG_PATH, ARG_DIRFD or ARG_FD argument names, absolute and lexically normal, as
 * the program sees it (its root, its working directory, its dirfd, re-opens through /proc/self/fd).
 * A descriptor of a fake file names the file that it stands for. Borrowed until the stop ends.
 * Of a rule that leads paths elsewhere (lead), it may also be one that the argument's text leads to out of the rule's folder.
 * Returns 0, -ENOENT (no such descriptor, or nothing that has a path), -EFAULT, -ENAMETOOLONG, -ESRCH.
 */
int stop_path(struct stop *stop, int arg, const char **ret_path) MUST_CHECK;

/*
 * Where the path of an ARG_PATH argument leads when all links in it are followed, also as its last name. For rules without a
 * path, and after all rules have been asked. Borrowed until the stop ends. 0 or -errno.
 */
int stop_path_real(struct stop *stop, int arg, const char **ret_path) MUST_CHECK;

/* The text of an ARG_PATH argument, as it was when the rules were matched; NULL if it can't be read. */
const char *stop_path_text(struct stop *stop, int arg);
/* Whether that is "": with AT_EMPTY_PATH, or its like, the call is about the descriptor before it. */
bool stop_path_is_empty(struct stop *stop, int arg);

/* What the text of an ARG_PATH argument is relative to: the path of the descriptor before it, or of the working
 * directory. ret_path has PATH_MAX bytes. 0, or -errno when that has no path. */
int stop_path_base(struct stop *stop, int arg, char *ret_path) MUST_CHECK;

/* What a link below /proc/TID of the thread says ("fd/5", "cwd", "exe"), as the program would put it. ret_path has
 * PATH_MAX bytes. 0, or -errno; -ENOENT for what is no path, such as "pipe:[12]". */
int stop_link_path(struct stop *stop, const char *name, char *ret_path) MUST_CHECK;

/* Whether a ".." in the text of an ARG_PATH argument leads out of a folder that only a rule shows, so that the kernel does not
 * find by that text what stop_path says. Of a path that has matched. */
bool stop_path_leaves_shown(struct stop *stop, int arg);

/* Whether the text of an ARG_PATH argument can only name a folder: it ends in a slash. */
bool stop_path_is_folder(struct stop *stop, int arg);

/* Whether the text of an ARG_PATH argument is itself a link of /proc that leads to a descriptor's file or the
 * working directory: /proc/self/fd/5, /dev/fd/5, /proc/self/cwd. */
bool stop_is_magic_link(struct stop *stop, int arg);

/* Copies length bytes from or to the program's memory. 0, -EFAULT, -ESRCH. */
int stop_read(struct stop *stop, uint64_t address, void *ret_data, size_t length) MUST_CHECK;
int stop_write(struct stop *stop, uint64_t address, const void *data, size_t length) MUST_CHECK;

/* A NUL-terminated string of at most size - 1 bytes, never read past a page that is not mapped.
 * Returns its length, -EFAULT, -ENAMETOOLONG or -ESRCH. */
ssize_t stop_read_string(
	struct stop *stop, uint64_t address, char *ret_text, size_t size) MUST_CHECK;

/*
 * Opens /proc/TID/NAME of the thread, for instance "fd/5", "root" or "root/etc", with O_CLOEXEC added. The links on a way below
 * root lead where they lead the program; below "cwd" or "fd/N" there are to be none. Returns a descriptor that the caller closes, or -errno.
 *
 * This function and those below never ask a file system that may not answer, but through a helper (lookup.h): then
 * they fail with -ETIMEDOUT. What they have opened with O_PATH is asked by no other function than these, and statx(2) with
 * AT_STATX_DONT_SYNC; what else they open is of procfs, or a memfd (-EPERM).
 */
int stop_open_proc(struct stop *stop, const char *name, int flags) MUST_CHECK;

/* Reads the link /proc/TID/NAME. Returns its length (cut at size - 1, always terminated) or -errno. */
ssize_t stop_read_proc_link(
	struct stop *stop, const char *name, char *ret_text, size_t size) MUST_CHECK;

/* fstatfs(2) of a descriptor. 0 or -errno. */
int stop_statfs(int place, struct statfs *ret_fs) MUST_CHECK;

/* The device number of what is open; 0: not known. */
dev_t stop_device(int place);
/* The same of /proc/TID/NAME, with fewer calls than to open it. */
dev_t stop_device_of(struct stop *stop, const char *name);

/* Whether the /proc of the thread is the one that we see, where it has the number that we know. */
bool stop_has_our_proc(struct stop *stop);

/* Reads the file /proc/TID/NAME as text. Its length (cut at size - 1, and at 4 KiB) or -errno. */
ssize_t stop_read_file(struct stop *stop, const char *name, char *ret_text, size_t size) MUST_CHECK;

/* The first name in the folder /proc/TID/NAME, no link itself, "" if it is empty, and whether that is a regular file; and the type of its file
 * system, as statfs(2) has it. ret_name has NAME_MAX + 1 bytes. 0 or -errno. */
int stop_first_name(struct stop *stop, const char *name, char *ret_name, bool *ret_is_file,
	int64_t *ret_type) MUST_CHECK;

/* What all armed rules that match path make of a text, as `edit` above; and whether there are any that may make something. */
char *stop_edit_text(
	struct stop *stop, const char *path, const char *text, size_t length, size_t *ret_length);
bool stop_edits_text(struct stop *stop, const char *path);

/* The tree of fake files of this run; never NULL. */
struct fakeprocsys *stop_fakeprocsys(struct stop *stop);

/* --- on_enter: what is sent ------------------------------------------------------------------ */

void stop_send_syscall(struct stop *stop, long nr);
void stop_send_arg(struct stop *stop, int arg, uint64_t value);

/*
 * Puts data where the program's kernel can read it, in memory of our own in the program's address
 * space, for the time of this call. Returns 0 with its address; -EAGAIN the first time in an address
 * space (return VERDICT_AGAIN or EXIT_RUN's like and be called again); -ENOMEM.
 */
int stop_push(struct stop *stop, const void *data, size_t length, uint64_t *ret_address) MUST_CHECK;

/* --- on_exit ---------------------------------------------------------------------------------- */

/* The result as it stands: the kernel's, or what stop_set_result made of it; -errno when it failed. */
int64_t stop_result(const struct stop *stop);

/* At entry: the result of a call that does not run (VERDICT_DONE). At exit: what is given instead. */
void stop_set_result(struct stop *stop, int64_t result);

/* The same, for on_enter to return: the call does not run, and gives result. */
static inline enum verdict stop_give(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	return VERDICT_DONE;
}

/* The result of a getcwd(2) that does not run and says path, which is written. */
void stop_give_cwd(struct stop *stop, const char *path);

/* Runs another call in the thread before the program goes on (return EXIT_RUN after it). Its result
 * is stop_result() in the next on_exit; stop_step() tells the calls of on_exit apart (0 for the first). */
void stop_run(struct stop *stop, long nr, const uint64_t args[SYSCALL_ARGS]);
int stop_step(const struct stop *stop);

/* The kernel's result of the call as it was sent, whatever was run after it. */
int64_t stop_sent_result(const struct stop *stop);
/* A number to keep from one on_exit to the next. */
void stop_keep(struct stop *stop, int64_t value);
int64_t stop_kept(const struct stop *stop);

/* The same with a short text, from on_enter on; "" when none was kept. It is cut at STOP_KEPT_TEXT - 1 bytes. */
enum { STOP_KEPT_TEXT = 160 };
void stop_keep_text(struct stop *stop, const char *text);
const char *stop_kept_text(const struct stop *stop);

/* The same with what an emulation of several calls is about: STOP_STATE_BYTES of its own, aligned for any structure, all zero
 * when on_enter is called. In place of a text, not beside one. Valid until the call ends. */
enum { STOP_STATE_BYTES = STOP_KEPT_TEXT };
void *stop_state(struct stop *stop);

/*
 * From now on the process's fstat calls stop, too (see makes_files). Where that cannot be had, because the process has
 * given up its privileges or has a filter of its own: must says that it is tried, and that else all its calls stop.
 */
void stop_grow(struct stop *stop, bool must);

/*
 * The thread asks by name about a file, and it has opened one whose descriptor is not the kernel's. Where that was the same
 * file, its next calls stop, so that fstat of the descriptor can be answered. file: any number that is the file's, but 0.
 */
void stop_looks_at(struct stop *stop, uint64_t file);
void stop_has_opened(struct stop *stop, uint64_t file);

/*
 * Makes the process that is the parent of the thread's a child subreaper (prctl(2)), before the call of this
 * stop runs: orphans of its descendants then become its children. For on_enter; nothing if nobody traced is it.
 */
void stop_make_parent_reap(struct stop *stop);

/* Says in the log why; cut at about 90 bytes. */
void stop_note(struct stop *stop, const char *format, ...) PRINTF_LIKE(2, 3);

/* The process holds descriptor fd of the fake file at path, and its calls have to be followed: it is open for writing, or exact.
 * access: O_RDONLY, O_WRONLY or O_RDWR, as the program has asked. */
void stop_follow(struct stop *stop, int fd, const char *path, int access);
/* The process holds a descriptor (AT_FDCWD: is in a folder) that stands for the folder path, which the kernel lacks: so do its
 * copies, here and in children, until they are closed. Meanwhile all calls of the process stop, as above. */
void stop_follow_folder(struct stop *stop, int fd, const char *path);

/*
 * The process is told that it joins the pid namespace that it has opened, and is an outsider from now on, as all
 * that it starts (see outsiders.h). Its late calls stop.
 */
void stop_becomes_outsider(struct stop *stop);
/* It has opened a pid namespace by this path. */
void stop_opens_pid_namespace(struct stop *stop, const char *path);
/* Whether it is one, and has executed a program since. */
bool stop_is_outsider(const struct stop *stop);
/* Whether it has opened a pid namespace, or is one that has not executed a program yet. */
bool stop_may_become_outsider(const struct stop *stop);
/* The number of the pid namespace that it is said to be in, as in the link /proc/PID/ns/pid; 0: not known. */
uint64_t stop_joined_pid(const struct stop *stop);
/* Whether another process is an outsider in the same pid namespace, after exec. */
bool stop_is_outsider_with(const struct stop *stop, pid_t tgid);
/* For an outsider: whom a number names, of its session or as the container numbers it. Our number; 0: nobody. */
pid_t stop_outsider_target(struct stop *stop, pid_t number);
/* Whether a thread, or all processes of a group that are traced, are of its session. */
bool stop_is_outsiders_thread(const struct stop *stop, pid_t tid);
bool stop_is_outsiders_group(const struct stop *stop, pid_t group);
/* The process's number as we see it; 0 when it is gone. */
pid_t stop_tgid(struct stop *stop);

/* Descriptor fd of the process (AT_FDCWD: its working directory) stands for path, as long as what it really is
 * stays the same. With NULL no longer. */
void stop_name_fd(struct stop *stop, int fd, const char *path);
/*
 * Memory of an emulation's that goes with a descriptor of the process, as long as what that really is stays the same: new
 * gives size bytes of zeros in place of what was there, else it is what was given before. Neither dup, fork nor
 * exec take it along, and of dozens in a process one makes room. NULL: there is none, or no memory. Valid until the next
 * call of this or stop_name_fd.
 */
void *stop_fd_data(struct stop *stop, int fd, bool new, size_t size);
/* How many fake entries getdents64 has given of the folder that fd is, to be counted up; NULL: no memory. */
unsigned *stop_listing(struct stop *stop, int fd, const char *path);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system call table: the one place that knows the name of a call and what each argument is.
 * Which calls take a path follows strace's %file class; tests/unit/test_syscalls.c compares the
 * table with libseccomp's and the kernel headers' lists and fails when they know one that is missing.
 */
#ifndef GVTRACE_SYSCALLS_H
#define GVTRACE_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYSCALL_ARGS = 6, SYSCALL_MAX = 512 /* numbers of this table lie below */ };

enum arg_kind {
	ARG_NONE,
	ARG_VALUE, /* number, or a pointer that nobody reads here */
	ARG_FLAGS, /* a value that is read in hexadecimal: flags, a mask, an ioctl request */
	ARG_MODE, /* a value that is read in octal: a file mode */
	ARG_PID, /* a process, thread or process group: a pid_t, whatever its upper half says */
	ARG_FD, /* a descriptor that the call acts on */
	ARG_DIRFD, /* what the ARG_PATH right after it is relative to */
	ARG_PATH, /* relative to the ARG_DIRFD just before it, else to the working directory */
	ARG_STRING, /* NUL-terminated text that is not a path (symlink target, fstype, ...) */
	ARG_ARGV, /* pointer to pointers to texts, ended by NULL, that the kernel reads */
	ARG_SOCKADDR, /* pointer to a socket's address that the kernel reads; the next argument is its length */
	ARG_IN, /* any other pointer that the kernel reads */
	ARG_OUT, /* pointer that the kernel fills; it may read it first */
	ARG_CWD_OUT, /* the same, with the path of the working directory: getcwd(2) */
};

/* Classes as in strace's sets (%file, %desc, ...); a call can be in several. */
enum syscall_class {
	SYSCALL_FILE = 1 << 0,
	SYSCALL_DESC = 1 << 1,
	SYSCALL_PROCESS = 1 << 2,
	SYSCALL_NETWORK = 1 << 3,
	SYSCALL_SIGNAL = 1 << 4,
	SYSCALL_MEMORY = 1 << 5,
	SYSCALL_IPC = 1 << 6,
	SYSCALL_CREDS = 1 << 7,
	SYSCALL_CLOCK = 1 << 8,
	SYSCALL_STAT_LIKE = 1 << 9, /* %%stat: stat, lstat, fstat, newfstatat, statx */
	SYSCALL_STATFS_LIKE = 1 << 10, /* %%statfs: statfs, fstatfs, ustat */
};

struct syscall_info {
	const char *name; /* NULL: no such number */
	uint8_t args[SYSCALL_ARGS]; /* enum arg_kind */
	uint8_t result; /* ARG_MODE, or 0 for what is read in decimal */
	uint16_t classes; /* of enum syscall_class */
};

/* NULL for a number that the table does not know. */
const struct syscall_info *syscall_info(long nr);

/* -1 for a name that the table does not know. */
long syscall_number(const char *name);

/*
 * Whether the call goes where a symbolic link leads that is its path's last name, by its own definition or by
 * its flags (AT_SYMLINK_NOFOLLOW, O_NOFOLLOW). openat2's flags are in memory: true.
 */
bool syscall_follows_last_link(long nr, const uint64_t args[SYSCALL_ARGS]);

struct syscall_set {
	uint64_t bits[SYSCALL_MAX / 64]; /* calls that the table knows */
	bool unknown; /* and every number that it does not know, beyond SYSCALL_MAX as well */
};

static inline bool syscall_set_has(const struct syscall_set *set, long nr)
{
	return nr >= 0 && nr < SYSCALL_MAX && (set->bits[nr / 64] >> (nr % 64) & 1);
}

/* As syscall_set_has(), of a set that may have the numbers that the table does not know. */
bool syscall_set_has_any(const struct syscall_set *set, long nr);

static inline void syscall_set_add(struct syscall_set *set, long nr)
{
	set->bits[nr / 64] |= UINT64_C(1) << (nr % 64);
}

void syscall_set_add_all(struct syscall_set *set, const struct syscall_set *other);
void syscall_set_add_class(struct syscall_set *set, unsigned classes);
bool syscall_set_is_empty(const struct syscall_set *set);

/*
 * Parses names and classes separated by commas or blanks, as strace's -e trace= does: "openat",
 * "%file", "all", "none", "!close" (taken out of what stands so far, or of all if it comes first).
 * "all" has the numbers that the table does not know, too; "none" adds nothing. Returns 0; -EINVAL with *ret_offset (may be NULL) at the word that is no call
 * and no class, behind its "!", or at the end of a text that has no word. A word ends where
 * syscall_set_word_length says.
 */
int syscall_set_parse(struct syscall_set *ret_set, const char *text, size_t *ret_offset);

/* The length of the word that text starts with; 0 for a separator or the end. */
size_t syscall_set_word_length(const char *text);

/* The nearest known call or class to a misspelt word, or NULL when nothing is near. Static memory. */
const char *syscall_set_suggest(const char *word, size_t length);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of traced threads, and of the processes (thread groups) that they form. */
#ifndef GVTRACE_TRACEE_H
#define GVTRACE_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct rule;
struct stop;
struct fast_path; /* fast_path.c */

enum phase {
	PHASE_USER, /* the next syscall or seccomp stop begins a call */
	PHASE_ENTRY_REPEATS, /* begun at the seccomp stop; this kernel reports its entry once more */
	PHASE_SYSCALL, /* the next syscall stop is the exit */
};

/* Memory of ours in a process's address space, in slots that one thread each uses during a stop. */
enum { AREA_SLOTS = 16, AREA_SLOT_BYTES = 8192 };
struct area {
	struct area *next; /* owned */
	uint64_t address;
	uint32_t used; /* a bit per slot */
	bool broken; /* the program has unmapped it: no slot is given any more */
	bool retired; /* its address space is gone; freed with its last slot */
};

/* A descriptor, or as AT_FDCWD the working directory, that stands for another path than its link says, see
 * process_name_fd. */
struct named_fd {
	int fd;
	unsigned listed; /* fake entries of it that getdents64 has given */
	pid_t tid; /* the thread that it was got by */
	bool followed; /* calls on it have to be looked at */
	int access; /* if followed: O_RDONLY, O_WRONLY or O_RDWR, as it was asked for; O_DIRECTORY: a folder */
	const struct rule *rule; /* by which it is followed */
	uint64_t inode; /* of what is followed, see is_same_fd() in follow.c */
	char *path, *link; /* owned; link: what /proc/TID/fd/N says while this is still true */
	void *data; /* owned: an emulation's, see stop_fd_data */
};

/* A call that the process is to make for another one, see errand.h. */
enum errand { ERRAND_NONE, ERRAND_WAITS, ERRAND_RUNS };

/* See outsiders.h: not one; one that has not executed a program since; one that has. */
enum outsider { OUTSIDER_NOT, OUTSIDER_JOINED, OUTSIDER_EXECUTED };

/* A call that is made again by restarts.c, and waits for a time: it is none; it is to begin; it runs; it has said EINTR. */
enum restart { RESTART_NONE, RESTART_ASKED, RESTART_RUNS, RESTART_INTERRUPTED };

struct process {
	pid_t tgid;
	size_t n_tracees; /* that know this process; it is freed with the last */
	struct area *areas;
	size_t n_executing; /* threads but the leader that were last seen to begin an exec */
	bool has_second_filter, has_late_filter; /* see grow.h */
	bool refuses_filter; /* it does not get one that is only wished for */
	enum outsider outsider;
	bool ends_with_joined; /* an outsider that is to end with the namespace: somebody in it is traced */
	bool is_inside; /* an outsider that is said to be in the namespace: not who joined, but its children */
	uint64_t opened_pid; /* the number of the pid namespace that it has opened last; 0: none */
	uint64_t joined_pid; /* of an outsider, of the one that it is said to be in; 0: not known */
	enum errand errand;
	bool reaps; /* it has been made a child subreaper */
	bool every_call; /* every call of it stops */
	struct tracee *listeners[2]; /* see signals.c; threads of it, or NULL */
	bool has_timer; /* it has set one that sends signals */
	bool has_executed; /* since it is followed: no memory of its parent's is left */
	struct fast_path *fast_path; /* owned; NULL: none yet */
	char *program; /* the executable's path; owned; NULL: not asked yet */
	struct named_fd *fds;
	size_t n_fds;
	size_t n_followed; /* of fds: while there are any, every call of every thread stops */
	struct process *hash_next;
};

struct tracee {
	pid_t tid;
	enum phase phase;
	struct process *process; /* NULL until tracee_process() is asked */
	struct stop *stop; /* of the call in flight, if a rule or the log watches it; owned */
	pid_t held_for; /* not resumed before that process has run an errand; 0: not held */
	bool executes; /* it counts in its process's n_executing */
	bool has_executed; /* a program, since it is followed */
	bool replays; /* between a rewind and the call's new entry; signals are blocked */
	uint64_t
		begun_at; /* the instruction of the call in flight, where its entry stop may have been an exit; 0 */
	unsigned n_exits; /* exit stops seen */
	bool was_stopped; /* see restarts.c, as the next four */
	enum restart restart;
	uint64_t restart_place, restart_asked;
	int64_t restart_since_ns;
	bool is_stopped; /* see signals.c, as the next four */
	uint64_t noticed_ticks, resumed_ticks;
	unsigned long signals_noticed, ends_noticed;
	bool sends_late; /* see signals_wait_for_sender() */
	uint64_t blocked; /* the signal mask to put back after it */
	uint64_t looked_at; /* see looked_at.h; 0: nothing */
	unsigned n_looking; /* exits of calls until which every call of it stops */
	struct tracee *hash_next;
};

/* What is to be done before a thread, and before the last of a process, is forgotten. */
void tracee_on_end(
	void (*tracee_ends)(struct tracee *tracee), void (*process_ends)(struct process *process));

/* NULL: no memory. */
struct tracee *tracee_add(pid_t tid);
struct tracee *tracee_find(pid_t tid);
void tracee_remove(struct tracee *tracee);
size_t tracee_count(void);
/* Calls each() for every tracee; each() may remove none. */
void tracee_each(void (*each)(struct tracee *tracee, void *data), void *data);

/*
 * Whether a leader has left its stop since that was reported, because another thread of its process executes a program
 * and takes its id (ptrace(2), "execve(2) under ptrace"). What is in a stop by that id, now or in a moment, is the new
 * program, whose report is still to come: it must not be touched, or go on, before. Asked of the kernel, while a
 * thread may be executing one.
 */
bool tracee_was_replaced(const struct tracee *tracee);

/* The thread begins an exec, or a call that may be one. */
void tracee_begins_exec(struct tracee *tracee);
/* It has returned from that, or begins another call. */
void tracee_ends_exec(struct tracee *tracee);
/* A program of another ABI runs, whose exec is not seen to begin: from now on the kernel is asked always. */
void tracee_exec_is_unseen(void);

/* The thread's process, found at the first time: by tgkill(2), or by "Tgid:" of /proc/TID/status. NULL: the
 * thread is gone, or no memory. */
struct process *tracee_process(struct tracee *tracee);
/* The same; what is known of it is forgotten with its leader, not with the last thread that was asked. */
struct process *tracee_keep_process(struct tracee *tracee);

/*
 * At PTRACE_EVENT_FORK, _VFORK and _CLONE: the number of what the thread has made. 0: it is not told. In gVisor (2022 to 2026) the
 * message has the number in the thread's own pid namespace.
 */
pid_t tracee_new_child(const struct tracee *tracee);

/* The process of that number, if it has been asked for. */
struct process *process_find(pid_t tgid);

/* exec(2) succeeded: the address space and the close-on-exec descriptors are gone. */
void process_exec(struct process *process);

/* The executable's path as the kernel knows it, also when it has been removed; "" if that can't be had. Never NULL. */
const char *tracee_program(struct tracee *tracee);

/* Gives descriptor fd a path of its own, as long as its link stays what it is. path and link are copied.
 * Replaces an earlier one; at most a few hundred are kept. NULL: no memory. */
struct named_fd *process_name_fd(
	struct process *process, int fd, const char *path, const char *link);
struct named_fd *process_named_fd(struct process *process, int fd);
void process_unname_fd(struct process *process, int fd);

#endif

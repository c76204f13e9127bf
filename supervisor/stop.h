/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One system call of one thread, from its entry to its exit. Implements emulation.h; edits registers
 * only in memory: supervise.c alone resumes the thread.
 */
#ifndef GVTRACE_STOP_H
#define GVTRACE_STOP_H

#include "emulation.h"
#include "regs.h"
#include "rules.h"
#include "tracee.h"
#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	STOP_PATHS = 2, /* no call takes more paths that rules look at */
	STOP_NOTE_BYTES = 96,
	STOP_KEPT_READ = 32,
	STOP_LINKS = 3,
};

/* What a ".." on a path's way leads out of, so that the kernel does not find by the program's text what the program means. */
struct stop_way {
	bool leaves_shown; /* of a folder that only a rule shows */
	const struct rule *left; /* of the folder that this rule has led elsewhere; NULL: of none */
};

struct stop_path {
	int arg; /* -1: free */
	int error; /* of raw, or of path: 0 when it is there */
	bool read, resolved;
	/* Found out at most once, when a rule needs it: where symbolic links on the way lead (real, or real_error),
	 * and magic_link_is_procfs() of via. */
	bool followed, asked_via;
	struct stop_way way; /* to real */
	int via_is_procfs;
	/* What path is relative to, as a name below /proc/TID ("cwd", "fd/5"): what text is relative to, or a link of
	 * /proc in it; "": nothing, it is absolute. And whether that is seen to be in /proc. */
	char via[64];
	bool via_is_in_proc;
	/* The path with the thread's own root perhaps still before it, for rules that it matches in no root: see path_shown.h. */
	bool asked_shown, is_shown;
	/* A quick answer, for rules about /proc, to whether the former is worth to be found out: symlinks_lead_to_proc(). */
	bool asked_proc;
	int leads_to_proc;
	int real_error;
	size_t raw_length;
	char raw[PATH_MAX]; /* the argument's text */
	char base[PATH_MAX]; /* what text is relative to; "" for an absolute one */
	char path[PATH_MAX]; /* absolute */
	char real[PATH_MAX];
	char shown[PATH_MAX];
};

/* What a link below /proc/TID says. */
struct stop_link {
	char name[32];
	size_t length;
	char text[PATH_MAX];
};

enum detour {
	DETOUR_NONE,
	DETOUR_MAP, /* the mmap of an area */
	DETOUR_UNMAP, /* the munmap of one, before an exec */
	DETOUR_ERRAND, /* see errand.h */
	DETOUR_FAST_PATH, /* an mmap, see fast_path.h */
	DETOUR_OFFSET, /* an lseek that tells a descriptor's offset, see follow_call.h */
};

enum growth { GROW_BEGINS, GROW_MAPPED, GROW_LOADED };

struct stop {
	struct tracee *tracee;
	const struct syscall_info *info; /* NULL: not in the table */
	struct regs asked, now; /* as the program made the call; as they are to be sent, or given */
	bool edited; /* now differs from what the thread has */
	bool skipped; /* the kernel does not run the call */
	bool wants_area; /* a push had no memory of ours in the address space */
	bool moves_offset; /* a followed write is sent as an lseek; its result is kept */
	bool names_cwd; /* it has led to a folder that its descriptor stands for, see follow.c */
	bool tells_link; /* its answer is link_told()'s */
	bool expects_child; /* in a namespace of its own, see namespaces.h */
	bool wants_run;
	long run_nr; /* the call of stop_run */
	uint64_t run_args[SYSCALL_ARGS];
	bool running; /* that call is in flight */
	int tries; /* how often the area was asked for */
	bool knows_offset; /* what DETOUR_OFFSET has told: an offset, or -errno */
	int64_t offset;
	int step;
	int64_t result; /* as it stands */
	int64_t kept; /* by an emulation, from one on_exit to the next */
	/* by an emulation from on_enter on: a text, or a structure of its own */
	alignas(max_align_t) char kept_text[STOP_KEPT_TEXT];
	int64_t kernel_result; /* of the asked call as sent */
	struct area *area; /* the slot in use; NULL: none */
	int slot;
	size_t pushed; /* bytes of the slot in use */
	const struct rule *rule; /* that acts; NULL: none */
	unsigned path_args; /* of rule */
	const struct rule *log_rule; /* a `do = log` that matched before; NULL: none */
	bool grows; /* an open after which the process gets its second filter */
	bool must_grow; /* or else all its calls stop */
	bool grows_late; /* a setns after which it gets the filter of late calls */
	enum growth growing; /* how far that is */
	int64_t result_before_growing;
	enum detour
		detour; /* the call in flight is one of ours, after which the asked one is made again */
	struct stop_path paths[STOP_PATHS];
	struct stop_path fd_path; /* of the last ARG_FD or ARG_DIRFD asked for */
	/* Until the call runs, what was asked is kept, since rule after rule asks for the same: the path of a descriptor
	 * (fd_path, or its error), and what was read last of the program's memory. */
	bool keeps_answers, fd_path_is_kept;
	/* The links that were read since the thread stopped, the oldest of which makes room; and magic_link_is_procfs() of one. */
	struct stop_link links[STOP_LINKS];
	size_t n_links; /* ever read */
	char type_name[32]; /* "": of none */
	int is_procfs;
	uint64_t kept_address;
	size_t kept_length; /* 0: nothing */
	char kept_read[STOP_KEPT_READ];
	int next_path;
	char note[STOP_NOTE_BYTES];
	struct log_texts *texts; /* what the log keeps; owned; NULL when there is no log */
	uint64_t start_ns;
	struct stop *next_free;
};

/* A stop for the call that the thread's registers show. Reused storage; NULL: no memory. */
struct stop *stop_begin(struct tracee *tracee, const struct regs *regs);
/* Gives the thread's stop and its slot back; tracee->stop may be NULL. */
void stop_end(struct tracee *tracee);

/* Forgets everything that was edited, for a new try at the same call. */
void stop_reset(struct stop *stop);

/* The call has run: what was asked before of the kernel is to be asked anew. */
void stop_has_run(struct stop *stop);

/* For rules_match. */
const char *stop_match_path(void *stop, int arg, const struct rule *rule);
const char *stop_match_program(void *stop);

/* The run's fake tree, for stop_fakeprocsys. Borrowed. */
void stop_use_fakeprocsys(struct fakeprocsys *tree);

/* The rules of stop_edit_text(). They stay the caller's. */
void stop_use_rules(const struct rule_set *rules);

#endif

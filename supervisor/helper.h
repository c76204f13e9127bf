/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes of ours that do what may never come to its end: who waits for a FUSE server that does not answer cannot even be
 * killed, from the moment on that the server has read the request (Linux 6.18). They have memory and descriptors of their own,
 * die with the supervisor, and are bounded in number.
 */
#ifndef GVTRACE_HELPER_H
#define GVTRACE_HELPER_H

#include "util.h"
#include <stdbool.h>
#include <sys/types.h>

enum { HELPERS_MAX = 8 };

struct helper {
	pid_t pid;
	int fd; /* a SOCK_SEQPACKET to it */
};

/*
 * Starts run(fd, data), of whose memory and descriptors only fd is the supervisor's business; it does not return. 0, or
 * -errno: -EAGAIN when there are HELPERS_MAX already, most of which cannot be killed then.
 */
int helper_start(struct helper *ret_helper, void (*run)(int fd, void *data), void *data) MUST_CHECK;

/* Kills it and closes fd. It is waited for a moment only: else helper_ended() is told later. */
void helper_stop(struct helper *helper);

/* Somebody has ended: for whoever waits for all. */
void helper_ended(pid_t pid);

/* How long an answer may take that is somebody's fault. */
enum { HELPER_PATIENCE_MS = 100 };

/*
 * Whether fd can be read in time: within HELPER_PATIENCE_MS, and longer, up to 5 s, while is_busy() says that nobody is to
 * blame but a busy machine.
 */
bool helper_answers(int fd, bool (*is_busy)(void));

/* Whether a thread waits for a processor, and not for something else: proc_pid_stat(5). In gVisor whoever waits may seem to run. */
bool helper_is_runnable(pid_t tid);

/* Whether there is one that has not been seen to end. */
bool helper_any(void);

#endif

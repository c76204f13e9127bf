/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A raw wait status as a named event: pure, so that it can be tested without a process. */
#ifndef GVTRACE_WAIT_EVENT_H
#define GVTRACE_WAIT_EVENT_H

enum wait_kind {
	WAIT_EXITED, /* value: exit code */
	WAIT_KILLED, /* value: signal */
	WAIT_SECCOMP, /* PTRACE_EVENT_SECCOMP */
	WAIT_SYSCALL, /* syscall-entry-stop or syscall-exit-stop (PTRACE_O_TRACESYSGOOD) */
	WAIT_NEW_CHILD, /* PTRACE_EVENT_FORK, _VFORK, _CLONE, in the parent */
	WAIT_EXEC, /* PTRACE_EVENT_EXEC, already with the thread group's id */
	WAIT_SIGNAL, /* signal-delivery-stop; value: signal */
	WAIT_GROUP_STOP, /* value: the stopping signal */
	WAIT_ATTACHED, /* PTRACE_EVENT_STOP that is no group-stop: a new tracee, PTRACE_INTERRUPT, SIGCONT */
	WAIT_OTHER_EVENT, /* value: the PTRACE_EVENT_ number; nothing to do but resume */
};

struct wait_event {
	enum wait_kind kind;
	int value;
};

/* For a status of waitpid(2) with a tracee that was seized with PTRACE_O_TRACESYSGOOD. */
struct wait_event wait_event_from_status(int status);

#endif

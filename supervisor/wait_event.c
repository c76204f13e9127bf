/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wait_event.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

struct wait_event wait_event_from_status(int status)
{
	if (WIFEXITED(status))
		return (struct wait_event){ WAIT_EXITED, WEXITSTATUS(status) };
	if (WIFSIGNALED(status))
		return (struct wait_event){ WAIT_KILLED, WTERMSIG(status) };

	int signal = WSTOPSIG(status), event = status >> 16;

	switch (event) {
	case 0:
		return signal == (SIGTRAP | 0x80) ? (struct wait_event){ WAIT_SYSCALL, 0 }
						  : (struct wait_event){ WAIT_SIGNAL, signal };
	case PTRACE_EVENT_SECCOMP:
		return (struct wait_event){ WAIT_SECCOMP, 0 };
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return (struct wait_event){ WAIT_NEW_CHILD, event };
	case PTRACE_EVENT_EXEC:
		return (struct wait_event){ WAIT_EXEC, 0 };
	case PTRACE_EVENT_STOP:
		/* ptrace(2), "Group-stop": the signal tells a group-stop from an attach or interrupt. */
		if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
			signal == SIGTTOU)
			return (struct wait_event){ WAIT_GROUP_STOP, signal };
		return (struct wait_event){ WAIT_ATTACHED, signal };
	default:
		return (struct wait_event){ WAIT_OTHER_EVENT, event };
	}
}

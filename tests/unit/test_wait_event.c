/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* Statuses of waitpid(2) as ptrace(2) describes them, and what they are named. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>

#include <cmocka.h>

#include "util.h"
#include "wait_event.h"

#define STOPPED(signal) ((signal) << 8 | 0x7f)
#define EVENT(event, signal) ((event) << 16 | STOPPED(signal))

static void test_each_status(void **state)
{
	static const struct {
		int status;
		struct wait_event event;
	} rows[] = {
		{ 0, { WAIT_EXITED, 0 } },
		{ 7 << 8, { WAIT_EXITED, 7 } },
		{ 255 << 8, { WAIT_EXITED, 255 } },
		{ SIGKILL, { WAIT_KILLED, SIGKILL } },
		{ SIGSEGV | 0x80 /* dumped core */, { WAIT_KILLED, SIGSEGV } },
		{ STOPPED(SIGTRAP | 0x80), { WAIT_SYSCALL, 0 } },
		{ STOPPED(SIGTRAP), { WAIT_SIGNAL, SIGTRAP } },
		{ STOPPED(SIGSTOP), { WAIT_SIGNAL, SIGSTOP } },
		{ STOPPED(SIGUSR1), { WAIT_SIGNAL, SIGUSR1 } },
		{ STOPPED(64), { WAIT_SIGNAL, 64 } },
		{ EVENT(PTRACE_EVENT_SECCOMP, SIGTRAP), { WAIT_SECCOMP, 0 } },
		{ EVENT(PTRACE_EVENT_FORK, SIGTRAP), { WAIT_NEW_CHILD, PTRACE_EVENT_FORK } },
		{ EVENT(PTRACE_EVENT_VFORK, SIGTRAP), { WAIT_NEW_CHILD, PTRACE_EVENT_VFORK } },
		{ EVENT(PTRACE_EVENT_CLONE, SIGTRAP), { WAIT_NEW_CHILD, PTRACE_EVENT_CLONE } },
		{ EVENT(PTRACE_EVENT_EXEC, SIGTRAP), { WAIT_EXEC, 0 } },
		{ EVENT(PTRACE_EVENT_STOP, SIGSTOP), { WAIT_GROUP_STOP, SIGSTOP } },
		{ EVENT(PTRACE_EVENT_STOP, SIGTSTP), { WAIT_GROUP_STOP, SIGTSTP } },
		{ EVENT(PTRACE_EVENT_STOP, SIGTTIN), { WAIT_GROUP_STOP, SIGTTIN } },
		{ EVENT(PTRACE_EVENT_STOP, SIGTTOU), { WAIT_GROUP_STOP, SIGTTOU } },
		{ EVENT(PTRACE_EVENT_STOP, SIGTRAP), { WAIT_ATTACHED, SIGTRAP } },
		{ EVENT(PTRACE_EVENT_VFORK_DONE, SIGTRAP),
			{ WAIT_OTHER_EVENT, PTRACE_EVENT_VFORK_DONE } },
		{ EVENT(PTRACE_EVENT_EXIT, SIGTRAP), { WAIT_OTHER_EVENT, PTRACE_EVENT_EXIT } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct wait_event event = wait_event_from_status(rows[i].status);
		if (event.kind != rows[i].event.kind || event.value != rows[i].event.value)
			fail_msg("status %#x: kind %d, value %d", (unsigned)rows[i].status,
				event.kind, event.value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_status) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

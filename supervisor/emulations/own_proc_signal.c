/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals of an outsider: a number in kill(2) is that of a process of its session, or of one in the container, as
 * the container numbers it (kill 1). Nobody outside is reached.
 */
#include <sys/syscall.h>

#include "own_proc_parts.h"

static enum verdict to_process(struct stop *stop, pid_t number)
{
	pid_t target = stop_outsider_target(stop, number);

	if (target <= 0)
		return stop_give(stop, -ESRCH);
	if (target == number)
		return VERDICT_NEXT;
	stop_send_arg(stop, 0, (uint64_t)target);
	own_proc_act(stop, OWN_ACT_NONE, "");
	return VERDICT_WATCH;
}

static enum verdict to_thread(struct stop *stop, pid_t tid)
{
	return stop_is_outsiders_thread(stop, tid) ? VERDICT_NEXT : stop_give(stop, -ESRCH);
}

enum verdict own_proc_signal(struct stop *stop)
{
	pid_t number = (pid_t)stop_asked(stop, 0);

	switch (stop_syscall(stop)) {
	case SYS_kill:
		if (number == 0)
			return VERDICT_NEXT;
		if (number == -1) /* all: they cannot be told apart from those outside */
			return stop_give(stop, -EPERM);
		if (number < 0)
			return stop_is_outsiders_group(stop, -number) ? VERDICT_NEXT
								      : stop_give(stop, -ESRCH);
		return to_process(stop, number);
	case SYS_rt_sigqueueinfo:
		return to_process(stop, number);
	case SYS_tkill:
		return to_thread(stop, number);
	default: /* tgkill, rt_tgsigqueueinfo */
		return to_thread(stop, (pid_t)stop_asked(stop, 1));
	}
}

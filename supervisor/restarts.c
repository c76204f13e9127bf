/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "restarts.h"

#include <sys/syscall.h>

enum { ERESTARTSYS = 512 /* include/linux/errno.h */ };

static bool loses;

void restarts_init(const struct stop_order *order)
{
	loses = order->loses_restarts;
}

static bool is_made_again(long nr)
{
	static const long calls[] = { SYS_connect, SYS_accept, SYS_accept4, SYS_recvfrom,
		SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg, SYS_sendmmsg };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i] == nr)
			return true;
	return false;
}

/* A thread that was not in a call has no number of one in its registers, in gVisor as in Linux. */
void restarts_notice(struct regs *regs)
{
	if (loses && regs_is_native(regs) && regs_result(regs) == -EINTR &&
		is_made_again(regs_syscall(regs)))
		regs_set_result(regs, -ERESTARTSYS);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's side: it starts the helper, and answers its reads of the thread's memory. */
#include "backtrace.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "backtrace_internal.h"
#include "clock.h"
#include "helper.h"
#include "tracee_mem.h"

enum { DEADLINE_MS = 2000 /* of one helper; the files may be on a slow or dead file system */ };

static int send_block(int fd, pid_t tid, uint64_t address)
{
	struct backtrace_block block = { 0 };

	block.error = tracee_mem_read(tid, address, block.bytes, sizeof(block.bytes));
	return send(fd, &block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* 0 with the text, or -errno: -EPIPE if the helper ended without one. */
static int serve(int fd, pid_t tid, char ret_text[BACKTRACE_BYTES])
{
	int64_t deadline = clock_ns(CLOCK_MONOTONIC) + DEADLINE_MS * NS_PER_MS;
	struct backtrace_request request;
	struct pollfd helper = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&helper, 1,
			(int)MAX((deadline - clock_ns(CLOCK_MONOTONIC)) / NS_PER_MS, 0));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIMEDOUT;
		ssize_t length = recv(fd, &request, sizeof(request), MSG_DONTWAIT);
		if (length < (ssize_t)BACKTRACE_READ_BYTES)
			return length < 0 && errno != ECONNRESET ? -errno : -EPIPE;
		if (request.kind == BACKTRACE_TEXT && length == sizeof(request)) {
			memcpy(ret_text, request.text, BACKTRACE_BYTES);
			ret_text[BACKTRACE_BYTES - 1] = '\0';
			return 0;
		}
		int r = send_block(fd, tid, request.address);
		if (r)
			return r;
	}
}

struct work {
	pid_t tid;
	const struct regs *regs;
	bool with_libunwind;
};

static void help(int fd, void *data)
{
	const struct work *work = data;

	backtrace_help(fd, work->tid, work->regs, work->with_libunwind);
}

int backtrace_try(
	pid_t tid, const struct regs *regs, bool with_libunwind, char ret_text[BACKTRACE_BYTES])
{
	struct work work = { tid, regs, with_libunwind };
	struct helper helper;
	int r = helper_start(&helper, help, &work);

	if (r)
		return r;
	r = serve(helper.fd, tid, ret_text);
	helper_stop(&helper);
	return r;
}

void backtrace_write(pid_t tid, const struct regs *regs, char ret_text[BACKTRACE_BYTES])
{
	int r = backtrace_try(tid, regs, true, ret_text);

	if (r == -EPIPE || r == -ETIMEDOUT)
		r = backtrace_try(tid, regs, false, ret_text);
	if (r)
		snprintf(ret_text, BACKTRACE_BYTES, "  (no stack: %s)",
			r == -EPIPE ? "the unwinder crashed" : strerror(-r));
}

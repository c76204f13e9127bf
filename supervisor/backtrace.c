/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's side: it starts the helper, and answers its reads of the thread's memory. */
#include "backtrace.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "backtrace_internal.h"
#include "clock.h"
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

_Noreturn static void helper(int fd, pid_t tid, const struct regs *regs, bool with_libunwind)
{
	static const struct rlimit no_core = { 0, 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	backtrace_help(fd, tid, regs, with_libunwind);
}

int backtrace_try(
	pid_t tid, const struct regs *regs, bool with_libunwind, char ret_text[BACKTRACE_BYTES])
{
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	cleanup_close int ours = fds[0];
	pid_t child = fork();
	if (child == 0) {
		close(ours);
		helper(fds[1], tid, regs, with_libunwind);
	}
	r = child < 0 ? -errno : 0;
	close(fds[1]);
	if (r)
		return r;
	r = serve(ours, tid, ret_text);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
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

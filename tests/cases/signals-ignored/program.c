/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that wait, and say EINTR whatever interrupts them (signal(7)): a signal that is ignored does not, as without gvtrace,
 * though the tracer is to see it. A handler does, and so do SIGSTOP and SIGCONT.
 */
#include "case.h"

#include <linux/aio_abi.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { SIGNALS = 5, SHORT_MS = 500, LONG_MS = 100000, MS = 1000000 /* ns */ };
static int event, queue, semaphore, pair[2];

static void nap(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * MS };

	while (nanosleep(&time, &time))
		;
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / MS;
}

static void give(void)
{
	struct sembuf up = { 0, 1, 0 };

	CHECK(eventfd_write(event, 1) == 0 && semop(semaphore, &up, 1) == 0);
	CHECK(write(pair[1], "x", 1) == 1);
}

static void take(void)
{
	eventfd_t value;
	char data[16];

	(void)!eventfd_read(event, &value);
	(void)!recv(pair[0], data, sizeof(data), MSG_DONTWAIT);
	CHECK(semctl(semaphore, 0, SETVAL, 0) == 0);
}

/* Another process sends signals meanwhile, and in the end what is waited for. */
static pid_t send_signals(int signal, bool gives)
{
	pid_t waiter = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; i < SIGNALS; i++) {
		nap(20);
		kill(waiter, signal);
	}
	nap(20);
	if (gives) {
		give();
		kill(waiter, SIGUSR1);
	}
	_exit(0);
}

static int wait_epoll(void)
{
	struct epoll_event found;

	return epoll_wait(queue, &found, 1, -1);
}

static int wait_epoll_mask(void)
{
	struct epoll_event found;
	sigset_t none;

	sigemptyset(&none);
	sigaddset(&none, SIGUSR1);
	return epoll_pwait(queue, &found, 1, -1, &none);
}

static int wait_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigwaitinfo(&set, NULL);
}

static int wait_semaphore(void)
{
	struct sembuf down = { 0, -1, 0 };

	return semop(semaphore, &down, 1);
}

static int wait_semaphore_long(void)
{
	struct sembuf down = { 0, -1, 0 };
	struct timespec long_time = { 1000, 0 };

	return semtimedop(semaphore, &down, 1, &long_time);
}

static int receive(void)
{
	char byte;

	return (int)recv(pair[0], &byte, 1, 0);
}

static int receive_by_read(void)
{
	char byte;

	return (int)read(pair[0], &byte, 1);
}

static int wait_epoll_short(void)
{
	struct epoll_event found;

	return epoll_wait(queue, &found, 1, SHORT_MS);
}

static int wait_completion_short(void)
{
	struct timespec time = { 0, SHORT_MS * MS };
	aio_context_t context = 0;
	struct io_event found;

	if (syscall(SYS_io_setup, 1, &context))
		return wait_epoll_short(); /* there is none */
	return (int)syscall(SYS_io_getevents, context, 1, 1, &found, &time);
}

static void set_timeout(int ms)
{
	struct timeval time = { ms / 1000, ms % 1000 * 1000 };

	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0);
}

static int receive_short(void)
{
	set_timeout(SHORT_MS);
	int n = receive();
	int error = errno;
	set_timeout(LONG_MS);
	errno = error;
	return n < 0 && errno == EAGAIN ? 0 : -1;
}

typedef int wait_t(void);
static wait_t *const waits[] = { wait_epoll, wait_epoll_mask, wait_signal, wait_semaphore,
	wait_semaphore_long, receive, receive_by_read };
static wait_t *const shorts[] = { wait_epoll_short, wait_completion_short, receive_short };

static void end(pid_t pid)
{
	struct timespec none = { 0, 0 };
	sigset_t set;

	CHECK_EXITS(pid, 0);
	take();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (sigtimedwait(&set, NULL, &none) > 0)
		;
}

static void count(int signal)
{
}

static void stopped(wait_t *wait_for)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK_FAILS(wait_for(), EINTR);
		_exit(0);
	}
	/* Not before it waits; the last one is for a machine on which that takes longer. */
	for (int i = 0; i < SIGNALS; i++) {
		nap(40);
		kill(pid, SIGSTOP);
		nap(20);
		kill(pid, SIGCONT);
	}
	CHECK_EXITS(pid, 0);
}

int main(void)
{
	struct epoll_event wanted = { .events = EPOLLIN };
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	sigset_t set;

	event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	queue = epoll_create1(EPOLL_CLOEXEC);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	CHECK(event >= 0 && queue >= 0 && semaphore >= 0);
	CHECK(epoll_ctl(queue, EPOLL_CTL_ADD, event, &wanted) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	set_timeout(LONG_MS);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);

	/* Ignored, as they are by default, or as one that would end it. */
	signal(SIGUSR2, SIG_IGN);
	static const int ignored[] = { SIGCHLD, SIGWINCH, SIGUSR2 };
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		for (size_t j = 0; j < sizeof(ignored) / sizeof(ignored[0]); j++) {
			pid_t pid = send_signals(ignored[j], true);
			CHECK(waits[i]() >= 0);
			end(pid);
		}
	}
	/* The time that was to be waited is not shorter, nor without an end. */
	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
		long before = now();
		pid_t pid = send_signals(SIGUSR2, false);
		CHECK(shorts[i]() == 0);
		CHECK(now() - before >= SHORT_MS);
		end(pid);
	}

	CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		/* gVisor makes these again, with a timeout, too. */
		if (in_sandbox() && (waits[i] == receive || waits[i] == receive_by_read))
			continue;
		pid_t pid = send_signals(SIGUSR2, false);
		CHECK_FAILS(waits[i](), EINTR);
		end(pid);
	}
	/* gVisor waits on. */
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]) && !in_sandbox(); i++)
		stopped(waits[i]);
	CHECK(semctl(semaphore, 0, IPC_RMID) == 0);
	return success();
}

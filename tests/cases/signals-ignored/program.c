/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that wait, and say EINTR whatever interrupts them (signal(7)): a signal that is ignored does not, as without gvtrace,
 * though the tracer is to see it. A handler does, and so do SIGSTOP and SIGCONT.
 */
#include "case.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sem.h>
#include <time.h>

enum { SIGNALS = 5, MS = 1000000 /* ns */ };
static int event, queue, semaphore;

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
}

static void take(void)
{
	eventfd_t value;

	(void)!eventfd_read(event, &value);
	CHECK(semctl(semaphore, 0, SETVAL, 0) == 0);
}

/* Another process sends signals meanwhile, and in the end what is waited for. */
static pid_t send(int signal, bool gives)
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

static int wait_epoll_short(void)
{
	struct epoll_event found;

	return epoll_wait(queue, &found, 1, 500);
}

static int (*const waits[])(
	void) = { wait_epoll, wait_epoll_mask, wait_signal, wait_semaphore, wait_semaphore_long };

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

static void stopped(int (*wait_for)(void))
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
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);

	/* Ignored, as they are by default, or as one that would end it. */
	signal(SIGUSR2, SIG_IGN);
	static const int ignored[] = { SIGCHLD, SIGWINCH, SIGUSR2 };
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		for (size_t j = 0; j < sizeof(ignored) / sizeof(ignored[0]); j++) {
			pid_t pid = send(ignored[j], true);
			CHECK(waits[i]() >= 0);
			end(pid);
		}
	}
	/* The time that was to be waited is not shorter, nor without an end. */
	long before = now();
	pid_t pid = send(SIGUSR2, false);
	CHECK(wait_epoll_short() == 0);
	CHECK(now() - before >= 500);
	end(pid);

	CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		pid = send(SIGUSR2, false);
		CHECK_FAILS(waits[i](), EINTR);
		end(pid);
	}
	/* gVisor waits on. */
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]) && !in_sandbox(); i++)
		stopped(waits[i]);
	CHECK(semctl(semaphore, 0, IPC_RMID) == 0);
	return success();
}

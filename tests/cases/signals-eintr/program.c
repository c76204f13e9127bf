/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait are interrupted and restarted by signals as without gvtrace. */
#include "case.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

/* In memory that the helper sees as well. */
static volatile int *n_signals;

static void count(int signal)
{
	++*n_signals;
	/* A handler that makes a watched call of its own. */
	(void)!access("/no-such-file", F_OK);
}

static void handle(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	*n_signals = 0;
}

static void alarm_in(int ms, int again_ms)
{
	struct itimerval timer = { { 0, again_ms * 1000 }, { 0, ms * 1000 } };

	CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void no_alarm(void)
{
	alarm_in(0, 0);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The signal comes again, as on a busy machine the first may come before the call. */
#define FAILS_BY_SIGNAL(call)             \
	do {                              \
		alarm_in(20, 200);        \
		CHECK_FAILS(call, EINTR); \
		no_alarm();               \
		CHECK(*n_signals >= 1);   \
	} while (0)

#define INTERRUPTED(call)              \
	do {                           \
		handle(0);             \
		FAILS_BY_SIGNAL(call); \
		handle(SA_RESTART);    \
	} while (0)

#define ALWAYS_INTERRUPTED(call)       \
	do {                           \
		INTERRUPTED(call);     \
		FAILS_BY_SIGNAL(call); \
	} while (0)

/* Something comes after several signals have been handled, and the call was restarted. */
#define RESTARTED(call, result)            \
	do {                               \
		handle(SA_RESTART);        \
		helper_writes(pair[1]);    \
		alarm_in(10, 10);          \
		errno = 0;                 \
		CHECK((call) == (result)); \
		no_alarm();                \
		CHECK_EXITS(helper, 0);    \
	} while (0)

static pid_t helper;

static void wait_for_signals(void)
{
	while (*n_signals < 2)
		usleep(1000);
	usleep(50000);
}

static void helper_writes(int fd)
{
	fflush(stdout);
	helper = fork();
	CHECK(helper >= 0);
	if (helper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wait_for_signals();
		_exit(write(fd, "x", 1) == 1 ? 0 : 1);
	}
}

int main(void)
{
	struct timespec second = { 1, 0 }, rest = { 0, 0 };
	int pair[2], status, epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd waits = { .events = POLLIN };
	sigset_t none;
	fd_set set;
	char byte;

	n_signals = mmap(NULL, sizeof(*n_signals), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(n_signals != MAP_FAILED);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event) == 0);
	waits.fd = pair[0];
	sigemptyset(&none);

	INTERRUPTED(read(pair[0], &byte, 1));
	RESTARTED(read(pair[0], &byte, 1), 1);
	INTERRUPTED(recv(pair[0], &byte, 1, 0));
	RESTARTED(recv(pair[0], &byte, 1, 0), 1);
	pid_t sleeper = fork();
	if (sleeper == 0) {
		pause();
		_exit(0);
	}
	INTERRUPTED(wait4(sleeper, &status, 0, NULL));
	CHECK(kill(sleeper, SIGKILL) == 0 && waitpid(sleeper, &status, 0) == sleeper);
	ALWAYS_INTERRUPTED(pause());
	ALWAYS_INTERRUPTED(nanosleep(&second, &rest));
	CHECK(rest.tv_sec == 0 && rest.tv_nsec > 500000000);
	ALWAYS_INTERRUPTED(poll(&waits, 1, 1000));
	ALWAYS_INTERRUPTED(ppoll(&waits, 1, &second, NULL));
	ALWAYS_INTERRUPTED(epoll_wait(epoll, &event, 1, 1000));
	ALWAYS_INTERRUPTED(sigsuspend(&none));
	handle(SA_RESTART);
	FD_ZERO(&set);
	FD_SET(pair[0], &set);
	FAILS_BY_SIGNAL(select(pair[0] + 1, &set, NULL, NULL, NULL));

	/* The whole time is slept, with signals that nobody handles: ERESTART_RESTARTBLOCK. */
	signal(SIGALRM, SIG_IGN);
	alarm_in(5, 5);
	double start = now();
	struct timespec some = { 0, 100000000 };
	CHECK(nanosleep(&some, NULL) == 0);
	CHECK(now() - start >= 0.1);
	start = now();
	CHECK(poll(&waits, 1, 100) == 0);
	CHECK(now() - start >= 0.1);
	no_alarm();

	/* Stopped and continued in between. */
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		start = now();
		some.tv_nsec = 800000000;
		_exit(nanosleep(&some, NULL) == 0 && now() - start >= 0.8 ? 0 : 1);
	}
	usleep(50000);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	usleep(50000);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK_EXITS(pid, 0);

	/* A lock that another holds. */
	int file = open("lock", O_RDWR | O_CREAT, 0600);
	CHECK(flock(file, LOCK_EX) == 0);
	handle(SA_RESTART);
	pid = fork();
	if (pid == 0) {
		int own = open("lock", O_RDWR);
		alarm_in(10, 10);
		_exit(flock(own, LOCK_EX) ? 1 : 0);
	}
	wait_for_signals();
	CHECK(flock(file, LOCK_UN) == 0);
	CHECK_EXITS(pid, 0);
	return success();
}

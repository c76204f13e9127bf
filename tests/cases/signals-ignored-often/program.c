/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that are ignored, one after the other, while calls wait that are never made again by the kernel (signal(7)): each has
 * what it waits for, or its time passes, as without gvtrace. Many of them from one place, so that each has to be told from the one before.
 */
#include "case.h"

#include <arpa/inet.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

enum {
	WAIT_MS = 60,
	SIGNAL_MS = 25,
	SELDOM_MS = 100,
	EVENT_MS = 40,
	/* A socket's time is in jiffies, which are counted late where the processor was another's: two of 4 ms. */
	EARLY_MS = 8,
	TIMES = 3,
	EVENTS = 12,
	MS = 1000000 /* ns */
};
static const struct timespec wait_time = { 0, WAIT_MS *MS };
static int queue, semaphore, pair[2], out[2], ends[2], data_file;
static char byte;
static struct iovec vector = { &byte, 1 };

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / MS;
}

static pid_t send_signals(int ms)
{
	const struct timespec time = { 0, ms * MS };
	pid_t waiter = getpid(), pid = fork();

	while (pid == 0 && getppid() == waiter) {
		nanosleep(&time, NULL);
		kill(waiter, SIGWINCH);
	}
	if (pid == 0)
		_exit(0);
	return pid;
}

static long wait_epoll(void)
{
	struct epoll_event found;

	return epoll_wait(queue, &found, 1, WAIT_MS);
}

static long wait_epoll_mask(void)
{
	struct epoll_event found;
	sigset_t none;

	sigemptyset(&none);
	return epoll_pwait(queue, &found, 1, WAIT_MS, &none);
}

static long wait_epoll_timespec(void)
{
	struct epoll_event found;

	return syscall(SYS_epoll_pwait2, queue, &found, 1, &wait_time, NULL, 8);
}

static long wait_completion(void)
{
	static aio_context_t context;
	struct io_event found;

	if (!context && syscall(SYS_io_setup, 1, &context))
		return -1;
	return syscall(SYS_io_getevents, context, 1, 1, &found, &wait_time);
}

static long wait_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &wait_time);
}

static long wait_semaphore(void)
{
	struct sembuf down = { 0, -1, 0 };

	return semtimedop(semaphore, &down, 1, &wait_time);
}

static long receive(void)
{
	return recv(pair[0], &byte, 1, 0);
}

static long receive_by_read(void)
{
	return read(pair[0], &byte, 1);
}

static long receive_by_preadv2(void)
{
	return preadv2(pair[0], &vector, 1, -1, 0);
}

static long receive_by_splice(void)
{
	return splice(pair[0], NULL, ends[1], NULL, 1, 0);
}

static long send_one(void)
{
	return send(out[0], &byte, 1, 0);
}

static long send_by_pwritev2(void)
{
	return pwritev2(out[0], &vector, 1, -1, 0);
}

static long send_by_splice(void)
{
	return splice(ends[0], NULL, out[0], NULL, 1, 0);
}

static long send_by_sendfile(void)
{
	off_t offset = 0;

	return sendfile(out[0], data_file, &offset, 1);
}

/* Of something that listens, and whose queue is full. */
static long connect_to(int domain, struct sockaddr *address, socklen_t size)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval time = { 0, WAIT_MS * 1000 };

	CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) == 0);
	long result = connect(fd, address, size);
	int error = errno;
	if (result < 0)
		close(fd);
	errno = error;
	return result;
}

static struct sockaddr_un local = { .sun_family = AF_UNIX };
static socklen_t local_size = sizeof(local);
static struct sockaddr_in internet = { .sin_family = AF_INET };

static long connect_local(void)
{
	return connect_to(AF_UNIX, (struct sockaddr *)&local, local_size);
}

static long connect_internet(void)
{
	return connect_to(AF_INET, (struct sockaddr *)&internet, sizeof(internet));
}

static int io_uring = -1;

static long wait_io_uring(void)
{
	struct io_uring_getevents_arg more = { .ts = (uint64_t)(uintptr_t)&wait_time };

	return syscall(SYS_io_uring_enter, io_uring, 0, 1,
		IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &more, sizeof(more));
}

typedef long wait_t(void);
static const struct {
	wait_t *wait_for;
	int error; /* 0: its result is 0 */
	bool is_of_socket;
} waits[] = {
	{ wait_epoll, 0, false },
	{ wait_epoll_mask, 0, false },
	{ wait_epoll_timespec, 0, false },
	{ wait_completion, 0, false },
	{ wait_signal, EAGAIN, false },
	{ wait_semaphore, EAGAIN, false },
	{ receive, EAGAIN, true },
	{ receive_by_read, EAGAIN, true },
	{ receive_by_preadv2, EAGAIN, true },
	{ receive_by_splice, EAGAIN, true },
	{ send_one, EAGAIN, true },
	{ send_by_pwritev2, EAGAIN, true },
	{ send_by_splice, EAGAIN, true },
	{ send_by_sendfile, EAGAIN, true },
	{ connect_local, EAGAIN, true },
	{ connect_internet, EINPROGRESS, true },
	{ wait_io_uring, ETIME, false },
};

static void make_sockets(void)
{
	struct timeval time = { 0, WAIT_MS * 1000 };
	char data[4096] = { 0 };

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, out) == 0);
	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0);
	CHECK(setsockopt(out[0], SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) == 0);
	while (send(out[0], data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	CHECK(write(ends[1], "x", 1) == 1);
	data_file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK(data_file >= 0);
}

static void fill_queue(int domain, struct sockaddr *address, socklen_t *size, socklen_t bound)
{
	int listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(bind(listener, address, bound) == 0 && listen(listener, 0) == 0);
	CHECK(getsockname(listener, address, size) == 0);
	while (connect_to(domain, address, *size) == 0)
		;
}

/* Each of these 0, or the error, as often as it is made; nothing is over before its time. */
static void time_passes(wait_t *wait_for, int error)
{
	for (int i = 0; i < TIMES; i++) {
		long before = now();
		errno = 0;
		long result = wait_for();
		/* The kernel has no such call. */
		if (i == 0 && result == -1 && errno == ENOSYS)
			return;
		if (result != (error ? -1 : 0) || errno != error)
			printf("%ld, errno %d\n", result, errno);
		CHECK(result == (error ? -1 : 0) && errno == error);
		CHECK(now() - before >= WAIT_MS - EARLY_MS);
	}
}

static bool has_io_uring(void)
{
	struct io_uring_params parameters = { 0 };

	io_uring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
	return io_uring >= 0 && (parameters.features & IORING_FEAT_EXT_ARG);
}

/* What comes ends the call, however many there were before. */
static void events_come(void)
{
	struct itimerspec time = { { 0, EVENT_MS * MS }, { 0, EVENT_MS * MS } };
	struct epoll_event wanted = { .events = EPOLLIN };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t n;

	CHECK(timer >= 0 && epoll_ctl(queue, EPOLL_CTL_ADD, timer, &wanted) == 0);
	CHECK(timerfd_settime(timer, 0, &time, NULL) == 0);
	for (int i = 0; i < EVENTS; i++) {
		int r;
		while ((r = (int)wait_epoll()) == 0)
			;
		CHECK(r == 1 && read(timer, &n, sizeof(n)) == sizeof(n));
	}
	close(timer);
}

/* An io_uring without a time: it waits until the process ends. */
static void io_uring_waits(void)
{
	pid_t pid = io_uring < 0 ? -1 : fork();
	int status;

	if (pid == 0) {
		syscall(SYS_io_uring_enter, io_uring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
		_exit(1);
	}
	for (int i = 0; pid > 0 && i < TIMES; i++) {
		const struct timespec time = { 0, SIGNAL_MS * MS };
		nanosleep(&time, NULL);
		kill(pid, SIGWINCH);
	}
	if (pid < 0)
		return;
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

/* The registers of the arguments are as they were. */
static void registers_stay(void)
{
	for (int i = 0; i < TIMES; i++) {
		struct epoll_event found;
		register long timeout __asm__("r10") = WAIT_MS;
		long result = SYS_epoll_wait;
		__asm__ volatile("syscall"
				 : "+a"(result), "+r"(timeout)
				 : "D"(queue), "S"(&found), "d"(1)
				 : "rcx", "r11", "memory");
		CHECK(result == 0 && timeout == WAIT_MS);
	}
}

int main(void)
{
	sigset_t set;

	queue = epoll_create1(EPOLL_CLOEXEC);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	CHECK(queue >= 0 && semaphore >= 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	make_sockets();
	if (!in_sandbox()) {
		fill_queue(AF_UNIX, (struct sockaddr *)&local, &local_size, sizeof(sa_family_t));
		internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		socklen_t size = sizeof(internet);
		fill_queue(AF_INET, (struct sockaddr *)&internet, &size, size);
	}

	pid_t sender = send_signals(SIGNAL_MS);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		/* There a timeout of a socket cannot be asked for. */
		if ((in_sandbox() && waits[i].is_of_socket) ||
			(waits[i].wait_for == wait_io_uring && !has_io_uring()))
			continue;
		time_passes(waits[i].wait_for, waits[i].error);
	}
	registers_stay();
	events_come();
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	io_uring_waits();

	/* Interrupted once at most: then the kernel says when the time is over, and of one that is made again. */
	sender = send_signals(SELDOM_MS);
	if (!in_sandbox()) {
		time_passes(connect_local, EAGAIN);
		time_passes(connect_internet, EINPROGRESS);
	}
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	CHECK(semctl(semaphore, 0, IPC_RMID) == 0);
	return success();
}

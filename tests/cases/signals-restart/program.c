/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait go on waiting where nothing but a signal that is ignored, a handler with SA_RESTART, or we have interrupted them. */
#include "case.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

enum { DISTURBED_MS = 60, SETTLED_MS = 100, TRIES = 4 };

enum way { BY_IGNORED, BY_HANDLER, BY_FAKE_FILE, BY_HANDLER_WITHOUT_RESTART, WAYS };
static enum way way;
static volatile sig_atomic_t handled;
static pthread_t waiter;
/* When the waiter is surely in its call; longer at each try, for busy machines. */
static int disturbed_ms = DISTURBED_MS;
/* Whoever answers reads from it: the answer comes after the disturbance, however busy the machine is. */
static int go[2];

static void on_signal(int number)
{
	handled++;
}

static void sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

/* Something happens that is not what the call waits for. */
static void *disturb(void *unused)
{
	sleep_ms(disturbed_ms);
	if (way == BY_FAKE_FILE) {
		/* All threads of who writes such a file are interrupted. */
		int fd = open("/proc/sys/kernel/panic", O_WRONLY);
		CHECK(fd >= 0 && write(fd, "1", 1) == 1 && close(fd) == 0);
	} else {
		CHECK(pthread_kill(waiter, way == BY_IGNORED ? SIGURG : SIGUSR1) == 0);
	}
	sleep_ms(SETTLED_MS);
	CHECK(write(go[1], "", 1) == 1);
	return NULL;
}

static void wait_until_disturbed(void)
{
	char byte;

	CHECK(read(go[0], &byte, 1) == 1);
}

/* What the call waits for, from another process. */
static pid_t answer(int fd, const struct sockaddr_in *address)
{
	pid_t child = fork();

	CHECK(child >= 0);
	if (child)
		return child;
	wait_until_disturbed();
	if (address) {
		int connected = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(connect(connected, (const struct sockaddr *)address, sizeof(*address)) == 0);
	} else {
		CHECK(write(fd, "x", 1) == 1);
	}
	_exit(0);
}

enum call { CALL_RECV, CALL_RECVMSG, CALL_RECVMMSG, CALL_READ, CALL_READ_PIPE, CALL_ACCEPT, CALLS };

static long make(enum call call, int fd)
{
	char byte;
	struct iovec vector = { &byte, 1 };
	struct mmsghdr messages[1] = { { { .msg_iov = &vector, .msg_iovlen = 1 }, 0 } };

	switch (call) {
	case CALL_RECV:
		return recv(fd, &byte, 1, 0);
	case CALL_RECVMSG:
		return recvmsg(fd, &messages[0].msg_hdr, 0);
	case CALL_RECVMMSG:
		return recvmmsg(fd, messages, 1, 0, NULL);
	case CALL_READ:
	case CALL_READ_PIPE:
		return read(fd, &byte, 1);
	case CALL_ACCEPT:
	case CALLS:
		break;
	}
	return accept(fd, NULL, NULL);
}

static void listens(int fd, int backlog, struct sockaddr_in *ret_address)
{
	socklen_t size = sizeof(*ret_address);

	*ret_address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)ret_address, size) == 0 &&
		listen(fd, backlog) == 0 &&
		getsockname(fd, (struct sockaddr *)ret_address, &size) == 0);
}

/* False: the signal was handled before the call began, or so it looks; not at the last try. */
static bool expect(const char *what, long result, int tries_left)
{
	int error = errno, n_handled = handled;
	bool is_interrupted = way == BY_HANDLER_WITHOUT_RESTART;

	handled = 0;
	if (is_interrupted && result >= 0 && n_handled == 1 && tries_left > 0)
		return false;
	if ((result < 0) != is_interrupted || (result < 0 && error != EINTR) ||
		n_handled != (way == BY_HANDLER || way == BY_HANDLER_WITHOUT_RESTART)) {
		printf("%s, way %d: %ld, %s, %d handled\n", what, way, result,
			result < 0 ? strerror(error) : "", n_handled);
		fflush(stdout);
		_exit(1);
	}
	return true;
}

static bool wait_in(enum call call, int tries_left)
{
	static const char *const names[] = { "recv", "recvmsg", "recvmmsg", "read",
		"read of a pipe", "accept" };
	struct sockaddr_in address;
	pthread_t thread;
	int ends[2], status;

	if (call == CALL_ACCEPT)
		listens(ends[0] = socket(AF_INET, SOCK_STREAM, 0), 5, &address);
	else if (call == CALL_READ_PIPE)
		CHECK(pipe(ends) == 0);
	else
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	pid_t child =
		answer(call == CALL_ACCEPT ? -1 : ends[1], call == CALL_ACCEPT ? &address : NULL);
	CHECK(pthread_create(&thread, NULL, disturb, NULL) == 0);
	long result = make(call, ends[0]);
	bool is_met = expect(names[call], result, tries_left);
	CHECK(pthread_join(thread, NULL) == 0 && waitpid(child, &status, 0) == child &&
		status == 0);
	close(ends[0]);
	if (call == CALL_ACCEPT && result >= 0)
		close((int)result);
	if (call != CALL_ACCEPT)
		close(ends[1]);
	return is_met;
}

static void *take_all(void *data)
{
	int fd, listener = *(const int *)data;

	wait_until_disturbed();
	while ((fd = accept(listener, NULL, NULL)) >= 0)
		close(fd);
	return NULL;
}

/* connect waits while the listener has no room; another is tried seconds later only, so this is done once. */
static void wait_in_connect(void)
{
	struct sockaddr_in address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t threads[2];

	listens(listener, 0, &address);
	for (int i = 0; i < 4; i++) {
		int filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		CHECK(connect(filler, (struct sockaddr *)&address, sizeof(address)) == 0 ||
			errno == EINPROGRESS);
	}
	CHECK(pthread_create(&threads[0], NULL, take_all, &listener) == 0);
	CHECK(pthread_create(&threads[1], NULL, disturb, NULL) == 0);
	expect("connect", connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK(pthread_join(threads[1], NULL) == 0);
	shutdown(listener, SHUT_RDWR);
	CHECK(pthread_join(threads[0], NULL) == 0);
}

int main(void)
{
	waiter = pthread_self();
	CHECK(pipe(go) == 0);
	for (way = 0; way < WAYS; way++) {
		struct sigaction action = { .sa_handler = on_signal,
			.sa_flags = way == BY_HANDLER ? SA_RESTART : 0 };
		CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
		for (enum call call = 0; call < CALLS; call++) {
			int tries_left = TRIES;
			while (!wait_in(call, --tries_left))
				disturbed_ms *= 2;
			disturbed_ms = DISTURBED_MS;
		}
		if (way != BY_HANDLER)
			wait_in_connect();
	}
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = kmsg: a reader waits and is never ready, writing succeeds, stat tells a device; a file that is there stays it. */
#include "case.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#define LOG "/dev/no-such-log"

static void nothing(int signal)
{
}

static void a_reader_waits(void)
{
	struct sigaction act = { .sa_handler = nothing };
	struct itimerval soon = { { 0, 200000 }, { 0, 200000 } };
	char text[8192];
	int fd = open(LOG, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	CHECK(poll(&polled, 1, 50) == 0);
	CHECK(sigaction(SIGALRM, &act, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
	CHECK_FAILS(read(fd, text, sizeof(text)), EINTR);
	soon = (struct itimerval){ 0 };
	CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	CHECK(close(fd) == 0);
}

/* As Go does: it makes the descriptor one that does not block, and waits for it in epoll. */
static void one_that_does_not_block(void)
{
	char text[8192];
	int fd = open(LOG, O_RDONLY | O_NONBLOCK), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	CHECK(fd >= 0 && epoll >= 0);
	CHECK_FAILS(read(fd, text, sizeof(text)), EAGAIN);
	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	CHECK(epoll_wait(epoll, &event, 1, 50) == 0);
	close(epoll);
	close(fd);
}

static void writes_are_taken(void)
{
	int fd = open(LOG, O_WRONLY);

	CHECK(fd >= 0);
	CHECK(write(fd, "<3>hello\n", 9) == 9);
	close(fd);
}

static void what_it_is(void)
{
	struct stat st;

	CHECK(stat(LOG, &st) == 0);
	CHECK(st.st_mode == (S_IFCHR | 0644) && st.st_rdev == makedev(1, 11));
	CHECK(access(LOG, R_OK | W_OK) == 0);
	CHECK_FAILS(readlink(LOG, (char[8]){ 0 }, 8), EINVAL);
	CHECK_FAILS(open(LOG, O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_FAILS(open(LOG, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK_FAILS(open(LOG "2", O_RDONLY), ENOENT);
}

static void no_descriptor_is_left(void)
{
	int first = open("/", O_PATH);

	close(first);
	for (int i = 0; i < 3; i++) {
		int fd = open(LOG, O_RDONLY);
		CHECK(fd == first);
		close(fd);
	}
}

/* As in a container: its /dev is another one, and the kernel puts no such file there. */
static void not_in_another_root(void)
{
	struct stat st;
	pid_t child = fork();

	if (child == 0) {
		CHECK(mkdir("root", 0755) == 0 && mkdir("root/dev", 0755) == 0);
		if (chroot("root") < 0) {
			CHECK(errno == EPERM);
			_exit(0);
		}
		CHECK_FAILS(open(LOG, O_RDONLY), ENOENT);
		CHECK_FAILS(open(LOG, O_WRONLY), ENOENT);
		CHECK_FAILS(stat(LOG, &st), ENOENT);
		_exit(0);
	}
	CHECK_EXITS(child, 0);
}

int main(void)
{
	char text[4] = "abc";
	int fd;

	a_reader_waits();
	one_that_does_not_block();
	writes_are_taken();
	what_it_is();
	no_descriptor_is_left();
	not_in_another_root();
	fd = open("/dev/zero", O_RDONLY);
	CHECK(read(fd, text, 4) == 4 && memcmp(text, "\0\0\0\0", 4) == 0);
	return success();
}

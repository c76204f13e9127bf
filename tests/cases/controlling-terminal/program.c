/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = controlling-terminal: /dev/tty is the terminal of the session, whatever the standard descriptors are, or ENXIO. */
#include "case.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static int open_other_end(int terminal, char name[64])
{
	int number, unlock = 0;

	CHECK(ioctl(terminal, TIOCSPTLCK, &unlock) == 0 && ioctl(terminal, TIOCGPTN, &number) == 0);
	snprintf(name, 64, "/dev/pts/%d", number);
	return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void is_none(void)
{
	CHECK_FAILS(open("/dev/tty", O_RDWR), ENXIO);
	CHECK_FAILS(open("/dev/tty", O_WRONLY | O_CLOEXEC), ENXIO);
	int fd = open("/dev/tty", O_PATH);
	CHECK(fd >= 0 && close(fd) == 0);
}

/* What is written to it comes out at the terminal's end. */
static void is_terminal(int end, int flags)
{
	char text[8];
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | flags);

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) == (flags & O_CLOEXEC ? FD_CLOEXEC : 0));
	CHECK(isatty(fd) && tcgetpgrp(fd) == getpgrp());
	CHECK(write(fd, "hi", 2) == 2);
	CHECK(read(end, text, sizeof(text)) == 2 && memcmp(text, "hi", 2) == 0);
	CHECK(close(fd) == 0);
}

static void of_session(int end, int other, const char *name, int standard)
{
	int fds[3];

	CHECK(setsid() >= 0); /* 0 in gVisor 2022 */
	is_none();
	CHECK(ioctl(other, TIOCSCTTY, 0) == 0);
	for (int i = 0; i < 3; i++)
		CHECK((fds[i] = dup(i)) >= 0);
	/* One of the standard descriptors is of it. */
	for (int i = 0; i < 3; i++)
		CHECK(dup2(i == standard ? other : fds[0], i) == i);
	CHECK(close(other) == 0);
	is_terminal(end, O_CLOEXEC);
	is_terminal(end, 0);
	/* as `echo x >/dev/tty` does */
	int fd = open("/dev/tty", O_WRONLY | O_CREAT | O_TRUNC, 0666);
	CHECK(fd >= 0 && isatty(fd) && close(fd) == 0);
	int relative = open("/dev", O_PATH | O_DIRECTORY);
	fd = openat(relative, "tty", O_RDONLY | O_NOCTTY | O_NONBLOCK);
	CHECK(fd >= 0 && isatty(fd));
	CHECK((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDONLY | O_NONBLOCK));
	CHECK(!(fcntl(standard, F_GETFL) & O_NONBLOCK));
	/* None of a child's is, but its session's leader has one. */
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++)
			CHECK(dup2(fds[0], i) == i);
		is_terminal(end, 0);
		/* One that can be read alone, as by `<$(tty)`. */
		CHECK(dup2(open(name, O_RDONLY | O_NOCTTY), 0) == 0);
		is_terminal(end, 0);
		_exit(0);
	}
	CHECK(child > 0);
	CHECK_EXITS(child, 0);
	/* None any more. */
	signal(SIGHUP, SIG_IGN);
	CHECK(ioctl(fd, TIOCNOTTY) == 0);
	is_none();
	_exit(0);
}

int main(void)
{
	char name[64];

	for (int standard = 0; standard < 3; standard++) {
		/* a new one each time: gVisor does not forget whose the last one was */
		int end = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (end < 0)
			skip("no /dev/ptmx here");
		int other = open_other_end(end, name);
		CHECK(other >= 0);
		pid_t child = fork();
		if (child == 0)
			of_session(end, other, name, standard);
		CHECK(child > 0);
		CHECK_EXITS(child, 0);
	}
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = termios2: the calls of struct termios2 work on a terminal, and fail with ENOTTY elsewhere. */
#include "case.h"

#include <asm/termbits.h>
#include <poll.h>
#include <sys/ioctl.h>

#ifndef TCGETS
#define TCGETS 0x5401
#define TCGETS2 _IOR('T', 0x2a, struct termios2)
#define TCSETS2 _IOW('T', 0x2b, struct termios2)
#define TCSETSW2 _IOW('T', 0x2c, struct termios2)
#define TCSETSF2 _IOW('T', 0x2d, struct termios2)
#endif

/* What was typed and is not read yet is thrown away by TCSETSF2 alone. */
static void flushes(int terminal, unsigned long set, bool is_flushed)
{
	struct termios2 raw;
	char name[64], byte;
	int number, unlock = 0;

	CHECK(ioctl(terminal, TIOCSPTLCK, &unlock) == 0 && ioctl(terminal, TIOCGPTN, &number) == 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	int side = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	CHECK(side >= 0 && ioctl(side, TCGETS2, &raw) == 0);
	raw.c_lflag &= ~(ICANON | ECHO);
	CHECK(ioctl(side, TCSETS2, &raw) == 0);
	CHECK(write(terminal, "x", 1) == 1);
	/* It arrives in a moment. */
	struct pollfd typed = { .fd = side, .events = POLLIN };
	CHECK(poll(&typed, 1, 5000) == 1);
	CHECK(ioctl(side, set, &raw) == 0);
	CHECK(read(side, &byte, 1) == (is_flushed ? -1 : 1));
	close(side);
}

int main(void)
{
	static const unsigned long sets[] = { TCSETS2, TCSETSW2, TCSETSF2 },
				   old_sets[] = { TCSETS, TCSETSW, TCSETSF };
	struct termios2 asked, given;
	struct termios old;
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), file = open("/proc/self/exe", O_RDONLY);

	if (fd < 0)
		skip("no /dev/ptmx here");
	memset(&asked, 0xff, sizeof(asked));
	CHECK(ioctl(fd, TCGETS2, &asked) == 0);
	CHECK(ioctl(fd, TCGETS, &old) == 0);
	CHECK(memcmp(&asked, &old, sizeof(old)) == 0);
	CHECK(asked.c_ospeed == 38400 && asked.c_ispeed == 38400);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		if (ioctl(fd, old_sets[i], &old) && errno == ENOTTY)
			continue; /* gVisor 2022 has TCSETS only */
		asked.c_lflag ^= ECHO;
		CHECK(ioctl(fd, sets[i], &asked) == 0);
		CHECK(ioctl(fd, TCGETS2, &given) == 0);
		CHECK(given.c_lflag == asked.c_lflag);
	}
	if (!in_sandbox()) {
		flushes(fd, TCSETS2, false);
		flushes(fd, TCSETSF2, true);
	}
	CHECK_FAILS(ioctl(file, TCGETS2, &given), ENOTTY);
	CHECK_FAILS(ioctl(fd, TCGETS2, nowhere), EFAULT);
	return success();
}

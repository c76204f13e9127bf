/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = termios2: ioctl_tty(2)'s TCGETS2 and TCSETS2 by TCGETS and TCSETS. struct termios2 is struct termios with
 * two speeds behind it. glibc 2.42 asks by TCGETS2 whether something is a terminal.
 */
#include "emulation.h"

enum {
	GETS = 0x5401,
	SETS = 0x5402,
	SETSW = 0x5403,
	SETSF = 0x5404,
};

#define GETS2 0x802c542aU
#define SETS2 0x402c542bU
#define SETSW2 0x402c542cU
#define SETSF2 0x402c542dU

/* asm-generic/termbits.h, whose struct termios is another than termios.h's. */
struct kernel_termios2 {
	uint32_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line, c_cc[19];
	uint32_t c_ispeed, c_ospeed;
};

enum { CBAUD_BITS = 0xf, CBAUD_EXTENDED = 0x1000 };

static uint32_t speed(uint32_t c_cflag)
{
	static const uint32_t low[] = { 0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400,
		4800, 9600, 19200, 38400 };
	static const uint32_t high[] = { 38400 /* BOTHER */, 57600, 115200, 230400, 460800, 500000,
		576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000,
		4000000 };

	return (c_cflag & CBAUD_EXTENDED ? high : low)[c_cflag & CBAUD_BITS];
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	switch ((uint32_t)stop_asked(stop, 1)) {
	case GETS2:
		stop_send_arg(stop, 1, GETS);
		return VERDICT_WATCH;
	case SETS2:
		stop_send_arg(stop, 1, SETS);
		return VERDICT_WATCH;
	case SETSW2:
		stop_send_arg(stop, 1, SETSW);
		return VERDICT_WATCH;
	case SETSF2:
		stop_send_arg(stop, 1, SETSF);
		return VERDICT_WATCH;
	default:
		return VERDICT_NEXT;
	}
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	uint64_t address = stop_asked(stop, 2);
	uint32_t flags, speeds[2];

	if (stop_result(stop) < 0 || (uint32_t)stop_asked(stop, 1) != GETS2)
		return EXIT_DONE;
	int r = stop_read(
		stop, address + offsetof(struct kernel_termios2, c_cflag), &flags, sizeof(flags));
	if (r == 0) {
		speeds[0] = speeds[1] = speed(flags);
		r = stop_write(stop, address + offsetof(struct kernel_termios2, c_ispeed), speeds,
			sizeof(speeds));
	}
	if (r)
		stop_set_result(stop, r);
	return EXIT_DONE;
}

/* The four requests, and what else differs from them in its direction and lowest three bits only. */
static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	ret_conditions[0] = (struct arg_condition){ 1, 0x3ffffff8, GETS2 & 0x3ffffff8 };
	ret_conditions[1].arg = -1;
}

const struct emulation emulation_termios2 = {
	.name = "termios2",
	.summary = "run the terminal calls of struct termios2 as those of struct termios",
	.default_syscalls = "ioctl",
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

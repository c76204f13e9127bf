/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_log */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "sink.h"
#include "util.h"

#define TIME "22:13:20.123456"

static const struct log_event event = {
	.start_ns = UINT64_C(1700000000123456789),
	.tid = 42,
	.program = "p",
	.asked_nr = SYS_getpid,
	.sent_nr = SYS_getpid,
	.ran = true,
	.kernel_result = 7,
	.given_result = 7,
};

#define LINE TIME " 42 p getpid() = 7\n"

static void cleanup_sinkp(struct sink **sink)
{
	sink_text.destroy(*sink);
}

#define cleanup_sink __attribute__((cleanup(cleanup_sinkp)))

static struct sink *create(int fd)
{
	struct sink *sink = sink_text.create(fd);

	assert_non_null(sink);
	return sink;
}

/* What fd gives with one read(2). */
static void check_read(int fd, const char *expected)
{
	char text[8192] = "";
	ssize_t length = read(fd, text, sizeof(text) - 1);

	assert_int_equal(length, strlen(expected));
	assert_string_equal(text, expected);
}

/* A datagram holds what one write(2) wrote. */
static void test_one_write_per_event(void **state)
{
	cleanup_sink struct sink *sink = NULL;
	struct log_event with_stack = event;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	sink = create(fds[0]);
	with_stack.stack = "/bin/p(main+0x1) [0x2]\n/lib/evil\033[2J() [0x3]\n";
	sink_text.event(sink, &event);
	sink_text.event(sink, &with_stack);
	check_read(fds[1], LINE);
	check_read(fds[1], LINE " > /bin/p(main+0x1) [0x2]\n > /lib/evil\\33[2J() [0x3]\n");
	close(fds[0]);
	close(fds[1]);
}

static void test_remark(void **state)
{
	cleanup_sink struct sink *sink = NULL;
	int hours, minutes, seconds, micros, end = 0;
	char text[200] = "";
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	sink = create(fds[1]);
	sink_text.remark(sink, 12, "32-bit\nprogram");
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_int_equal(
		sscanf(text, "%2d:%2d:%2d.%6d%n", &hours, &minutes, &seconds, &micros, &end), 4);
	assert_int_equal(end, strlen(TIME));
	assert_string_equal(text + end, " 12 --- 32-bit\\nprogram ---\n");
	close(fds[0]);
	close(fds[1]);
}

static void test_full_disk_is_told_once(void **state)
{
	cleanup_close int full = open("/dev/full", O_WRONLY);
	cleanup_sink struct sink *sink = NULL;

	assert_true(full >= 0);
	sink = create(full);
	assert_int_equal(sink_text.take_error(sink), 0);
	sink_text.event(sink, &event);
	sink_text.event(sink, &event);
	assert_int_equal(sink_text.take_error(sink), -ENOSPC);
	assert_int_equal(sink_text.take_error(sink), 0);
	sink_text.event(sink, &event);
	assert_int_equal(sink_text.take_error(sink), 0);
}

/* No SIGPIPE: its default action would end this test. */
static void test_reader_that_went(void **state)
{
	cleanup_sink struct sink *sink = NULL;
	sigset_t pending, mask;
	int fds[2];

	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(pipe(fds), 0);
	sink = create(fds[1]);
	close(fds[0]);
	sink_text.event(sink, &event);
	sink_text.event(sink, &event);
	assert_int_equal(sink_text.take_error(sink), -EPIPE);
	assert_int_equal(sigpending(&pending), 0);
	assert_false(sigismember(&pending, SIGPIPE));
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	assert_false(sigismember(&mask, SIGPIPE));
	close(fds[1]);
}

/* A pipe that takes only a part of a line, and nothing for a while: the parts do not run together. */
static void test_full_pipe(void **state)
{
	static char path[4000], block[4096], rest[8192];
	cleanup_sink struct sink *sink = NULL;
	struct log_event big = event;
	ssize_t length;
	int fds[2];

	memset(path, 'a', sizeof(path) - 1);
	big.asked_nr = big.sent_nr = SYS_chdir;
	big.asked[0] = big.sent[0] = 0x1000;
	big.asked_text[0] = path;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) == 4096);
	sink = create(fds[1]);
	assert_int_equal(write(fds[1], block, 100), 100);
	big.stack = path; /* over PIPE_BUF, so that the pipe takes what it has room for */
	sink_text.event(sink, &big);
	assert_int_equal(sink_text.take_error(sink), -EAGAIN);
	sink_text.event(sink, &event);
	assert_int_equal(sink_text.take_error(sink), 0);

	length = read(fds[0], rest, sizeof(rest));
	assert_true(length > 100);
	assert_memory_equal(rest + 100, TIME " 42 p chdir(\"aaaa", strlen(TIME) + 17);
	while (read(fds[0], rest, sizeof(rest)) > 0)
		;
	sink_text.event(sink, &event);
	check_read(fds[0], "\n--- 2 lines lost: Resource temporarily unavailable ---\n" LINE);
	sink_text.event(sink, &event);
	check_read(fds[0], LINE);
	close(fds[0]);
	close(fds[1]);
}

static void test_destroy_accepts_null(void **state)
{
	sink_text.destroy(NULL);
	assert_string_equal(sink_text.name, "text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_write_per_event),
		cmocka_unit_test(test_remark),
		cmocka_unit_test(test_full_disk_is_told_once),
		cmocka_unit_test(test_reader_that_went),
		cmocka_unit_test(test_full_pipe),
		cmocka_unit_test(test_destroy_accepts_null),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

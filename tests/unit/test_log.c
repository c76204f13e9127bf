/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_log */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>

#include "sink.h"
#include "util.h"

#define TIME "22:13:20.123456"
#define FAILED(error) (-(int64_t)(error))

/* A row may say otherwise than what EVENT begins with. */
#pragma GCC diagnostic ignored "-Woverride-init"

/* An event in which only what a row gives differs from a plain getpid() = 42. */
#define EVENT(...)                                                             \
	(&(const struct log_event){ .start_ns = UINT64_C(1700000000123456789), \
		.end_ns = UINT64_C(1700000000123556789),                       \
		.tid = 42,                                                     \
		.program = "p",                                                \
		.ran = true,                                                   \
		__VA_ARGS__ })

/* A call that went to the kernel as asked. */
#define PLAIN(nr, ...) \
	.asked_nr = nr, .sent_nr = nr, .asked = { __VA_ARGS__ }, .sent = { __VA_ARGS__ }
#define RESULT(value) .kernel_result = value, .given_result = value

static void check_line(const struct log_event *event, const char *expected)
{
	char line[4096];
	int length = log_format_line(event, line, sizeof(line));

	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
}

static void test_plain_calls(void **state)
{
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(42)), TIME " 42 p getpid() = 42");
	check_line(EVENT(PLAIN(SYS_openat, (uint64_t)AT_FDCWD, 0x1000, O_WRONLY | O_CREAT, 0644),
			   .asked_text = { NULL, "/etc/hosts" }, RESULT(3)),
		TIME " 42 p openat(AT_FDCWD, \"/etc/hosts\", 0x41, 0644) = 3");
	check_line(EVENT(PLAIN(SYS_openat, 5, 0x1000, 0, 0), .asked_text = { NULL, "hosts" },
			   RESULT(FAILED(ENOENT))),
		TIME " 42 p openat(5, \"hosts\", 0, 0000) = -1 ENOENT (No such file or directory)");
	check_line(EVENT(PLAIN(SYS_renameat2, 3, 1, (uint32_t)AT_FDCWD, 2, 1),
			   .asked_text = { NULL, "a", NULL, "b" }, RESULT(0)),
		TIME " 42 p renameat2(3, \"a\", AT_FDCWD, \"b\", 0x1) = 0");
	check_line(EVENT(PLAIN(SYS_mount, 1, 2, 3, 0x8, 4),
			   .asked_text = { "tmpfs", "/run", "tmpfs", NULL, "size=1m,mode=755" },
			   RESULT(0)),
		TIME " 42 p mount(\"tmpfs\", \"/run\", \"tmpfs\", 0x8, \"size=1m,mode=755\") = 0");
}

static void test_arguments(void **state)
{
	/* A path that could not be read is shown as the pointer it is. */
	check_line(EVENT(PLAIN(SYS_chdir, 0xdead0), RESULT(FAILED(EFAULT))),
		TIME " 42 p chdir(0xdead0) = -1 EFAULT (Bad address)");
	check_line(EVENT(PLAIN(SYS_utimensat, 7, 0, 0, 0), RESULT(0)),
		TIME " 42 p utimensat(7, NULL, NULL, 0) = 0");
	check_line(EVENT(PLAIN(SYS_mmap, 0, 4096, 3, 0x22, UINT32_MAX, 0), RESULT(0x7f0012345000)),
		TIME " 42 p mmap(0, 4096, 0x3, 0x22, -1, 0) = 0x7f0012345000");
	check_line(EVENT(PLAIN(SYS_fchown, 3, UINT32_MAX, (uint64_t)-1), RESULT(0)),
		TIME " 42 p fchown(3, -1, -1) = 0");
	check_line(EVENT(PLAIN(SYS_kill, INT_MAX, 0x80000000), RESULT(FAILED(ESRCH))),
		TIME " 42 p kill(2147483647, 0x80000000) = -1 ESRCH (No such process)");
	/* A process group, as an int or sign-extended. */
	check_line(EVENT(PLAIN(SYS_kill, (uint32_t)-5000, 0), RESULT(FAILED(ESRCH))),
		TIME " 42 p kill(-5000, 0) = -1 ESRCH (No such process)");
	check_line(EVENT(PLAIN(SYS_wait4, (uint64_t)INT_MIN, 0, 0, 0), RESULT(FAILED(ECHILD))),
		TIME " 42 p wait4(-2147483648, NULL, 0, NULL) = -1 ECHILD (No child processes)");
	check_line(EVENT(PLAIN(SYS_ptrace, 0x10, 0x7fff00000005, 0, 0), RESULT(0)),
		TIME " 42 p ptrace(16, 5, 0, 0) = 0");
	check_line(EVENT(PLAIN(SYS_read, 3, 0x7ffe0000, 100), RESULT(100)),
		TIME " 42 p read(3, 0x7ffe0000, 100) = 100");
	check_line(EVENT(PLAIN(500, 1, 2, 3, 4, 5, 0x7ffe12345678), RESULT(FAILED(ENOSYS))),
		TIME " 42 p syscall_0x1f4(1, 2, 3, 4, 5, 0x7ffe12345678)"
		     " = -1 ENOSYS (Function not implemented)");
	check_line(EVENT(PLAIN(-1), RESULT(FAILED(ENOSYS))),
		TIME " 42 p syscall_0xffffffffffffffff(0, 0, 0, 0, 0, 0)"
		     " = -1 ENOSYS (Function not implemented)");
}

static void test_results(void **state)
{
	check_line(
		EVENT(PLAIN(SYS_getpid), RESULT(4294967295)), TIME " 42 p getpid() = 4294967295");
	check_line(
		EVENT(PLAIN(SYS_getpid), RESULT(4294967296)), TIME " 42 p getpid() = 0x100000000");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(-4096)),
		TIME " 42 p getpid() = 0xfffffffffffff000");
	check_line(EVENT(PLAIN(SYS_umask, 022), RESULT(022)), TIME " 42 p umask(0022) = 022");
	check_line(EVENT(PLAIN(SYS_umask, 0777), RESULT(0)), TIME " 42 p umask(0777) = 0");
	check_line(EVENT(PLAIN(SYS_umask, 0), RESULT(FAILED(ENOSYS))),
		TIME " 42 p umask(0000) = -1 ENOSYS (Function not implemented)");
	check_line(EVENT(PLAIN(SYS_pause), RESULT(-514)),
		TIME " 42 p pause() = ? ERESTARTNOHAND (To be restarted)");
	check_line(EVENT(PLAIN(SYS_pause), RESULT(-4095)), TIME " 42 p pause() = -1 E?4095");
}

static void test_what_was_sent(void **state)
{
	check_line(EVENT(.asked_nr = SYS_openat, .sent_nr = SYS_openat,
			   .asked = { (uint64_t)AT_FDCWD, 0x1000, 0, 0 },
			   .sent = { (uint64_t)AT_FDCWD, 0x2000, 0, 0 },
			   .asked_text = { NULL, "/dev/kmsg" }, .sent_text = { NULL, "/dev/null" },
			   RESULT(3), .rule = "kmsg"),
		TIME " 42 p openat(AT_FDCWD, \"/dev/kmsg\", 0, 0000)"
		     " -> openat(AT_FDCWD, \"/dev/null\", 0, 0000) = 3 [rule kmsg]");
	/* Another argument changed: the path is still the one asked for. */
	check_line(EVENT(.asked_nr = SYS_umount2, .sent_nr = SYS_umount2, .asked = { 0x1000, 0x8 },
			   .sent = { 0x1000, 0x2 }, .asked_text = { "/mnt" }, RESULT(0)),
		TIME " 42 p umount2(\"/mnt\", 0x8) -> umount2(\"/mnt\", 0x2) = 0");
	check_line(EVENT(.asked_nr = SYS_open, .sent_nr = SYS_getpid, .asked = { 0x1000, 0, 0 },
			   .asked_text = { "/mnt" }, RESULT(1)),
		TIME " 42 p open(\"/mnt\", 0, 0000) -> getpid() = 1");
	/* Replaced by a pointer whose text is not known. */
	check_line(EVENT(.asked_nr = SYS_chdir, .sent_nr = SYS_chdir, .asked = { 0x1000 },
			   .sent = { 0x2000 }, .asked_text = { "/mnt" }, RESULT(0)),
		TIME " 42 p chdir(\"/mnt\") -> chdir(0x2000) = 0");
	/* What lies in registers that the call does not read is no difference. */
	check_line(EVENT(.asked_nr = SYS_close, .sent_nr = SYS_close, .asked = { 3, 1 },
			   .sent = { 3, 2 }, RESULT(0)),
		TIME " 42 p close(3) = 0");
	check_line(EVENT(PLAIN(SYS_keyctl, 1, 0, 0, 0, 0), .ran = false, .kernel_result = 77,
			   .given_result = FAILED(ENOSYS), .rule = "no-session-keyring",
			   .note = "ENOSYS"),
		TIME " 42 p keyctl(1, 0, 0, 0, 0) -> not run"
		     " = -1 ENOSYS (Function not implemented) [rule no-session-keyring: ENOSYS]");
}

static void test_what_was_given(void **state)
{
	check_line(EVENT(PLAIN(SYS_fstat, 3, 0x1000), .kernel_result = FAILED(EBADF),
			   .given_result = 0, .rule = "r", .note = "st_ino 1"),
		TIME " 42 p fstat(3, 0x1000) = 0 (kernel: -1 EBADF (Bad file descriptor))"
		     " [rule r: st_ino 1]");
	check_line(EVENT(PLAIN(SYS_getpid), .kernel_result = 5, .given_result = FAILED(EPERM)),
		TIME " 42 p getpid() = -1 EPERM (Operation not permitted) (kernel: 5)");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(1), .note = "no rule, a remark"),
		TIME " 42 p getpid() = 1 [no rule, a remark]");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(1), .program = NULL), TIME " 42 ? getpid() = 1");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(1), .program = ""), TIME " 42 ? getpid() = 1");
}

/* A program chooses its paths, its own name, and with them what notes quote. */
static void test_hostile_text(void **state)
{
	check_line(
		EVENT(PLAIN(SYS_chdir, 0x1000),
			.asked_text = { "a\n22:13:20.1 1 x read() = 0\r\t\v\f\\\"q" }, RESULT(0)),
		TIME " 42 p chdir(\"a\\n22:13:20.1 1 x read() = 0\\r\\t\\v\\f\\\\\\\"q\") = 0");
	check_line(EVENT(PLAIN(SYS_chdir, 0x1000),
			   .asked_text = { "\033]0;title\a\033[2J\x9b\x7f\xc3\xa4\0019\0018\0017" },
			   RESULT(0)),
		TIME
		" 42 p chdir(\"\\33]0;title\\7\\33[2J\\233\\177\\303\\244\\19\\18\\0017\") = 0");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(1), .program = "x getpid()\n = 0\\"),
		TIME " 42 x\\40getpid()\\n\\40=\\0400\\\\ getpid() = 1");
	check_line(EVENT(PLAIN(SYS_getpid), RESULT(1), .rule = "a\nb", .note = "\033[31m/x\n"),
		TIME " 42 p getpid() = 1 [rule a\\nb: \\33[31m/x\\n]");
}

static void test_no_byte_escapes_from_a_line(void **state)
{
	char text[256];
	char line[4096];
	int length;

	for (int i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	length = log_format_line(
		EVENT(PLAIN(SYS_mount, 1, 2, 3, 0, 4), .program = text,
			.asked_text = { text, text, text, NULL, text }, .rule = text, .note = text),
		line, sizeof(line));
	for (int i = 0; i < length; i++)
		assert_in_range(line[i], ' ', '~');
}

static void test_long_text_keeps_the_result(void **state)
{
	static char path[3 * PATH_MAX], line[64 * 1024];
	const char *end;

	/* A whole path of PATH_MAX is shown. */
	memset(path, 'a', PATH_MAX - 1);
	log_format_line(
		EVENT(PLAIN(SYS_chdir, 1), .asked_text = { path }, RESULT(0)), line, sizeof(line));
	end = strstr(line, "a\") = 0");
	assert_non_null(end);
	assert_int_equal(end - strchr(line, '"'), PATH_MAX - 1);

	memset(path, '\n', sizeof(path) - 1);
	log_format_line(EVENT(.asked_nr = SYS_rename, .sent_nr = SYS_rename, .asked = { 1, 2 },
				.sent = { 3, 4 }, .asked_text = { path, path },
				.sent_text = { path, path }, RESULT(0), .rule = "r"),
		line, sizeof(line));
	assert_non_null(strstr(line, "\\n\"..., \"\\n"));
	assert_non_null(strstr(line, "\\n\"...) = 0 [rule r]"));

	path[600] = '\0';
	log_format_line(EVENT(PLAIN(SYS_fsopen, 1, 0), .asked_text = { path }, RESULT(3)), line,
		sizeof(line));
	assert_non_null(strstr(line, "\\n\"..., 0) = 3"));
	assert_in_range(strlen(line), 512, 600);
}

static void test_cut_at_any_size(void **state)
{
	const struct log_event *event = EVENT(PLAIN(SYS_chdir, 1), .asked_text = { "/a\nb" },
		RESULT(FAILED(EPERM)), .rule = "r", .note = "n");
	char whole[200];
	int length = log_format_line(event, whole, sizeof(whole));

	for (int size = 1; size <= length + 1; size++) {
		cleanup_free char *line = malloc((size_t)size); /* so that ASan sees its end */

		assert_non_null(line);
		assert_int_equal(log_format_line(event, line, size), size - 1);
		assert_int_equal(strlen(line), size - 1);
		assert_memory_equal(line, whole, size - 1);
	}
}

static void test_errno_name(void **state)
{
	assert_string_equal(log_errno_name(ENOENT), "ENOENT");
	assert_string_equal(log_errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(log_errno_name(512), "ERESTARTSYS");
	assert_string_equal(log_errno_name(4095), "E?4095");
	assert_string_equal(log_errno_name(0), "E?0");
	assert_string_equal(log_errno_name(INT_MIN), "E?-2147483648");
}

/* docs/log.md shows these lines as its examples. */
static void test_examples_of_the_documentation(void **state)
{
	const struct log_event *events[] = {
		EVENT(.tid = 4711, .program = "runc",
			PLAIN(SYS_openat, (uint64_t)AT_FDCWD, 0x7ffe0000, O_RDONLY | O_CLOEXEC, 0),
			.asked_text = { NULL, "/etc/hosts" }, RESULT(3)),
		EVENT(.tid = 4711, .program = "runc",
			PLAIN(SYS_openat, 5, 0x7ffe0000, O_WRONLY | O_TRUNC, 0),
			.asked_text = { NULL, "ip_forward" }, RESULT(FAILED(ENOENT))),
		EVENT(.tid = 4711, .program = "runc", PLAIN(SYS_execve, 1, 2, 0xc000123450),
			.asked_text = { "/usr/sbin/nft", "[\"nft\", \"-j\", \"list tables\"]" },
			RESULT(FAILED(ENOENT))),
		EVENT(.tid = 4711, .program = "runc", PLAIN(SYS_connect, 7, 1, 18),
			.asked_text = { NULL,
				"{sa_family=AF_UNIX, sun_path=\"/run/docker.sock\"}" },
			RESULT(FAILED(ENOENT))),
		EVENT(.tid = 4711, .program = "runc", PLAIN(SYS_pause), RESULT(-514)),
		EVENT(.tid = 4711, .program = "runc", PLAIN(500, 1, 0, 0, 0, 0, 0x7ffe12345678),
			RESULT(FAILED(ENOSYS))),
		EVENT(.tid = 4720, .program = "dmesg", .asked_nr = SYS_openat,
			.sent_nr = SYS_openat, .asked = { (uint64_t)AT_FDCWD, 0x1000, 0, 0 },
			.sent = { (uint64_t)AT_FDCWD, 0x2000, 0, 0 },
			.asked_text = { NULL, "/dev/kmsg" }, .sent_text = { NULL, "/dev/null" },
			RESULT(3), .rule = "kmsg"),
		EVENT(.tid = 4711, .program = "runc", PLAIN(SYS_keyctl, 1, 0xc000123450, 0, 0, 0),
			.ran = false, .given_result = FAILED(ENOSYS), .rule = "no-session-keyring"),
		EVENT(.tid = 4711, .program = "runc", PLAIN(SYS_ioctl, 6, 0x802c542a, 0xc000123450),
			.kernel_result = FAILED(ENOTTY), .given_result = 0, .rule = "termios2",
			.note = "asked as TCGETS"),
		EVENT(.tid = 4711, .program = "runc",
			PLAIN(SYS_openat, (uint64_t)AT_FDCWD, 0x7ffe0000, O_RDONLY, 0),
			.asked_text = { NULL, "/proc/version" }, RESULT(3),
			.rule = "kernel-version", .note = "text edited"),
		EVENT(.tid = 4711, .program = "Web Content", PLAIN(SYS_chdir, 0x7ffe0000),
			.asked_text = { "/tmp/a\n\33[2J\"b\"" }, RESULT(0)),
	};
	static char text[32 * 1024];
	cleanup_close int file = open(TEST_SOURCE_DIR "/docs/log.md", O_RDONLY);

	assert_true(file >= 0);
	assert_in_range(read(file, text, sizeof(text) - 1), 1, sizeof(text) - 2);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		char line[500];
		int length = log_format_line(events[i], line, sizeof(line) - 1);

		strcpy(line + length, "\n");
		if (!strstr(text, line))
			fail_msg("docs/log.md lacks: %s", line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_calls),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_what_was_sent),
		cmocka_unit_test(test_what_was_given),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_no_byte_escapes_from_a_line),
		cmocka_unit_test(test_long_text_keeps_the_result),
		cmocka_unit_test(test_cut_at_any_size),
		cmocka_unit_test(test_errno_name),
		cmocka_unit_test(test_examples_of_the_documentation),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the programs of tests/cases share. A program that got through ends with success(). */
#ifndef GVTRACE_CASE_H
#define GVTRACE_CASE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                                     \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			printf("line %d: not so: %s (errno %d: %s)\n", __LINE__, #condition, \
				errno, strerror(errno));                                     \
			fflush(stdout);                                                      \
			_exit(1);                                                            \
		}                                                                            \
	} while (0)

/* The call fails with this error. */
#define CHECK_FAILS(call, number)         \
	do {                              \
		errno = 0;                \
		CHECK((call) == -1);      \
		CHECK(errno == (number)); \
	} while (0)

__attribute__((format(printf, 1, 2), unused)) static _Noreturn void skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("SKIP: ");
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	fflush(stdout);
	_exit(77);
}

__attribute__((unused)) static int success(void)
{
	puts("EXIT-SUCCESS");
	fflush(stdout);
	return 0;
}

/* Whether the kernel is another than Linux, as far as the tests know: the way to run is "sandbox". */
__attribute__((unused)) static bool in_sandbox(void)
{
	const char *way = getenv("WAY");

	return way && strcmp(way, "sandbox") == 0;
}

/* Where systrap keeps code of its own: once in 400,000 signals a handler sees a thread there, in gVisor 2024 without gvtrace as well. */
__attribute__((unused)) static bool is_systraps(unsigned long ip)
{
	return ip >= 0x60000 && ip < 0x70000;
}

/* Whether below /proc/sys are plain files in a folder elsewhere: the way to run is "redirected". */
__attribute__((unused)) static bool is_redirected(void)
{
	const char *way = getenv("WAY");

	return way && strcmp(way, "redirected") == 0;
}

/* A file below /proc/sys that the rules of the cases (cases/rules.ini) answer from the fake tree; it never
 * reaches the kernel. Its first value there, which is none that a kernel would have by itself. */
#define FAKE "/proc/sys/vm/swappiness"
#define FAKE_VALUE "117\n"

/* No memory is there; the compiler does not know it. */
__attribute__((unused)) static void *volatile nowhere = (void *)1;

/* The whole of a file opened already. */
__attribute__((unused)) static const char *text_of(int fd)
{
	static __thread char text[4097];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Whether this thread sees the fake file, by the plainest way there is; errno says why not. */
__attribute__((unused)) static bool sees_fake(void)
{
	int fd = open(FAKE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool same = strcmp(text_of(fd), FAKE_VALUE) == 0;
	close(fd);
	return same;
}

/* For a program that the kernel itself would answer just so: under gvtrace, the fake tree has to be what answers. */
__attribute__((unused)) static void must_see_fake(void)
{
	if (getenv("GVTRACED"))
		CHECK(sees_fake());
}

/* Waits for a child, which must have ended with this exit code. */
#define CHECK_EXITS(child, code)                                             \
	do {                                                                 \
		int status_;                                                 \
		pid_t pid_;                                                  \
		do                                                           \
			pid_ = waitpid((child), &status_, __WALL);           \
		while (pid_ < 0 && errno == EINTR);                          \
		CHECK(pid_ == (child));                                      \
		if (!WIFEXITED(status_) || WEXITSTATUS(status_) != (code))   \
			printf("line %d: status 0x%x\n", __LINE__, status_); \
		CHECK(WIFEXITED(status_) && WEXITSTATUS(status_) == (code)); \
	} while (0)

#endif

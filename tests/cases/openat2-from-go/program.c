/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = openat2 where Go makes the call, whose arguments nobody reads afterwards and which may go on without an exit stop: results,
 * restrictions, signals and other rules are as where C does, whose registers stay as they were.
 */
#define PLACES_CALL "437" /* openat2 */
#define PLACES_WHOLE_GO
#include "case.h"
#include "places.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/time.h>

enum { ENOUGH = 40, SIGNALS = 5 };

static int64_t openat2_by_go(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return call_go(SYS_openat2, dirfd, path, (long)&how, sizeof(how));
}

/* All registers that a call keeps are kept. */
static void c_keeps_registers(int proc)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	register uint64_t r10 __asm__("r10") = sizeof(how);
	uint64_t rdi = (uint64_t)proc, rsi = (uint64_t) "self", rdx = (uint64_t)&how;
	int64_t rax;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[place]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10)
			 : [place] "r"(c_place)
			 : "rcx", "r11", "memory", "cc");
	uint64_t fourth = r10;
	CHECK(rax >= 0);
	CHECK(rdi == (uint64_t)proc && strcmp((const char *)rsi, "self") == 0);
	CHECK(rdx == (uint64_t)&how && fourth == sizeof(how));
	close((int)rax);
}

static volatile int handled;
static volatile bool has_returned;

static void handle(int signal)
{
	handled++;
}

static void *open_other_side(void *fifo)
{
	int fd = -1;

	while (fd < 0 && !has_returned) {
		usleep(1000);
		if (handled >= SIGNALS)
			fd = open(fifo, O_WRONLY | O_NONBLOCK);
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* A pipe that nobody writes to before the open has been interrupted a few times. Whether it then was opened, or -errno. */
static int64_t waits_for_signal(int folder, const char *fifo, bool by_openat2, int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags };
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
	sigset_t alarm, before;
	pthread_t thread;
	int64_t fd;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	handled = 0;
	has_returned = false;
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(pthread_sigmask(SIG_BLOCK, &alarm, &before) == 0);
	CHECK(pthread_create(&thread, NULL, open_other_side, (void *)(uintptr_t)fifo) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	if (by_openat2)
		fd = openat2_by_go(folder, fifo, O_RDONLY, RESOLVE_BENEATH);
	else
		fd = call_go(SYS_openat, folder, fifo, O_RDONLY, 0);
	has_returned = true;
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(handled > 0);
	CHECK(pthread_join(thread, NULL) == 0);
	if (fd >= 0)
		close((int)fd);
	return MIN(fd, 0);
}

int main(void)
{
	static const char fifo[] = "fifo";
	char text[16] = "";
	int proc = open("/proc", O_PATH), next = dup(proc);

	close(next);
	/* Such calls as show gvtrace the place. */
	for (int i = 0; i < ENOUGH; i++)
		CHECK(call_go(SYS_faccessat, AT_FDCWD, "/dev/null", 12345, 0) == -EINVAL);
	for (int i = 0; i < ENOUGH; i++) {
		int fd = (int)openat2_by_go(proc, "self/status", O_RDONLY | O_CLOEXEC, 0);
		CHECK(fd == next);
		CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
		CHECK(read(fd, text, 5) == 5 && memcmp(text, "Name:", 5) == 0);
		close(fd);
	}
	CHECK(openat2_by_go(proc, "nosuch", O_PATH, 0) == -ENOENT);
	CHECK(openat2_by_go(-2, "self", O_PATH, 0) == -EBADF);
	CHECK(openat2_by_go(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV) == -EXDEV);
	CHECK(call_go(SYS_openat2, proc, "self", (uint64_t)nowhere, sizeof(struct open_how)) ==
		-EFAULT);
	/* A file that another rule gives. */
	int fd = (int)openat2_by_go(AT_FDCWD, "/proc/sys/vm/swappiness", O_RDONLY, 0);
	CHECK(fd == next);
	CHECK(read(fd, text, 4) == 4 && memcmp(text, "117\n", 4) == 0);
	close(fd);
	c_keeps_registers(proc);

	CHECK(mkfifo(fifo, 0600) == 0);
	int beneath = open(".", O_PATH);
	CHECK(waits_for_signal(beneath, fifo, true, 0) == -EINTR);
	/* gVisor (2022 to 2026) makes no open anew after a signal. */
	CHECK(waits_for_signal(beneath, fifo, true, SA_RESTART) ==
		waits_for_signal(beneath, fifo, false, SA_RESTART));
	CHECK(unlink(fifo) == 0);
	return success();
}

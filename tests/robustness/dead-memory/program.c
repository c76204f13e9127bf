/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that nobody fills in (userfaultfd(2)), as the argument of calls that gvtrace looks at: who makes them waits for
 * ever, as without gvtrace, and nobody else does.
 */
#include "case.h"
#include "loops.h"
#include "others.h"

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00) /* Linux 6.1 */
#endif

enum { PAGE = 4096 };

/* How this run makes its userfaultfds. */
static enum { BY_CALL, BY_DEVICE, BY_OTHER_NAME, BY_32_BIT_CALL } how;

static int open_device(const char *name)
{
	int device = open(name, O_RDWR | O_CLOEXEC);

	if (device < 0)
		skip("no %s here: %s", name, strerror(errno));
	return ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC);
}

/* -ENOSYS, or a descriptor. */
static int call_32_bit(void)
{
	enum { I386_USERFAULTFD = 374 };
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(I386_USERFAULTFD), "b"(O_CLOEXEC)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int make_userfaultfd(void)
{
	switch (how) {
	case BY_DEVICE:
		return open_device("/dev/userfaultfd");
	case BY_OTHER_NAME:
		(void)!symlink("/dev/userfaultfd", "device");
		return open_device("device");
	case BY_32_BIT_CALL:
		return call_32_bit();
	default:
		return (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	}
}

/* A page that is not there, and at its end a character that is, which the string goes on with. */
static char *dead_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = make_userfaultfd();

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		skip("no userfaultfd(2) here: %s", strerror(errno));
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = { .range = { (uintptr_t)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING };
	CHECK(page != MAP_FAILED && ioctl(fd, UFFDIO_REGISTER, &range) == 0);
	return page;
}

static void path(void)
{
	open(dead_page(), O_RDONLY);
}

static void end_of_path(void)
{
	char *both =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(both != MAP_FAILED);
	char *page = dead_page();
	CHECK(mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, both + PAGE) == both + PAGE);
	strcpy(both + PAGE - 6, "/proc/");
	open(both + PAGE - 6, O_RDONLY);
}

static void answer(void)
{
	stat(FAKE, (struct stat *)dead_page());
}

static void written(void)
{
	int fd = open(FAKE, O_WRONLY);

	CHECK(fd >= 0);
	write(fd, dead_page(), 3);
}

static const struct {
	const char *name;
	void (*ask)(void);
} ways[] = {
	{ "a path", path },
	{ "the end of a path", end_of_path },
	{ "where an answer goes", answer },
	{ "what is written", written },
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

static void *asks(void *data)
{
	path();
	return NULL;
}

/* Many threads of one process, whose memory others do not pay for. */
static void many_ask(void)
{
	enum { THREADS = 20 };
	pthread_t thread;

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&thread, NULL, asks, NULL) == 0);
	pause();
}

static void ask_by_threads(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		many_ask();
	}
	/* As long as all of them wait; not at all where there is no such memory. */
	pid_t ended = 0;
	for (int i = 0; i < 20 && ended == 0; i++) {
		usleep(50000);
		ended = waitpid(pid, NULL, WNOHANG);
		if (ended == 0)
			others_go_on("twenty threads");
	}
	if (ended != 0)
		return;
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	others_go_on("killed");
}

/*
 * A terminal that stops its output at the wish of a program, as by ^S: what gvtrace has to say there waits for
 * nobody. GVTRACE's standard error is one.
 */
static int with_stopped_terminal(char **gvtrace)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(slave >= 0 && tcflow(slave, TCOOFF) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(slave, 2);
		execv(gvtrace[0], gvtrace);
		_exit(1);
	}
	CHECK_EXITS(pid, 0);
	return 0;
}

int main(int argc, char **argv)
{
	pid_t children[WAYS];

	if (argc > 2)
		return with_stopped_terminal(argv + 1);
	how = argc > 1 ? (unsigned)atoi(argv[1]) : BY_CALL;
	if (how == BY_32_BIT_CALL && call_32_bit() == -ENOSYS)
		return success();
	ask_by_threads();
	for (int round = 0; round < 3 * loops(); round++) {
		for (int i = 0; i < WAYS; i++) {
			children[i] = fork();
			if (children[i] == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				ways[i].ask();
				_exit(0);
			}
			others_go_on(ways[i].name);
		}
		for (int i = 0; i < WAYS; i++) {
			int status;
			kill(children[i], SIGKILL);
			CHECK(waitpid(children[i], &status, 0) == children[i]);
		}
		others_go_on("killed");
	}
	return success();
}

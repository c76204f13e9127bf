/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that nobody fills in (userfaultfd(2)), as the argument of calls that gvtrace looks at: who makes them waits for
 * ever, as without gvtrace, and nobody else does.
 */
#include "case.h"
#include "loops.h"
#include "others.h"

#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00) /* Linux 6.1 */
#endif

enum { PAGE = 4096 };

/* A page that is not there, and at its end a character that is, which the string goes on with. */
static char *dead_page(bool by_device)
{
	struct uffdio_api api = { .api = UFFD_API };
	int device = by_device ? open("/dev/userfaultfd", O_RDWR | O_CLOEXEC) : -1;
	int fd = by_device ? ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC)
			   : (int)syscall(SYS_userfaultfd, O_CLOEXEC);

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
	open(dead_page(false), O_RDONLY);
}

static void path_by_device(void)
{
	open(dead_page(true), O_RDONLY);
}

static void end_of_path(void)
{
	char *both =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(both != MAP_FAILED);
	char *page = dead_page(false);
	CHECK(mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, both + PAGE) == both + PAGE);
	strcpy(both + PAGE - 6, "/proc/");
	open(both + PAGE - 6, O_RDONLY);
}

static void answer(void)
{
	stat(FAKE, (struct stat *)dead_page(false));
}

static void written(void)
{
	int fd = open(FAKE, O_WRONLY);

	CHECK(fd >= 0);
	write(fd, dead_page(false), 3);
}

static const struct {
	const char *name;
	void (*ask)(void);
} ways[] = {
	{ "a path", path },
	{ "a path, by /dev/userfaultfd", path_by_device },
	{ "the end of a path", end_of_path },
	{ "where an answer goes", answer },
	{ "what is written", written },
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

int main(void)
{
	pid_t children[WAYS];

	CHECK(dead_page(false));
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

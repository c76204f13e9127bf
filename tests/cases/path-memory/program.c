/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a path may lie in memory, and what is no path. */
#include "case.h"

#include <limits.h>
#include <sys/mman.h>

static int opened(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);

	if (fd < 0)
		return -errno;
	int same = strcmp(text_of(fd), FAKE_VALUE) == 0;
	close(fd);
	return same ? 1 : 0;
}

enum { RANGES_MAX = 64 };
struct ranges {
	size_t n;
	uintptr_t from[RANGES_MAX], to[RANGES_MAX];
};

/* Without the C library's streams, which make memory themselves. */
static void read_ranges(struct ranges *ret_ranges)
{
	static char text[16384];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	close(fd);
	text[length] = '\0';
	ret_ranges->n = 0;
	for (char *line = text; *line && ret_ranges->n < RANGES_MAX; line++) {
		ret_ranges->from[ret_ranges->n] = strtoul(line, &line, 16);
		ret_ranges->to[ret_ranges->n++] = strtoul(line + 1, &line, 16);
		line = strchr(line, '\n');
	}
}

/* gvtrace's memory in the program, which may have been joined with what is beside it, goes; and is made again. */
static void without_its_memory(const char *relative)
{
	static struct ranges before, after;
	size_t n_new = 0;

	read_ranges(&before);
	CHECK(opened(relative) == 1);
	read_ranges(&after);
	for (size_t i = 0; i < after.n; i++) {
		uintptr_t from = after.from[i], to = after.to[i];
		for (size_t j = 0; j < before.n; j++) {
			if (before.from[j] == from)
				from = before.to[j];
			if (before.to[j] == to)
				to = before.from[j];
		}
		if (from >= to)
			continue;
		n_new++;
		CHECK(munmap((void *)from, to - from) == 0);
	}
	/* With plain files that the path leads to there is some as well. */
	CHECK(n_new == 1 || !getenv("GVTRACED"));
	CHECK(opened(relative) == 1);
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *area = mmap(
		NULL, (size_t)page * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(area != MAP_FAILED);
	static const char relative[] = "../proc/sys/vm/swappiness";
	CHECK(chdir("/") == 0);
	without_its_memory(relative);
	/* Right before an unmapped page. */
	CHECK(munmap(area + page, (size_t)page) == 0);
	char *last = area + page - sizeof(FAKE);
	strcpy(last, FAKE);
	CHECK(opened(last) == 1);
	/* Without an end before the unmapped page. */
	memset(area, '/', (size_t)page);
	CHECK(opened(area) == -ENAMETOOLONG); /* 4096 bytes: the kernel looks no further */
	CHECK(opened(area + 1) == -EFAULT);
	CHECK(opened(area + page - 1) == -EFAULT);
	last = area + page - strlen(FAKE);
	memcpy(last, FAKE, strlen(FAKE));
	CHECK(opened(last) == -EFAULT);
	/* Across a page boundary; the second page becomes unreadable. */
	char *across = area + 3 * page - 8;
	strcpy(across, FAKE);
	CHECK(opened(across) == 1);
	CHECK(mprotect(area + 3 * page, (size_t)page, PROT_NONE) == 0);
	CHECK(opened(across) == -EFAULT);
	/* In memory that nobody may write: of this program, and a page made so. */
	static const char constant[] = FAKE;
	CHECK(opened(constant) == 1);
	strcpy(area + 2 * page, FAKE);
	CHECK(mprotect(area + 2 * page, (size_t)page, PROT_READ) == 0);
	CHECK(opened(area + 2 * page) == 1);
	CHECK(opened(relative) == 1);
	/* On a file's page, and on a shared one. */
	int memfd = memfd_create("path", MFD_CLOEXEC);
	CHECK(memfd >= 0 && write(memfd, FAKE, sizeof(FAKE)) == sizeof(FAKE));
	const char *shared = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, memfd, 0);
	CHECK(shared != MAP_FAILED && opened(shared) == 1);
	/* The file is cut: its page is not there any more. */
	CHECK(ftruncate(memfd, 0) == 0);
	CHECK(opened(shared) == -EFAULT);
	/* No memory at all. */
	CHECK(opened(NULL) == -EFAULT);
	CHECK(opened((char *)1) == -EFAULT);
	CHECK(opened((char *)-1) == -EFAULT);
	CHECK(opened((char *)-4096) == -EFAULT);
	CHECK(opened((char *)0x8000000000000000) == -EFAULT);
	CHECK(opened((char *)0x7fffffffffff) == -EFAULT);
	/* As long as may be, and longer. */
	static char longest[PATH_MAX + 2 + sizeof(FAKE)];
	memset(longest, '/', sizeof(longest));
	strcpy(longest + PATH_MAX - sizeof(FAKE), FAKE);
	CHECK(strlen(longest) == PATH_MAX - 1);
	CHECK(opened(longest) == 1);
	memset(longest, '/', sizeof(longest));
	strcpy(longest + PATH_MAX - sizeof(FAKE) + 1, FAKE);
	CHECK(opened(longest) == -ENAMETOOLONG);
	/* Names as long as may be. */
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "/proc/sys/vm/", 13);
	longest[13 + NAME_MAX] = '\0';
	CHECK(opened(longest) == -ENOENT || opened(longest) == -ENAMETOOLONG);
	return success();
}

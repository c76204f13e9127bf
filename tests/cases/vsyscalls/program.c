/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call by the vsyscall page stops without an exit: the call that follows is not taken for that. */
#include "case.h"

#include <time.h>

enum { VALUE = 77 };

static bool has_page(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352];
	bool found = false;

	CHECK(maps);
	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, "[vsyscall]") && strstr(line, "x");
	CHECK(fclose(maps) == 0);
	return found;
}

/* time(2), as programs called it before 2011. The address is not known to the compiler. */
static long (*volatile by_page)(long *) = (long (*)(long *))0xffffffffff600400;

static void check_calls(void)
{
	for (int i = 0; i < 3; i++) {
		long before = time(NULL), stored = 0;
		CHECK(by_page(&stored) >= before && stored >= before);
		CHECK(syscall(SYS_getpgid, 0) == VALUE);
		CHECK(by_page(NULL) >= before);
		/* What an entry stop shows as its result is what the rule for time(2) waits for. */
		int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);
		CHECK(fd > 2 && fd < 100 && close(fd) == 0);
	}
}

int main(void)
{
	if (!has_page())
		skip("no vsyscall page on this kernel");
	if (access("/proc/self/ns/mnt", F_OK) != 0)
		skip("gVisor 2022 makes such a call for ever where a filter leaves it to a tracer (strace --seccomp-bpf, too)");
	check_calls();

	/* The same where every call stops. */
	int fd = open("/proc/sys/vm/swappiness", O_RDWR);
	CHECK(fd >= 0);
	check_calls();
	CHECK(by_page(NULL) > 0);
	CHECK_FAILS(pwrite(fd, "x", 1, 0), EINVAL);
	CHECK(close(fd) == 0);
	check_calls();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(2) with RESOLVE_IN_ROOT: an absolute path begins at the descriptor. */
#include "case.h"

#include <linux/openat2.h>

static int by_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static void fake(int dirfd, const char *path, uint64_t resolve)
{
	int fd = by_openat2(dirfd, path, O_RDONLY | O_CLOEXEC, resolve);

	if (fd < 0)
		printf("%s, resolve 0x%x: %s\n", path, (unsigned)resolve, strerrorname_np(-fd));
	CHECK(fd >= 0);
	CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close(fd);
}

int main(void)
{
	int proc = open("/proc", O_PATH), vm = open("/proc/sys/vm", O_PATH);

	if (by_openat2(AT_FDCWD, "/", O_PATH, 0) == -ENOSYS)
		skip("no openat2 here");
	CHECK(by_openat2(proc, FAKE, O_RDONLY, RESOLVE_IN_ROOT) == -ENOENT);
	fake(vm, "/swappiness", RESOLVE_IN_ROOT);
	fake(proc, "/sys/vm/swappiness", RESOLVE_IN_ROOT);
	fake(proc, "/../sys/vm/swappiness", RESOLVE_IN_ROOT);
	return success();
}

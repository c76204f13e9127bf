/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = openat2: what is kept of the restrictions, where openat(2) runs in its place. */
#include "case.h"

#include "by_openat2.h"

static void opens(int dirfd, const char *path, uint64_t resolve)
{
	int fd = by_openat2(dirfd, path, O_PATH | O_CLOEXEC, resolve);

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close(fd);
}

int main(void)
{
	int root = open("/", O_PATH), proc = open("/proc", O_PATH), next = dup(root);

	close(next);
	opens(root, "proc", 0);
	opens(proc, "self/status", 0);
	opens(proc, "/self/status", RESOLVE_IN_ROOT);

	/* /proc is a mount of its own. */
	CHECK(by_openat2(root, "proc", O_PATH, RESOLVE_NO_XDEV) == -EXDEV);
	CHECK(by_openat2(root, "proc/self/status", O_RDONLY, RESOLVE_NO_XDEV) == -EXDEV);
	CHECK(by_openat2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV) == -EXDEV);
	CHECK(by_openat2(proc, "nosuch", O_PATH, RESOLVE_NO_XDEV) == -ENOENT);
	opens(proc, "self/status", RESOLVE_NO_XDEV);
	opens(proc, "/self/status", RESOLVE_NO_XDEV | RESOLVE_IN_ROOT);
	opens(root, "bin", RESOLVE_NO_XDEV);
	/* a link to a descriptor's file, as the path itself */
	char link[24];
	snprintf(link, sizeof(link), "self/fd/%d", root);
	CHECK(by_openat2(proc, link, O_RDONLY, RESOLVE_NO_MAGICLINKS) == -ELOOP);
	CHECK(by_openat2(proc, link, O_RDONLY, RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV) == -ELOOP);
	opens(proc, link, 0);
	opens(proc, "self/status", RESOLVE_NO_MAGICLINKS);
	CHECK(chdir("/proc/self") == 0);
	opens(AT_FDCWD, "status", RESOLVE_NO_XDEV);
	/* An absolute path begins at the root, wherever the working directory is. */
	CHECK(by_openat2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV) == -EXDEV);
	struct open_how how = { .flags = O_PATH };
	CHECK_FAILS(syscall(SYS_openat2, proc, "self", &how, 8), EINVAL);
	CHECK_FAILS(syscall(SYS_openat2, proc, "self", nowhere, sizeof(how)), EFAULT);
	/* What was opened on the way to an error is closed again. */
	CHECK(dup(root) == next);
	return success();
}

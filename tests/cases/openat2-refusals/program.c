/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(2) refuses what it would refuse for the kernel's own file. */
#include "case.h"

#include "by_openat2.h"

int main(void)
{
	int proc = open("/proc", O_PATH), vm = open("/proc/sys/vm", O_PATH);
	struct open_how how = { .flags = O_RDONLY };
	char big[4096] = "";

	if (by_openat2(AT_FDCWD, "/", O_PATH, 0) == -ENOSYS)
		skip("no openat2 here");
	/* What the kernel refuses stays refused. */
	CHECK(by_openat2(proc, FAKE, O_RDONLY, RESOLVE_BENEATH) == -EXDEV);
	CHECK(by_openat2(vm, "../vm/swappiness", O_RDONLY, RESOLVE_BENEATH) == -EXDEV);
	CHECK(by_openat2(proc, FAKE, O_RDONLY, RESOLVE_IN_ROOT) == -ENOENT);
	CHECK(by_openat2(AT_FDCWD, FAKE, O_RDONLY, 1 << 30) == -EINVAL);
	CHECK(by_openat2(AT_FDCWD, FAKE, UINT64_C(1) << 40, 0) == -EINVAL);
	how.mode = 0600; /* without O_CREAT */
	CHECK_FAILS(syscall(SYS_openat2, AT_FDCWD, FAKE, &how, sizeof(how)), EINVAL);
	how.mode = 0;
	CHECK_FAILS(syscall(SYS_openat2, AT_FDCWD, FAKE, &how, sizeof(how) - 8), EINVAL);
	CHECK_FAILS(syscall(SYS_openat2, AT_FDCWD, FAKE, NULL, sizeof(how)), EFAULT);
	/* A longer structure of zeros is one of a later kernel. */
	memcpy(big, &how, sizeof(how));
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, FAKE, big, 64);
	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	big[60] = 1;
	CHECK_FAILS(syscall(SYS_openat2, AT_FDCWD, FAKE, big, 64), E2BIG);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(2) with each of its restrictions. */
#include "fake_file.h"

int main(void)
{
	int root = open("/", O_PATH), proc = open("/proc", O_PATH),
	    vm = open("/proc/sys/vm", O_PATH);

	if (by_openat2(AT_FDCWD, "/", O_PATH, 0) == -ENOSYS)
		skip("no openat2 here");
	is_fake_by_openat2(AT_FDCWD, FAKE, 0);
	is_fake_by_openat2(root, "proc/sys/vm/swappiness", 0);
	is_fake_by_openat2(proc, "sys/vm/swappiness", RESOLVE_BENEATH);
	is_fake_by_openat2(proc, "./sys/vm/swappiness",
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	is_fake_by_openat2(proc, "sys/../sys/vm/swappiness", RESOLVE_BENEATH);
	is_fake_by_openat2(vm, "swappiness", RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	is_fake_by_openat2(vm, "swappiness", RESOLVE_IN_ROOT);
	is_fake_by_openat2(proc, "sys/vm/swappiness", RESOLVE_NO_XDEV);

	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(2) with RESOLVE_IN_ROOT: an absolute path begins at the descriptor. */
#include "fake_file.h"

int main(void)
{
	int proc = open("/proc", O_PATH), vm = open("/proc/sys/vm", O_PATH);

	if (by_openat2(AT_FDCWD, "/", O_PATH, 0) == -ENOSYS)
		skip("no openat2 here");
	CHECK(by_openat2(proc, FAKE, O_RDONLY, RESOLVE_IN_ROOT) == -ENOENT);
	is_fake_by_openat2(vm, "/swappiness", RESOLVE_IN_ROOT);
	is_fake_by_openat2(proc, "/sys/vm/swappiness", RESOLVE_IN_ROOT);
	is_fake_by_openat2(proc, "/../sys/vm/swappiness", RESOLVE_IN_ROOT);
	return success();
}

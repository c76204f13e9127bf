/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path is walked, not read as text: what stands before ".." or "/" must be a folder.
 * Each line is the same for the kernel's own file, for which this also runs without gvtrace.
 */
#include "case.h"
#include "told.h"

#include <sys/stat.h>

#define AT(dirfd, path, flags) told(#dirfd " " path " " #flags, openat(dirfd, path, flags, 0600))
#define AT_CWD(path, flags) told(path " " #flags, openat(AT_FDCWD, path, flags, 0600))

int main(void)
{
	int file = open("/proc/version", O_RDONLY);

	must_see_fake();
	AT_CWD("/proc/sys/vm/swappiness/", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappiness/.", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappiness/..", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappiness/../swappiness", O_RDONLY);
	AT_CWD("/proc/sys/no-such/../vm/swappiness", O_RDONLY);
	AT_CWD("/proc/version/../sys/vm/swappiness", O_RDONLY);
	AT(file, "../sys/vm/" NAME, O_RDONLY);
	return success();
}

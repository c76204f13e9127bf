/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Flags by which open(2) gives something else than a file to read.
 * Each line is the same for the kernel's own file, for which this also runs without gvtrace.
 */
#include "case.h"
#include "told.h"

#include <sys/stat.h>

#define AT(dirfd, path, flags) told(#dirfd " " path " " #flags, openat(dirfd, path, flags, 0600))
#define AT_CWD(path, flags) told(path " " #flags, openat(AT_FDCWD, path, flags, 0600))

int main(void)
{
	must_see_fake();
	AT_CWD(FAKE, O_RDONLY | O_CREAT | O_DIRECTORY);
	AT_CWD(FAKE, O_PATH);
	AT_CWD(FAKE, O_PATH | O_NOFOLLOW);
	AT_CWD(FAKE, O_PATH | O_DIRECTORY);
	AT_CWD(FAKE, O_RDONLY | __O_TMPFILE);
	AT_CWD(FAKE, O_RDWR | O_TMPFILE);
	AT_CWD(FOLDER, O_RDWR | O_TMPFILE);
	return success();
}

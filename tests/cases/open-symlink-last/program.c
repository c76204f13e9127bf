/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbolic links to a fake file, under another name. */
#include "fake_file.h"

#include <sys/stat.h>

int main(void)
{
	int here = open(".", O_PATH | O_DIRECTORY);

	CHECK(symlink(FAKE, "file") == 0 && symlink("file", "twice") == 0);
	print_opened("file", open("file", O_RDONLY));
	print_opened("twice", open("twice", O_RDONLY));
	print_opened("dirfd file", openat(here, "file", O_RDONLY));
	return success();
}

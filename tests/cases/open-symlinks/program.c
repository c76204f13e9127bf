/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbolic links on the way to a fake file, and to its folder. */
#include "case.h"

#include <sys/stat.h>

static void opened(const char *what, int fd)
{
	int error = errno;

	if (fd < 0)
		printf("%-24s %s\n", what, strerrorname_np(error));
	else
		printf("%-24s %s\n", what,
			strcmp(text_of(fd), FAKE_VALUE) == 0 ? "fake" : "the kernel's");
	close(fd);
}

int main(void)
{
	int here = open(".", O_PATH | O_DIRECTORY);

	CHECK(symlink(FAKE, "file") == 0 && symlink("folder", "folder2") == 0);
	CHECK(symlink("/proc/sys/vm", "folder") == 0 && symlink("/proc", "proc") == 0);
	CHECK(symlink("proc/sys/../sys/vm/", "mixed") == 0 && symlink("loop", "loop") == 0);
	CHECK(mkdir("below", 0755) == 0 && symlink("../folder", "below/up") == 0);
	opened("folder/", open("folder/swappiness", O_RDONLY));
	opened("folder2/", open("folder2/swappiness", O_RDONLY));
	opened("proc/", open("proc/sys/vm/swappiness", O_RDONLY));
	opened("mixed/", open("mixed/swappiness", O_RDONLY));
	opened("below/up/", open("below/up/swappiness", O_RDONLY));
	opened("below/up/../sys/vm", open("below/up/../vm/swappiness", O_RDONLY));
	opened("dirfd folder/", openat(here, "folder/swappiness", O_RDONLY));
	opened("loop", open("loop", O_RDONLY));
	opened("O_NOFOLLOW file", open("file", O_RDONLY | O_NOFOLLOW));
	opened("O_NOFOLLOW folder/", open("folder/swappiness", O_RDONLY | O_NOFOLLOW));
	CHECK(chdir("folder") == 0);
	opened("chdir folder", open("swappiness", O_RDONLY));
	return success();
}

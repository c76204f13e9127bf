/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symbolic links on the way to a fake file, and to its folder. */
#include "fake_file.h"

#include <sys/stat.h>

int main(void)
{
	int here = open(".", O_PATH | O_DIRECTORY);

	CHECK(symlink(FAKE, "file") == 0 && symlink("folder", "folder2") == 0);
	CHECK(symlink("/proc/sys/vm", "folder") == 0 && symlink("/proc", "proc") == 0);
	CHECK(symlink("proc/sys/../sys/vm/", "mixed") == 0 && symlink("loop", "loop") == 0);
	CHECK(mkdir("below", 0755) == 0 && symlink("../folder", "below/up") == 0);
	print_opened("folder/", open("folder/swappiness", O_RDONLY));
	print_opened("folder2/", open("folder2/swappiness", O_RDONLY));
	print_opened("proc/", open("proc/sys/vm/swappiness", O_RDONLY));
	print_opened("mixed/", open("mixed/swappiness", O_RDONLY));
	print_opened("below/up/", open("below/up/swappiness", O_RDONLY));
	print_opened("below/up/../sys/vm", open("below/up/../vm/swappiness", O_RDONLY));
	print_opened("dirfd folder/", openat(here, "folder/swappiness", O_RDONLY));
	print_opened("loop", open("loop", O_RDONLY));
	print_opened("O_NOFOLLOW file", open("file", O_RDONLY | O_NOFOLLOW));
	print_opened("O_NOFOLLOW folder/", open("folder/swappiness", O_RDONLY | O_NOFOLLOW));
	CHECK(chdir("folder") == 0);
	print_opened("chdir folder", open("swappiness", O_RDONLY));
	return success();
}

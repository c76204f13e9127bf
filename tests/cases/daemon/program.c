/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* daemon FIFO FILE: forks twice; when somebody writes to the FIFO, says in FILE whether all is well. */
#include "case.h"

#include <limits.h>

int main(int argc, char **argv)
{
	char here[PATH_MAX], byte;

	CHECK(argc == 3 && getcwd(here, sizeof(here)));
	pid_t pid = fork();
	if (pid != 0) {
		CHECK_EXITS(pid, 0);
		puts("started");
		return 0;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	if (open("/dev/null", O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2)
		_exit(1);
	int fifo = open(argv[1], O_RDONLY);
	if (read(fifo, &byte, 1) != 1)
		_exit(1);
	int file = open(argv[2], O_WRONLY | O_CREAT, 0644);
	if (sees_fake() && fork() == 0)
		dprintf(file, "%s", sees_fake() ? "EXIT-SUCCESS\n" : "the child does not see it\n");
	return 0;
}

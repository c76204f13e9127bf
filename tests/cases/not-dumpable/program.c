/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that makes itself unreadable, by PR_SET_DUMPABLE or by its file's mode. As root. */
#include "case.h"

#include <sys/prctl.h>
#include <sys/stat.h>

static int look(void)
{
	if (!sees_fake())
		return 1;
	int fd = open(FAKE, O_WRONLY);
	if (fd < 0)
		return 2;
	if (write(fd, "117", 3) != 3)
		return 3;
	close(fd);
	return sees_fake() ? 0 : 4;
}

int main(int argc, char **argv)
{
	char command[256];

	if (argc > 1) {
		int code = sees_fake() ? 0 : 6;
		_exit(code);
	}
	CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
	CHECK(look() == 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(look());
	CHECK_EXITS(pid, 0);
	/* A file that its user may execute, not read: the kernel gives such a process no_dump, too. */
	snprintf(command, sizeof(command), "cp '%s' secret", argv[0]);
	CHECK(system(command) == 0 && chmod("secret", 0711) == 0);
	pid = fork();
	if (pid == 0) {
		if (setgid(4321) || setuid(4321))
			_exit(9);
		execl("./secret", "secret", "look", NULL);
		if (in_sandbox() && errno == EACCES) {
			puts("note: this kernel executes no file that may not be read");
			fflush(stdout);
			_exit(0);
		}
		_exit(8);
	}
	CHECK_EXITS(pid, 0);
	/* Other user, other capabilities. */
	pid = fork();
	if (pid == 0) {
		if (setresgid(4321, 4321, 4321) || setresuid(4321, 4321, 4321))
			_exit(9);
		_exit(sees_fake() ? 0 : 1);
	}
	CHECK_EXITS(pid, 0);
	return success();
}

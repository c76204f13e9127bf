/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* yes|no [OTHER]: does the rule act? Then executes OTHER, for which it does. */
#include "case.h"

int main(int argc, char **argv)
{
	bool acts = getpgid(0) == 4711;

	CHECK(acts == (strcmp(argv[1], "yes") == 0));
	pid_t pid = fork();
	if (pid == 0)
		_exit((getpgid(0) == 4711) == acts ? 0 : 1);
	CHECK_EXITS(pid, 0);
	if (argc > 2)
		execl(argv[2], argv[2], "yes", NULL);
	return success();
}

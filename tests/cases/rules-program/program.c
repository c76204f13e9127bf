/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* yes|no [OTHER]: does the rule act? Then executes OTHER, for which it does. gone: the same as yes, when it has removed itself. */
#include "case.h"

int main(int argc, char **argv)
{
	bool is_gone = strcmp(argv[1], "gone") == 0;

	CHECK(!is_gone || unlink(argv[0]) == 0);
	bool acts = getpgid(0) == 4711;
	CHECK(acts == (is_gone || strcmp(argv[1], "yes") == 0));
	pid_t pid = fork();
	if (pid == 0)
		_exit((getpgid(0) == 4711) == acts ? 0 : 1);
	CHECK_EXITS(pid, 0);
	if (argc > 2)
		execl(argv[2], argv[2], "yes", NULL);
	return success();
}

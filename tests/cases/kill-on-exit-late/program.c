/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that have not had a processor yet when the command ends are ended, too: nothing is found afterwards. */
#include "case.h"

enum { CHILDREN = 300 };

int main(void)
{
	success();
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();
		CHECK(child >= 0);
		if (child == 0) {
			close(STDOUT_FILENO);
			close(STDERR_FILENO);
			pause();
		}
	}
	_exit(0);
}

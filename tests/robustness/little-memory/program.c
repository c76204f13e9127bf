/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Uses fake files by paths for which gvtrace needs memory in this process. Ends with 3 if there is none. */
#include "case.h"

#include <sys/mman.h>

int main(void)
{
	if (chdir("/proc"))
		return 3;
	for (int i = 0; i < 50; i++) {
		int fd = open("sys/vm/swappiness", O_RDONLY);
		if (fd < 0 && errno == ENOMEM)
			return 3;
		CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
		close(fd);
		pid_t pid = fork();
		if (pid < 0)
			return 3;
		if (pid == 0)
			_exit(sees_fake() ? 0 : errno == ENOMEM ? 3 : 1);
		int status;
		CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
			WEXITSTATUS(status) != 1);
	}
	return success();
}

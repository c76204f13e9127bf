/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that run in their parent's memory until they execute a program leave nothing in there. */
#include "case.h"

#include <sched.h>
#include <spawn.h>

enum { TIMES = 64, ROOM_KB = 2048 };
extern char **environ;

static long size_kb(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	CHECK(n > 0 && close(fd) == 0);
	text[n] = '\0';
	const char *line = strstr(text, "VmSize:");
	CHECK(line != NULL);
	return atol(line + strlen("VmSize:"));
}

/* The path is relative, so that its text is not what the kernel is to read. */
static void spawn(const char *self)
{
	char *arguments[] = { "vfork-memory", "child", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	CHECK(posix_spawn_file_actions_init(&actions) == 0);
	CHECK(posix_spawn_file_actions_addopen(
		      &actions, STDIN_FILENO, "../proc/sys/vm/swappiness", O_RDONLY, 0) == 0);
	CHECK(posix_spawn(&pid, self, &actions, NULL, arguments, environ) == 0);
	CHECK_EXITS(pid, 0);
	CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
}

int main(int argc, char **argv)
{
	char self[4096];

	if (argc > 1)
		return strcmp(text_of(STDIN_FILENO), FAKE_VALUE) != 0 && getenv("GVTRACED");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	CHECK(n > 0 && chdir("/proc") == 0);
	self[n] = '\0';
	spawn(self);
	long before = size_kb();
	for (int i = 0; i < TIMES; i++)
		spawn(self);
	CHECK(size_kb() - before < ROOM_KB);
	return success();
}

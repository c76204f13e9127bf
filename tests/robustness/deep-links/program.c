/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path with as many names as there is room for, and links that each lead to as many again, to a fake file. Who asks for
 * it keeps nobody else waiting; and a way of 100 names and a few links leads to the fake file as any other.
 */
#include "case.h"
#include "loops.h"
#include "others.h"

#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { LINKS = 36 /* Linux follows 40 */, DEEP = 1500, USUAL = 90 };

/* Folders in each other, and in the last one links that lead from one to the next from the root on, the last to target.
 * The path of a file in target by them. */
static const char *make_way(const char *top, int depth, int links, const char *target)
{
	static char folder[PATH_MAX], path[PATH_MAX + 16];
	char text[PATH_MAX + 32], name[16];

	CHECK(getcwd(folder, sizeof(folder)) && mkdir(top, 0755) == 0 && chdir(top) == 0);
	snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/%s", top);
	for (int i = 0; i < depth; i++) {
		CHECK(mkdir("d", 0755) == 0 && chdir("d") == 0);
		strcat(folder, "/d");
	}
	for (int i = 0; i < links; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(text, sizeof(text), "%s/l%d", folder, i + 1);
		CHECK(symlink(i + 1 < links ? text : target, name) == 0);
	}
	snprintf(path, sizeof(path), "%s/l0/swappiness", folder);
	return path;
}

int main(void)
{
	int here = open(".", O_RDONLY);
	const char *path = make_way("usual", USUAL, 3, "/proc/sys/vm");
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0);
	CHECK(here >= 0 && fchdir(here) == 0);
	path = make_way("deep", DEEP, LINKS, "/proc/sys/vm");
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;; usleep(100000))
			close(open(path, O_RDONLY));
	}
	usleep(100000);
	for (int i = 0; i < loops(); i++)
		others_go_on("a deep way");
	kill(child, SIGKILL);
	CHECK(waitpid(child, NULL, 0) == child);
	return success();
}

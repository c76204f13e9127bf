/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mount namespaces with thousands of mounts, one on the other, whose mountinfo takes the kernel long; and network namespaces
 * that come and go, of which gvtrace has to find out whether they are mounted somewhere. Nobody waits long.
 */
#include "case.h"
#include "loops.h"
#include "others.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { NAMESPACES = 8, MOUNTS = 1500 };

static void be_full_of_mounts(int ready)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("many", "/mnt", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/mnt/a", 0755) == 0);
	for (int i = 0; i < MOUNTS; i++)
		CHECK(mount("/mnt/a", "/mnt/a", NULL, MS_BIND, NULL) == 0);
	CHECK(write(ready, "x", 1) == 1);
	for (;;)
		pause();
}

static void make_network_namespaces(void)
{
	for (;;) {
		pid_t pid = fork();
		if (pid == 0) {
			CHECK(unshare(CLONE_NEWNET) == 0);
			int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY);
			CHECK(fd >= 0 && write(fd, "1", 1) == 1);
			_exit(0);
		}
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}
}

int main(void)
{
	pid_t children[NAMESPACES + 1];
	int ready[2];
	char byte;

	CHECK(pipe(ready) == 0);
	for (int i = 0; i <= NAMESPACES; i++) {
		children[i] = fork();
		CHECK(children[i] >= 0);
		if (children[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (i == NAMESPACES)
				make_network_namespaces();
			be_full_of_mounts(ready[1]);
		}
		CHECK(i == NAMESPACES || read(ready[0], &byte, 1) == 1);
	}
	/* Each 16th makes gvtrace look. */
	for (int i = 0; i < 4 * loops(); i++)
		others_go_on("many mounts");
	for (int i = 0; i <= NAMESPACES; i++) {
		kill(children[i], SIGKILL);
		CHECK(waitpid(children[i], NULL, 0) == children[i]);
	}
	return success();
}

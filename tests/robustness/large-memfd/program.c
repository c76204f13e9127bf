/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fake file that was opened for writing is sent to a process that gvtrace does not follow, and made large there. When
 * all have ended gvtrace keeps none of that memory.
 */
#include "case.h"
#include "tracer.h"

#include <ctype.h>
#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { FILES = 40, BYTES = 64 << 20, ENDS = 64 };

static char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
static char byte;
static struct iovec vector = { &byte, 1 };
static struct msghdr message = { .msg_iov = &vector,
	.msg_iovlen = 1,
	.msg_control = control,
	.msg_controllen = sizeof(control) };

static void receive_and_enlarge(int from)
{
	for (int i = 0; i < FILES; i++) {
		int fd;
		message.msg_controllen = sizeof(control);
		CHECK(recvmsg(from, &message, 0) == 1);
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
		CHECK(ftruncate(fd, BYTES) == 0);
		close(fd);
	}
}

static void open_and_send(int to)
{
	for (int i = 0; i < FILES; i++) {
		int fd = open("/proc/sys/vm/overcommit_ratio", O_WRONLY);
		CHECK(fd >= 0);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
		CHECK(sendmsg(to, &message, 0) == 1);
		close(fd);
	}
}

/* What the files that a process has open are long in all. */
static off_t held_by(pid_t pid)
{
	const struct dirent *entry;
	char name[300];
	struct stat st;
	off_t all = 0;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	DIR *folder = opendir(name);
	CHECK(folder);
	while ((entry = readdir(folder))) {
		snprintf(name, sizeof(name), "/proc/%d/fd/%s", pid, entry->d_name);
		if (isdigit((unsigned char)entry->d_name[0]) && stat(name, &st) == 0 &&
			S_ISREG(st.st_mode))
			all += st.st_size;
	}
	closedir(folder);
	return all;
}

int main(void)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	pid_t receiver = fork();
	if (receiver == 0) {
		receive_and_enlarge(ends[0]);
		_exit(0);
	}
	pid_t sender = fork();
	if (sender == 0) {
		open_and_send(ends[1]);
		_exit(0);
	}
	CHECK_EXITS(sender, 0);
	CHECK_EXITS(receiver, 0);
	for (int i = 0; i < ENDS; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(sees_fake() ? 0 : 1);
		CHECK_EXITS(child, 0);
	}
	off_t held = held_by(tracer_of_us());
	if (held >= BYTES)
		printf("held: %lld bytes\n", (long long)held);
	CHECK(held < BYTES);
	return success();
}

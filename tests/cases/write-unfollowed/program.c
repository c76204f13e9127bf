/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fake file is written by a process that got its descriptor from another, and by calls that copy. */
#include "case.h"
#include "numbers.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int send_fd(int channel, int fd)
{
	char data = 'x', control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec part = { &data, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(channel, &message, 0) == 1 ? 0 : -1;
}

static int receive_fd(int channel)
{
	char data, control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &data, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(channel, &message, 0) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

static int holding(const char *text)
{
	int fd = memfd_create("source", MFD_CLOEXEC);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

int main(void)
{
	const char *text;
	int fd, source, pipes[2];
	pid_t pid;

	must_see_fake();
	/* Sent to another process. It is looked at when the file is opened next. */
	int channel[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
	text = next();
	pid = fork();
	if (pid == 0) {
		int got = receive_fd(channel[1]);
		_exit(got >= 0 && write(got, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1);
	}
	fd = writer();
	CHECK(send_fd(channel[0], fd) == 0);
	close(fd);
	CHECK_EXITS(pid, 0);
	/* Many writers of another file come before it is looked at. */
	for (int i = 0; i < 40; i++)
		CHECK(close(open("/proc/sys/vm/overcommit_ratio", O_WRONLY | O_CLOEXEC)) == 0);
	CHECK(is(number));
	fd = writer();
	text = next();
	source = holding(text);
	CHECK(sendfile(fd, source, NULL, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	CHECK(is(number));
	fd = writer();
	text = next();
	CHECK(pipe(pipes) == 0 && write(pipes[1], text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(splice(pipes[0], NULL, fd, NULL, strlen(text), 0) == (ssize_t)strlen(text));
	close(fd);
	CHECK(is(number));
	return success();
}

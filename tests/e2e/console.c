/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * console SOCKET: be the far end of a container's terminal. Listens on SOCKET, receives the terminal's descriptor as the
 * OCI runtimes send it (SCM_RIGHTS), and copies what the terminal shows to standard output until the terminal ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "console: %s: %s\n", what, strerror(errno));
	return 1;
}

static int receive_terminal(int connection)
{
	char name[4096];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = { .iov_base = name, .iov_len = sizeof(name) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int terminal;

	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS ||
		header->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&terminal, CMSG_DATA(header), sizeof(terminal));
	return terminal;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char buffer[4096];
	int listener, connection, terminal;
	bool begun = false;
	int tries = 0;
	ssize_t size;

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fprintf(stderr, "usage: console SOCKET\n");
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return fail("socket");
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(listener, 1) < 0)
		return fail(argv[1]);
	connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0)
		return fail("accept");
	terminal = receive_terminal(connection);
	if (terminal < 0)
		return fail("no terminal came");
	for (;;) {
		size = read(terminal, buffer, sizeof(buffer));
		if (size > 0) {
			begun = true;
			if (write(STDOUT_FILENO, buffer, (size_t)size) != size)
				return fail("standard output");
		} else if (size < 0 && errno == EIO && !begun && tries++ < 1000) {
			/*
			 * A terminal whose other end is closed answers EIO. gVisor does so too before the
			 * container has opened it for the first time; Linux blocks.
			 */
			usleep(10000);
		} else if (size == 0 || errno != EINTR) {
			break;
		}
	}
	if (size < 0 && errno != EIO)
		return fail("reading the terminal");
	return 0;
}

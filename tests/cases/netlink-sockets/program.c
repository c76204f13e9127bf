/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets of NETLINK_ROUTE get a descriptor of their own range, others do not; whichever call sends and receives, what
 * is received is the same. On a Linux that lacks nothing, it is what the kernel gives, byte by byte.
 */
#include "route_socket.h"

#include <sched.h>

enum { BYTES = 65536 };

struct reply {
	size_t length;
	_Alignas(4) unsigned char data[BYTES];
};

static void begin_dump(struct request *request)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };

	begin(request, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
	request->header.nlmsg_seq = 1;
}

static void send_in_pieces(int fd)
{
	struct request request;
	begin_dump(&request);
	size_t length = request.header.nlmsg_len;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec pieces[] = { { &request, 5 }, { NULL, 0 }, { (char *)&request + 5, 12 },
		{ (char *)&request + 17, length - 17 } };
	struct msghdr message = { .msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = pieces,
		.msg_iovlen = 4 };

	CHECK(sendmsg(fd, &message, 0) == (ssize_t)length);
}

static void send_by_write(int fd)
{
	struct request request;

	begin_dump(&request);
	CHECK(write(fd, &request, request.header.nlmsg_len) == request.header.nlmsg_len);
}

static void send_by_sendto(int fd)
{
	struct request request;

	begin_dump(&request);
	send_request(fd, &request);
}

static ssize_t by_recvfrom(int fd, unsigned char *data, size_t size)
{
	return recv(fd, data, size, 0);
}

static ssize_t by_read(int fd, unsigned char *data, size_t size)
{
	return read(fd, data, size);
}

static ssize_t by_pieces(int fd, unsigned char *data, size_t size)
{
	struct iovec pieces[] = { { data, 7 }, { data + 7, 0 }, { data + 7, 94 },
		{ data + 101, size - 101 } };
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 4 };
	ssize_t n = recvmsg(fd, &message, 0);

	CHECK(!(message.msg_flags & MSG_TRUNC));
	return n;
}

/* As iproute2 does: how long is it? */
static ssize_t by_peeks(int fd, unsigned char *data, size_t size)
{
	static unsigned char seen[BYTES];
	struct iovec piece = { NULL, 0 };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC);

	CHECK(n > 0 && (size_t)n <= size);
	CHECK(recv(fd, seen, sizeof(seen), MSG_PEEK) == n);
	CHECK(recv(fd, seen, sizeof(seen), MSG_PEEK) == n);
	data[n] = 0x55;
	CHECK(recv(fd, data, (size_t)n, 0) == n);
	CHECK(data[n] == 0x55);
	CHECK(memcmp(data, seen, (size_t)n) == 0);
	return n;
}

/* Up to NLMSG_DONE. */
static void receive(
	int fd, ssize_t (*by)(int fd, unsigned char *data, size_t size), struct reply *ret)
{
	ret->length = 0;
	for (;;) {
		unsigned char *here = ret->data + ret->length;
		ssize_t n = by(fd, here, BYTES - ret->length);
		CHECK(n > 0);
		ret->length += (size_t)n;
		for (size_t at = 0; at + sizeof(struct nlmsghdr) <= (size_t)n;) {
			struct nlmsghdr *message = (struct nlmsghdr *)(here + at);
			CHECK(message->nlmsg_len >= sizeof(*message) &&
				at + message->nlmsg_len <= (size_t)n);
			if (message->nlmsg_type == NLMSG_DONE)
				return;
			at += NLMSG_ALIGN(message->nlmsg_len);
		}
	}
}

static void small_buffer(int fd)
{
	unsigned char data[128];
	struct iovec piece = { data, 100 };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

	send_by_sendto(fd);
	memset(data, 0x55, sizeof(data));
	CHECK(recv(fd, data, 20, MSG_PEEK) == 20);
	CHECK(recv(fd, data, 0, MSG_PEEK) == 0);
	ssize_t n = recvmsg(fd, &message, 0);
	CHECK(n > 0 && n <= 100);
	for (size_t i = 100; i < sizeof(data); i++)
		CHECK(data[i] == 0x55);
	CHECK_FAILS(recv(fd, nowhere, 4096, MSG_DONTWAIT), EFAULT);
	/* gVisor's NLMSG_DONE comes by itself. */
	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	CHECK(errno == EAGAIN);
	CHECK_FAILS(sendmsg(fd, nowhere, 0), EFAULT);
	CHECK_FAILS(sendto(fd, nowhere, 64, 0, NULL, 0), EFAULT);
}

/* Any process may send a message to another's socket, with any length in it: it is received as it was sent. */
static void from_a_process(int fd)
{
	static const unsigned lengths[] = { 0, 15, 16, 17, 61, 64, 65, 0x7ffffffd, 0xfffffff0,
		0xfffffffd, 0xffffffff };
	struct sockaddr_nl to;
	socklen_t length = sizeof(to);
	int sender = route_socket(0);

	CHECK(getsockname(fd, (struct sockaddr *)&to, &length) == 0);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		_Alignas(4) unsigned char sent[64] = { 0 }, data[128] = { 0 };
		struct nlmsghdr *message = (struct nlmsghdr *)sent;
		message->nlmsg_len = lengths[i];
		/* a whole one about a link would be edited */
		message->nlmsg_type = lengths[i] > sizeof(sent) ? RTM_NEWLINK : NLMSG_NOOP;
		if (sendto(sender, sent, sizeof(sent), 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
			in_sandbox())
			break; /* gVisor has messages to the kernel only */
		CHECK(recv(fd, data, sizeof(data), MSG_DONTWAIT) == sizeof(sent));
		CHECK(memcmp(data, sent, sizeof(sent)) == 0);
	}
	close(sender);
}

int main(void)
{
	static void (*const sends[])(int) = { send_by_sendto, send_in_pieces, send_by_write };
	static ssize_t (*const receives[])(
		int, unsigned char *, size_t) = { by_recvfrom, by_read, by_pieces, by_peeks };
	static struct reply first, other;

	/* Its lo counts nothing meanwhile. */
	if (unshare(CLONE_NEWNET))
		skip("no new network namespace: %s", strerror(errno));
	int fd = route_socket(SOCK_CLOEXEC), plain = route_socket(SOCK_NONBLOCK);

	CHECK(fd >= 960 && fd < 1024 && plain >= 960 && plain < 1024);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(plain, F_GETFD) == 0);
	CHECK(fcntl(plain, F_GETFL) & O_NONBLOCK);
	int udp = socket(AF_INET, SOCK_DGRAM, 0),
	    diag = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	CHECK(udp == 3 && (diag == 4 || diag == -1));
	CHECK_FAILS(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);

	for (size_t i = 0; i < sizeof(sends) / sizeof(*sends); i++)
		for (size_t j = 0; j < sizeof(receives) / sizeof(*receives); j++) {
			sends[i](fd);
			receive(fd, receives[j], i + j ? &other : &first);
			if (in_sandbox() || i + j == 0)
				continue;
			CHECK(other.length == first.length);
			CHECK(memcmp(other.data, first.data, first.length) == 0);
		}
	if (!in_sandbox()) {
		/* By another number it is nobody's of interest. */
		int low = dup(fd);
		CHECK(low < 960);
		send_by_sendto(low);
		receive(low, by_recvfrom, &other);
		CHECK(other.length == first.length);
		CHECK(memcmp(other.data, first.data, first.length) == 0);
	}
	small_buffer(fd);
	from_a_process(plain);

	/* What a closed socket leaves is no socket's. */
	close(fd);
	CHECK(dup2(udp, fd) == fd);
	CHECK_FAILS(recv(fd, first.data, 1, MSG_DONTWAIT), EAGAIN);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "netlink.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "namespace_identity.h"

const char netlink_send_syscalls[] = "socket,sendto,sendmsg,write";
const char netlink_syscalls[] = "socket,sendto,sendmsg,write,recvfrom,recvmsg,read";

/* Sockets are not seen to end: the oldest makes room. More than a sandbox has at a time. */
enum { SOCKETS_MAX = 1024, IOVECS_MAX = 16 };

static struct netlink_socket sockets[SOCKETS_MAX];
static size_t n_sockets; /* that were ever remembered */

void netlink_conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	/* The kernel takes the low halves: descriptors and the like are of type int. */
	if (nr == SYS_socket) {
		ret_conditions[0] = (struct arg_condition){ 0, UINT32_MAX, AF_NETLINK };
		ret_conditions[1] = (struct arg_condition){ 2, UINT32_MAX, NETLINK_ROUTE };
		ret_conditions[2].arg = -1;
		return;
	}
	ret_conditions[0] = (struct arg_condition){ 0, UINT32_MAX & ~(uint32_t)(NETLINK_FDS - 1),
		NETLINK_FDS_FIRST };
	ret_conditions[1].arg = -1;
}

static bool is_in_range(int64_t fd)
{
	return fd >= NETLINK_FDS_FIRST && fd < NETLINK_FDS_FIRST + NETLINK_FDS;
}

/* The inode of a socket, 0 if the descriptor is none. */
static uint64_t inode_of(struct stop *stop, int fd)
{
	char name[24], link[64];
	unsigned long long inode;

	snprintf(name, sizeof(name), "fd/%d", fd);
	if (stop_read_proc_link(stop, name, link, sizeof(link)) <= 0)
		return 0;
	return sscanf(link, "socket:[%llu]", &inode) == 1 ? inode : 0;
}

const struct netlink_socket *netlink_socket_of(struct stop *stop)
{
	int fd = (int)stop_asked(stop, 0);
	uint64_t inode = is_in_range(fd) ? inode_of(stop, fd) : 0;

	/* Newest first: an inode's number may be used again. */
	for (size_t i = n_sockets; inode && i > 0 && n_sockets - i < SOCKETS_MAX; i--)
		if (sockets[(i - 1) % SOCKETS_MAX].inode == inode)
			return &sockets[(i - 1) % SOCKETS_MAX];
	return NULL;
}

static void remember(struct stop *stop, int fd)
{
	struct netlink_socket *socket = &sockets[n_sockets % SOCKETS_MAX];

	socket->inode = inode_of(stop, fd);
	socket->netns = namespace_identity(stop_tid(stop), SCOPE_NET);
	n_sockets++;
}

enum verdict netlink_socket_enter(struct stop *stop)
{
	return (int)stop_asked(stop, 0) == AF_NETLINK && (int)stop_asked(stop, 2) == NETLINK_ROUTE
		       ? VERDICT_WATCH
		       : VERDICT_NEXT;
}

/* After the socket was made: a descriptor in the range, then the first one is closed, or the second if it is too high. */
enum exit_verdict netlink_socket_exit(struct stop *stop)
{
	int64_t made = stop_sent_result(stop), moved = stop_result(stop);
	bool closes_on_exec = stop_asked(stop, 1) & SOCK_CLOEXEC;

	switch (stop_step(stop)) {
	case 0:
		if (made < 0)
			return EXIT_DONE;
		if (is_in_range(made)) {
			remember(stop, (int)made);
			return EXIT_DONE;
		}
		stop_run(stop, SYS_fcntl,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)made,
				closes_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD, NETLINK_FDS_FIRST });
		return EXIT_RUN;
	case 1:
		stop_keep(stop, is_in_range(moved) ? moved : made);
		if (!is_in_range(moved))
			stop_note(stop, "no descriptor from 960 to 1023 is to be had");
		if (moved < 0)
			break;
		stop_run(stop, SYS_close,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)(is_in_range(moved) ? made : moved) });
		return EXIT_RUN;
	default:
		break;
	}
	if (is_in_range(stop_kept(stop)))
		remember(stop, (int)stop_kept(stop));
	stop_set_result(stop, stop_kept(stop));
	return EXIT_DONE;
}

bool netlink_sends(const struct stop *stop)
{
	long nr = stop_syscall(stop);

	return nr == SYS_sendto || nr == SYS_sendmsg || nr == SYS_write;
}

bool netlink_receives(const struct stop *stop)
{
	long nr = stop_syscall(stop);

	return nr == SYS_recvfrom || nr == SYS_recvmsg || nr == SYS_read;
}

static int gather(struct stop *stop, struct netlink_request *request)
{
	struct msghdr header;
	struct iovec vector[IOVECS_MAX];
	int r = stop_read(stop, stop_asked(stop, 1), &header, sizeof(header));

	if (r)
		return r;
	if (header.msg_iovlen > IOVECS_MAX)
		return -EMSGSIZE;
	r = stop_read(stop, (uintptr_t)header.msg_iov, vector, header.msg_iovlen * sizeof(*vector));
	for (size_t i = 0; i < header.msg_iovlen && r == 0; i++) {
		if (vector[i].iov_len > NETLINK_REQUEST_MAX - request->length)
			return -EMSGSIZE;
		if (vector[i].iov_len == 0)
			continue;
		r = stop_read(stop, (uintptr_t)vector[i].iov_base, request->data + request->length,
			vector[i].iov_len);
		request->length += vector[i].iov_len;
	}
	return r;
}

int netlink_request_read(struct stop *stop, struct netlink_request *ret_request)
{
	uint64_t length = stop_asked(stop, 2);

	ret_request->length = 0;
	if (stop_syscall(stop) == SYS_sendmsg)
		return gather(stop, ret_request);
	if (length > NETLINK_REQUEST_MAX)
		return -EMSGSIZE;
	ret_request->length = length;
	return stop_read(stop, stop_asked(stop, 1), ret_request->data, length);
}

/* Another header of sendmsg(2), which has the one piece that is sent. */
static int push_header(struct stop *stop, struct iovec *piece, uint64_t *ret_address)
{
	struct msghdr header;
	uint64_t vector;
	int r = stop_read(stop, stop_asked(stop, 1), &header, sizeof(header));

	if (r == 0)
		r = stop_push(stop, piece, sizeof(*piece), &vector);
	if (r)
		return r;
	header.msg_iov = (struct iovec *)vector;
	header.msg_iovlen = 1;
	return stop_push(stop, &header, sizeof(header), ret_address);
}

enum verdict netlink_request_send(struct stop *stop, const struct netlink_request *request)
{
	struct netlink_request asked;
	uint64_t address, header = 0;
	int r = netlink_request_read(stop, &asked);

	if (r == 0)
		r = stop_push(stop, request->data, request->length, &address);
	if (r == 0 && stop_syscall(stop) == SYS_sendmsg)
		r = push_header(stop, &(struct iovec){ (void *)address, request->length }, &header);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return VERDICT_NEXT;
	if (header) {
		stop_send_arg(stop, 1, header);
	} else {
		stop_send_arg(stop, 1, address);
		stop_send_arg(stop, 2, request->length);
	}
	stop_keep(stop, (int64_t)asked.length);
	return VERDICT_WATCH;
}

void netlink_request_exit(struct stop *stop)
{
	if (stop_result(stop) >= 0)
		stop_set_result(stop, stop_kept(stop));
}

struct nlmsghdr *netlink_first(void *data, size_t length, size_t *ret_left)
{
	struct nlmsghdr *message = data;

	*ret_left = length;
	return NLMSG_OK(message, length) ? message : NULL;
}

struct nlmsghdr *netlink_next(struct nlmsghdr *message, size_t *left)
{
	size_t bytes = NLMSG_ALIGN(message->nlmsg_len);

	if (bytes >= *left)
		return NULL;
	*left -= bytes;
	message = (struct nlmsghdr *)((unsigned char *)message + bytes);
	return NLMSG_OK(message, *left) ? message : NULL;
}

size_t netlink_header_bytes(unsigned type)
{
	switch (type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_GETLINK:
	case RTM_SETLINK:
		return sizeof(struct ifinfomsg);
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_GETADDR:
		return sizeof(struct ifaddrmsg);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_GETROUTE:
		return sizeof(struct rtmsg);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
	case RTM_GETNEIGH:
		return sizeof(struct ndmsg);
	default:
		return 0;
	}
}

struct rtattr *netlink_nested(const void *data, size_t length, unsigned type)
{
	/* Not by RTA_NEXT(): the last one need not be padded, and a length of no sign would go round below 0. */
	for (size_t at = 0; length - at >= sizeof(struct rtattr);) {
		struct rtattr *attribute = (struct rtattr *)((uintptr_t)data + at);
		size_t bytes = attribute->rta_len;
		if (bytes < sizeof(*attribute) || bytes > length - at)
			break;
		if ((attribute->rta_type & NLA_TYPE_MASK) == type)
			return attribute;
		if (RTA_ALIGN(bytes) >= length - at)
			break;
		at += RTA_ALIGN(bytes);
	}
	return NULL;
}

struct rtattr *netlink_attribute(struct nlmsghdr *message, unsigned type)
{
	size_t before = NLMSG_ALIGN(netlink_header_bytes(message->nlmsg_type)) + NLMSG_HDRLEN;

	if (message->nlmsg_len < before)
		return NULL;
	return netlink_nested((unsigned char *)message + before, message->nlmsg_len - before, type);
}

uint32_t netlink_number(const struct rtattr *attribute)
{
	uint32_t number = 0;

	if (attribute && RTA_PAYLOAD(attribute) >= sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

void netlink_text(const struct rtattr *attribute, char *ret_text, size_t size)
{
	size_t length = attribute ? strnlen(RTA_DATA(attribute), RTA_PAYLOAD(attribute)) : size;

	ret_text[0] = '\0';
	if (length >= size)
		return;
	memcpy(ret_text, RTA_DATA(attribute), length);
	ret_text[length] = '\0';
}

size_t netlink_append(struct nlmsghdr *message, unsigned type, const void *value, size_t length)
{
	struct rtattr *attribute =
		(struct rtattr *)((unsigned char *)message + NLMSG_ALIGN(message->nlmsg_len));

	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	memset(RTA_DATA(attribute), 0, RTA_ALIGN(length));
	memcpy(RTA_DATA(attribute), value, length);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(RTA_LENGTH(length));
	return message->nlmsg_len;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of rtnetlink(7) for the cases: one at a time, on a socket of the case's. */
#ifndef GVTRACE_ROUTE_SOCKET_H
#define GVTRACE_ROUTE_SOCKET_H

#include "case.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

static unsigned request_seq;

struct request {
	struct nlmsghdr header;
	unsigned char body[512];
};

__attribute__((unused)) static int route_socket(int flags)
{
	struct sockaddr_nl here = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | flags, NETLINK_ROUTE);

	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	return fd;
}

__attribute__((unused)) static void begin(
	struct request *request, int type, int flags, const void *header, size_t length)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(length);
	request->header.nlmsg_type = (unsigned short)type;
	request->header.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	request->header.nlmsg_seq = ++request_seq;
	memcpy(request->body, header, length);
}

__attribute__((unused)) static struct rtattr *add(
	struct request *request, int type, const void *value, size_t length)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len) - NLMSG_HDRLEN;
	struct rtattr *attribute = (struct rtattr *)(request->body + at);

	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(attribute), value, length);
	request->header.nlmsg_len = (unsigned)(NLMSG_HDRLEN + at + RTA_ALIGN(RTA_LENGTH(length)));
	return attribute;
}

/* What was added since belongs into the attribute. */
__attribute__((unused)) static void enclose(struct request *request, struct rtattr *attribute)
{
	attribute->rta_len = (unsigned short)((unsigned char *)request + request->header.nlmsg_len -
					      (unsigned char *)attribute);
}

__attribute__((unused)) static void send_request(int fd, const struct request *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	CHECK(sendto(fd, request, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel,
		      sizeof(kernel)) == request->header.nlmsg_len);
}

/*
 * Sends a request with NLM_F_ACK and reads up to its acknowledgement; the errno in it. ret_reply, if any, is the first
 * message of type 16, RTM_NEWLINK.
 */
__attribute__((unused)) static int ask(
	int fd, struct request *request, void *ret_reply, size_t size)
{
	_Alignas(4) char reply[65536];

	request->header.nlmsg_flags |= NLM_F_ACK;
	send_request(fd, request);
	for (;;) {
		ssize_t n = recv(fd, reply, sizeof(reply), 0);
		CHECK(n > 0);
		size_t left = (size_t)n;
		for (struct nlmsghdr *message = (struct nlmsghdr *)reply; NLMSG_OK(message, left);
			message = NLMSG_NEXT(message, left)) {
			CHECK(message->nlmsg_seq == request->header.nlmsg_seq);
			if (message->nlmsg_type == NLMSG_ERROR)
				return -*(int *)NLMSG_DATA(message);
			if (message->nlmsg_type == RTM_NEWLINK && ret_reply &&
				message->nlmsg_len <= size)
				memcpy(ret_reply, message, message->nlmsg_len);
		}
	}
}

__attribute__((unused)) static const struct rtattr *find(
	const void *attributes, size_t length, int type)
{
	for (struct rtattr *a = (struct rtattr *)attributes; RTA_OK(a, length);
		a = RTA_NEXT(a, length))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the emulations of rtnetlink(7) share: which descriptors are theirs, requests as they are sent, and replies.
 *
 * A filter cannot look behind a pointer, and read(2), write(2), sendmsg(2) and recvmsg(2) are calls that programs
 * live on. So a NETLINK_ROUTE socket gets a descriptor from 960 to 1023 when it is made, and only calls on these
 * stop: the filter compares a number. Which of them are sockets of ours is known by their inode.
 */
#ifndef GVTRACE_NETLINK_H
#define GVTRACE_NETLINK_H

#include "emulation.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* The descriptors: below FD_SETSIZE, for programs that use select(2), and where few programs come to. */
enum { NETLINK_FDS_FIRST = 960, NETLINK_FDS = 64 };

/* A longer request is nobody's of interest here, and sent as it is. */
enum { NETLINK_REQUEST_MAX = 4096 };

/* `default_syscalls` and `conditions` of these emulations. */
extern const char netlink_send_syscalls[], netlink_syscalls[];
void netlink_conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1]);

/* A socket of NETLINK_ROUTE. */
struct netlink_socket {
	uint64_t inode;
	uint64_t
		netns; /* its network namespace: that of its maker at that time; 0: cannot be told */
};

/* on_enter and on_exit of socket(2): the socket gets its descriptor. */
enum verdict netlink_socket_enter(struct stop *stop);
enum exit_verdict netlink_socket_exit(struct stop *stop);

/* The socket that argument 0 of a call is; NULL: it is not one that was seen being made. Valid in this stop. */
const struct netlink_socket *netlink_socket_of(struct stop *stop);

bool netlink_sends(const struct stop *stop);
bool netlink_receives(const struct stop *stop);

struct netlink_request {
	size_t length;
	/* room for an emulation to make it longer */
	_Alignas(NLMSG_ALIGNTO) unsigned char data[NETLINK_REQUEST_MAX + 256];
};

/* What the call is to send, gathered: 0; -EMSGSIZE if that is more than a request; -EFAULT, -ESRCH. */
int netlink_request_read(struct stop *stop, struct netlink_request *ret_request) MUST_CHECK;

/*
 * Sends this in place of what was asked: the verdict for on_enter. At the exit the call gives the length that was
 * asked, see netlink_request_exit().
 */
enum verdict netlink_request_send(struct stop *stop, const struct netlink_request *request);
void netlink_request_exit(struct stop *stop);

/* The first message of a request or a reply, if it is whole; NULL: it is not. *ret_left counts what is left. */
struct nlmsghdr *netlink_first(void *data, size_t length, size_t *ret_left);
struct nlmsghdr *netlink_next(struct nlmsghdr *message, size_t *left);

/* The bytes that stand before the attributes of a message of this type, its header not counted; 0: unknown type. */
size_t netlink_header_bytes(unsigned type);

/* The attribute (without the flags of its type), or NULL. Of a message, and of what an attribute holds. */
struct rtattr *netlink_attribute(struct nlmsghdr *message, unsigned type);
struct rtattr *netlink_nested(const void *data, size_t length, unsigned type);

/* The attribute's value as a number of 4 bytes, or 0; its text, copied ("" if there is none or it is too long). */
uint32_t netlink_number(const struct rtattr *attribute);
void netlink_text(const struct rtattr *attribute, char *ret_text, size_t size);

/* Appends an attribute to a message that has room for it; returns the message's new length, aligned. */
size_t netlink_append(struct nlmsghdr *message, unsigned type, const void *value, size_t length);

#endif

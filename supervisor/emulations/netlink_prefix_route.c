/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = netlink-prefix-route: deletes the route to its own network that an address brought, where the kernel cannot
 * delete routes (gVisor 2024). In place of RTM_DELROUTE two messages are sent: the address is deleted, which takes its
 * route along, and given again with a prefix of all its bits, which brings only a route to itself. The kernel's answer
 * to the second is the program's answer.
 */
#include <sys/socket.h>
#include <sys/syscall.h>

#include "netlink_addresses.h"

static void append_address(struct netlink_request *request, const struct nlmsghdr *like,
	unsigned type, unsigned flags, const struct netlink_address *address, unsigned prefix)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(request->data + request->length);
	struct ifaddrmsg *info = NLMSG_DATA(message);
	size_t bytes = netlink_address_bytes(address->family);

	*message = *like;
	message->nlmsg_type = (unsigned short)type;
	message->nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	message->nlmsg_len = NLMSG_LENGTH(sizeof(*info));
	*info = (struct ifaddrmsg){ .ifa_family = address->family,
		.ifa_prefixlen = (unsigned char)prefix,
		.ifa_index = address->index };
	netlink_append(message, IFA_LOCAL, address->local, bytes);
	request->length += netlink_append(message, IFA_ADDRESS, address->local, bytes);
}

/* The address whose prefix route the message asks to delete. */
static struct netlink_address *address_of(
	const struct netlink_socket *socket, struct nlmsghdr *message)
{
	const struct rtmsg *route = NLMSG_DATA(message);

	if (message->nlmsg_type != RTM_DELROUTE ||
		message->nlmsg_len < NLMSG_LENGTH(sizeof(*route)))
		return NULL;
	const struct rtattr *destination = netlink_attribute(message, RTA_DST);
	size_t bytes = netlink_address_bytes(route->rtm_family);
	if (route->rtm_protocol != RTPROT_UNSPEC && route->rtm_protocol != RTPROT_KERNEL)
		return NULL;
	if (!bytes || !destination || RTA_PAYLOAD(destination) != bytes ||
		route->rtm_dst_len == bytes * 8 || netlink_attribute(message, RTA_GATEWAY) ||
		(route->rtm_table != RT_TABLE_MAIN && route->rtm_table != RT_TABLE_UNSPEC))
		return NULL;
	return netlink_address_of_route(socket->netns,
		netlink_number(netlink_attribute(message, RTA_OIF)), route->rtm_family,
		RTA_DATA(destination), route->rtm_dst_len);
}

static enum verdict delete_route(
	struct stop *stop, const struct netlink_socket *socket, struct netlink_request *request)
{
	struct nlmsghdr like = *(struct nlmsghdr *)request->data;
	struct netlink_address *address = address_of(socket, (struct nlmsghdr *)request->data);

	if (!address || NLMSG_ALIGN(like.nlmsg_len) < request->length)
		return VERDICT_NEXT;
	request->length = 0;
	append_address(request, &like, RTM_DELADDR, 0, address, address->prefix);
	append_address(request, &like, RTM_NEWADDR,
		NLM_F_CREATE | NLM_F_EXCL | (like.nlmsg_flags & NLM_F_ACK), address,
		(unsigned)netlink_address_bytes(address->family) * 8);
	enum verdict verdict = netlink_request_send(stop, request);
	if (verdict == VERDICT_WATCH)
		address->is_full = true;
	return verdict;
}

/* The program deletes the address that it gave: with the prefix that the kernel has. */
static enum verdict delete_address(struct stop *stop, const struct netlink_socket *socket,
	struct netlink_request *request, struct nlmsghdr *message)
{
	struct ifaddrmsg *info = NLMSG_DATA(message);
	struct netlink_address said, *known;
	enum verdict verdict = VERDICT_NEXT;

	if (!netlink_address_read(socket->netns, message, &said) ||
		!(known = netlink_address_find(&said)) || known->prefix != said.prefix)
		return VERDICT_NEXT;
	if (known->is_full) {
		info->ifa_prefixlen = (unsigned char)(netlink_address_bytes(said.family) * 8);
		verdict = netlink_request_send(stop, request);
	}
	if (verdict != VERDICT_AGAIN)
		known->family = 0;
	return verdict;
}

static enum verdict look_at_request(struct stop *stop, const struct netlink_socket *socket)
{
	struct netlink_request request;
	struct netlink_address address;
	size_t left;

	if (netlink_request_read(stop, &request))
		return VERDICT_NEXT;
	struct nlmsghdr *message = netlink_first(request.data, request.length, &left);
	if (!message)
		return VERDICT_NEXT;
	switch (message->nlmsg_type) {
	case RTM_NEWADDR:
		if (netlink_address_read(socket->netns, message, &address))
			netlink_address_add(&address);
		return VERDICT_NEXT;
	case RTM_DELADDR:
		return delete_address(stop, socket, &request, message);
	case RTM_DELROUTE:
		return delete_route(stop, socket, &request);
	default:
		return VERDICT_NEXT;
	}
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_enter(stop);
	const struct netlink_socket *socket = netlink_socket_of(stop);
	if (!socket)
		return VERDICT_NEXT;
	if (netlink_sends(stop))
		return look_at_request(stop, socket);
	return netlink_addresses_differ(socket->netns) ? netlink_reply_enter(stop) : VERDICT_NEXT;
}

static enum reply_edit edit(
	const struct netlink_socket *socket, struct nlmsghdr *message, bool is_last_look)
{
	return message->nlmsg_type == RTM_NEWADDR ? netlink_address_edit(socket, message)
						  : REPLY_AS_IT_IS;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_exit(stop);
	if (netlink_receives(stop))
		return netlink_reply_exit(stop, edit);
	netlink_request_exit(stop);
	return EXIT_DONE;
}

const struct emulation emulation_netlink_prefix_route = {
	.name = "netlink-prefix-route",
	.summary =
		"delete the route that an address brought, where the kernel cannot delete routes",
	.default_syscalls = netlink_syscalls,
	.conditions = netlink_conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

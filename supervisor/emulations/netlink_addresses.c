/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "netlink_addresses.h"

#include <sys/socket.h>

enum { ADDRESSES_MAX = 256 };

static struct netlink_address addresses[ADDRESSES_MAX]; /* family 0: free */
static size_t next;

size_t netlink_address_bytes(unsigned char family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

bool netlink_address_read(
	uint64_t netns, struct nlmsghdr *message, struct netlink_address *ret_address)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return false;
	const struct rtattr *local = netlink_attribute(message, IFA_LOCAL);
	size_t bytes = netlink_address_bytes(info->ifa_family);
	/* An IPv6 address that is not of a point-to-point link comes as IFA_ADDRESS alone. */
	if (!local)
		local = netlink_attribute(message, IFA_ADDRESS);
	if (!bytes || !local || RTA_PAYLOAD(local) != bytes || info->ifa_prefixlen > bytes * 8)
		return false;
	*ret_address = (struct netlink_address){ .netns = netns,
		.index = info->ifa_index,
		.family = info->ifa_family,
		.prefix = info->ifa_prefixlen };
	memcpy(ret_address->local, RTA_DATA(local), bytes);
	return true;
}

struct netlink_address *netlink_address_find(const struct netlink_address *address)
{
	for (size_t i = 0; i < ADDRESSES_MAX; i++) {
		struct netlink_address *known = &addresses[i];
		if (known->family == address->family && known->netns == address->netns &&
			known->index == address->index &&
			memcmp(known->local, address->local, sizeof(known->local)) == 0)
			return known;
	}
	return NULL;
}

void netlink_address_add(const struct netlink_address *address)
{
	struct netlink_address *slot = netlink_address_find(address);

	/* One that is there with another prefix in the kernel stays it: the kernel refuses it now. */
	if (slot && slot->is_full)
		return;
	if (!slot)
		slot = &addresses[next++ % ADDRESSES_MAX];
	*slot = *address;
}

static bool is_in_prefix(
	const struct netlink_address *address, const unsigned char *destination, unsigned bits)
{
	for (size_t i = 0; i < netlink_address_bytes(address->family); i++) {
		unsigned here = bits >= 8 ? 8 : bits;
		unsigned char mask = (unsigned char)(0xff00 >> here);
		if ((address->local[i] & mask) != destination[i])
			return false;
		bits -= here;
	}
	return true;
}

struct netlink_address *netlink_address_of_route(uint64_t netns, uint32_t index,
	unsigned char family, const unsigned char *destination, unsigned char prefix)
{
	for (size_t i = 0; i < ADDRESSES_MAX; i++) {
		struct netlink_address *known = &addresses[i];
		if (known->family == family && known->netns == netns && known->prefix == prefix &&
			(index == 0 || known->index == index) && !known->is_full &&
			is_in_prefix(known, destination, prefix))
			return known;
	}
	return NULL;
}

enum reply_edit netlink_address_edit(const struct netlink_socket *socket, struct nlmsghdr *message)
{
	struct ifaddrmsg *info = NLMSG_DATA(message);
	struct netlink_address said;
	const struct netlink_address *known;

	if (!netlink_address_read(socket->netns, message, &said) ||
		said.prefix != netlink_address_bytes(said.family) * 8)
		return REPLY_AS_IT_IS;
	known = netlink_address_find(&said);
	if (!known || !known->is_full)
		return REPLY_AS_IT_IS;
	info->ifa_prefixlen = known->prefix;
	return REPLY_CHANGED;
}

bool netlink_addresses_differ(uint64_t netns)
{
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		if (addresses[i].family && addresses[i].netns == netns && addresses[i].is_full)
			return true;
	return false;
}

void netlink_addresses_namespace_new(uint64_t netns)
{
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		if (addresses[i].netns == netns)
			addresses[i].family = 0;
}

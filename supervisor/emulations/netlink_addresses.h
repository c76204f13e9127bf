/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses that programs gave to links, by network namespace. One whose prefix route was deleted has a full prefix
 * in the kernel, see netlink_prefix_route.c; programs go on seeing the prefix that they gave.
 */
#ifndef GVTRACE_NETLINK_ADDRESSES_H
#define GVTRACE_NETLINK_ADDRESSES_H

#include "netlink_reply.h"

struct netlink_address {
	uint64_t netns;
	uint32_t index; /* of the link */
	unsigned char family; /* AF_INET or AF_INET6 */
	unsigned char prefix; /* bits, as the program gave it */
	bool is_full; /* the kernel has it with all bits */
	unsigned char local[16];
};

/* Bytes of an address of the family; 0: it is another one. */
size_t netlink_address_bytes(unsigned char family);

/* What a request or a reply about an address says: false if it does not say all. */
bool netlink_address_read(
	uint64_t netns, struct nlmsghdr *message, struct netlink_address *ret_address);

/* A program gives it to a link. The oldest makes room for it. */
void netlink_address_add(const struct netlink_address *address);

/* The same address on the same link, whatever its prefix; NULL: it is not known. */
struct netlink_address *netlink_address_find(const struct netlink_address *address);

/* The one whose prefix route this is: destination has the bytes of its family. index 0: of any link. */
struct netlink_address *netlink_address_of_route(uint64_t netns, uint32_t index,
	unsigned char family, const unsigned char *destination, unsigned char prefix);

/* Gives a reply about an address its prefix back. */
enum reply_edit netlink_address_edit(const struct netlink_socket *socket, struct nlmsghdr *message);

/* Whether an address of the namespace has another prefix in the kernel. */
bool netlink_addresses_differ(uint64_t netns);

/* A namespace of that number is new. */
void netlink_addresses_namespace_new(uint64_t netns);

#endif

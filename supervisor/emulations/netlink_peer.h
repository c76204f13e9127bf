/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of a veth: its index, which replies about links should give as IFLA_LINK. It is known when a reply has
 * shown it, or when that end is in gvtrace's own network namespace, where it is asked for by name.
 */
#ifndef GVTRACE_NETLINK_PEER_H
#define GVTRACE_NETLINK_PEER_H

#include "netlink_links.h"

/* 0: it is not known. */
uint32_t netlink_peer_index(const struct netlink_link *link);

/* The highest index of a link in gvtrace's own network namespace; 0 if netns is another one. */
uint32_t netlink_peer_highest_index(uint64_t netns);

/*
 * What the kernel has called a veth that was made without a name, in gvtrace's own namespace, when highest was the
 * highest index there: gVisor calls it after its index. "" if there is none such.
 */
void netlink_peer_given_name(uint64_t netns, uint32_t highest, char ret_name[IF_NAMESIZE]);

#endif

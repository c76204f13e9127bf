/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "netlink_peer.h"

#include <stdio.h>
#include <unistd.h>

#include "namespace_identity.h"
#include "util.h"

static bool is_own(uint64_t netns)
{
	return netns && namespace_identity(getpid(), SCOPE_NET) == netns;
}

uint32_t netlink_peer_index(const struct netlink_link *link)
{
	if (!*link->peer)
		return 0;
	if (is_own(link->peer_netns))
		return if_nametoindex(link->peer);
	return netlink_links_index(link->peer_netns, link->peer);
}

uint32_t netlink_peer_highest_index(uint64_t netns)
{
	struct if_nameindex *all = is_own(netns) ? if_nameindex() : NULL;
	uint32_t highest = 0;

	for (struct if_nameindex *one = all; one && one->if_index; one++)
		highest = MAX(highest, one->if_index);
	if (all)
		if_freenameindex(all);
	return highest;
}

void netlink_peer_given_name(uint64_t netns, uint32_t highest, char ret_name[IF_NAMESIZE])
{
	struct if_nameindex *all = highest && is_own(netns) ? if_nameindex() : NULL;
	uint32_t found = UINT32_MAX;
	char name[IF_NAMESIZE];

	ret_name[0] = '\0';
	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		snprintf(name, sizeof(name), "veth%u", one->if_index);
		/* Of several the first that no other request is known to have made. */
		if (one->if_index > highest && one->if_index < found &&
			strcmp(one->if_name, name) == 0 && !netlink_links_knows(netns, name)) {
			found = one->if_index;
			memcpy(ret_name, name, sizeof(name));
		}
	}
	if (all)
		if_freenameindex(all);
}

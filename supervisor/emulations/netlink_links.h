/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What programs said of network links when they made them, by network namespace: the kind, and which bridge a link
 * is a port of. Links are known by name until a reply has shown the index that the kernel gave them.
 */
#ifndef GVTRACE_NETLINK_LINKS_H
#define GVTRACE_NETLINK_LINKS_H

#include "fakeprocsys.h"
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

enum { LINK_KIND_BYTES = 16 };

struct netlink_link {
	uint64_t netns;
	uint32_t index; /* 0: not known yet */
	char name[IF_NAMESIZE];
	char kind[LINK_KIND_BYTES]; /* "": not known */
	uint32_t master; /* 0: none */
	uint64_t peer_netns; /* of a veth: where its other end was made; "": there is none */
	char peer[IF_NAMESIZE];
};

/* What a request asks of a link, to be done when the kernel has said that it did so. */
enum link_change_kind { LINK_MAKE, LINK_CHANGE, LINK_DELETE };
struct link_change {
	enum link_change_kind what;
	struct netlink_link
		link; /* of LINK_CHANGE and _DELETE: index or name say which; name is then a new one */
	bool has_master, has_netns;
	uint64_t netns; /* where it goes */
};

void netlink_links_change(const struct link_change *change);

/*
 * The link that a reply about index and name in that namespace speaks of; NULL: it is not known. Borrowed until
 * the next call of any of these.
 */
const struct netlink_link *netlink_links_find(uint64_t netns, uint32_t index, const char *name);

/* The index of the link of that name, as a reply has shown it; 0: none has. Whether such a link is known at all. */
uint32_t netlink_links_index(uint64_t netns, const char *name);
bool netlink_links_knows(uint64_t netns, const char *name);

/* A namespace of that number is new: nothing of an earlier one is left. */
void netlink_links_namespace_new(uint64_t netns);
/* Forgets the links of namespaces that are not alive any more, if there are many. */
void netlink_links_collect(
	bool (*is_alive)(enum sysctl_scope scope, uint64_t id, void *data), void *data);

#endif

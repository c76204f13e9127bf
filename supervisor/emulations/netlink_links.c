/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "netlink_links.h"

#include <stdio.h>

#include "util.h"

/* Of all namespaces together; the oldest one makes room. */
enum { LINKS_MAX = 2048, COLLECT_FROM = 64 };

static struct netlink_link *links;
static size_t n_links, capacity;

static void remove_at(size_t i)
{
	memmove(&links[i], &links[i + 1], (--n_links - i) * sizeof(*links));
}

static struct netlink_link *find(uint64_t netns, uint32_t index, const char *name)
{
	for (size_t i = n_links; i-- > 0;) {
		struct netlink_link *link = &links[i];
		if (link->netns != netns)
			continue;
		if (index ? link->index == index : strcmp(link->name, name) == 0)
			return link;
	}
	return NULL;
}

static void add(const struct netlink_link *link)
{
	struct netlink_link *earlier = *link->name ? find(link->netns, 0, link->name) : NULL;

	if (earlier) {
		*earlier = *link;
		return;
	}
	if (n_links == LINKS_MAX)
		remove_at(0);
	if (n_links == capacity) {
		size_t more = capacity ? capacity * 2 : 16;
		struct netlink_link *grown = realloc(links, more * sizeof(*links));
		if (!grown)
			return;
		links = grown;
		capacity = more;
	}
	links[n_links++] = *link;
}

static void forget(struct netlink_link *link)
{
	struct netlink_link gone = *link;

	remove_at((size_t)(link - links));
	for (size_t i = 0; gone.index && i < n_links; i++)
		if (links[i].netns == gone.netns && links[i].master == gone.index)
			links[i].master = 0;
}

static void delete_link(struct netlink_link *link)
{
	struct netlink_link gone = *link;

	forget(link);
	/* A veth ends with its other end. */
	link = *gone.peer ? find(gone.peer_netns, 0, gone.peer) : NULL;
	if (link)
		forget(link);
}

/* A veth's other end goes by the new name, or is elsewhere now. */
static void tell_peer(const struct netlink_link *link)
{
	struct netlink_link *peer = *link->peer ? find(link->peer_netns, 0, link->peer) : NULL;

	if (!peer || !*peer->peer)
		return;
	peer->peer_netns = link->netns;
	memcpy(peer->peer, link->name, sizeof(peer->peer));
}

static void make(const struct link_change *change)
{
	struct netlink_link link = change->link, peer = { 0 };

	if (change->has_netns)
		link.netns = change->netns;
	if (*link.peer) {
		peer.netns = link.peer_netns;
		memcpy(peer.name, link.peer, sizeof(peer.name));
		memcpy(peer.kind, link.kind, sizeof(peer.kind));
		peer.peer_netns = link.netns;
		memcpy(peer.peer, link.name, sizeof(peer.peer));
		add(&peer);
	}
	if (*link.name)
		add(&link);
}

void netlink_links_change(const struct link_change *change)
{
	const struct netlink_link *asked = &change->link;

	if (change->what == LINK_MAKE) {
		make(change);
		return;
	}
	struct netlink_link *link = find(asked->netns, asked->index, asked->name);
	if (change->what == LINK_DELETE) {
		if (link)
			delete_link(link);
		return;
	}
	/* A link that was there before, or came otherwise, but has a master that the kernel may not tell. */
	if (!link && change->has_master && asked->index) {
		add(&(struct netlink_link){ .netns = asked->netns, .index = asked->index });
		link = find(asked->netns, asked->index, "");
	}
	if (!link)
		return;
	if (change->has_master)
		link->master = asked->master;
	if (change->has_netns && change->netns != link->netns) {
		link->netns = change->netns;
		link->index = link->master = 0;
	}
	if (*asked->name)
		memcpy(link->name, asked->name, sizeof(link->name));
	tell_peer(link);
}

const struct netlink_link *netlink_links_find(uint64_t netns, uint32_t index, const char *name)
{
	struct netlink_link *link = find(netns, index, "");

	if (link) {
		if (*name && strcmp(link->name, name) != 0) {
			snprintf(link->name, sizeof(link->name), "%s", name);
			tell_peer(link);
		}
		return link;
	}
	link = *name ? find(netns, 0, name) : NULL;
	if (link && link->index) {
		/* Indexes are not used again: that link has gone, and this one came by its name. */
		forget(link);
		return NULL;
	}
	if (link)
		link->index = index;
	return link;
}

uint32_t netlink_links_index(uint64_t netns, const char *name)
{
	const struct netlink_link *link = find(netns, 0, name);

	return link ? link->index : 0;
}

bool netlink_links_knows(uint64_t netns, const char *name)
{
	return find(netns, 0, name) != NULL;
}

void netlink_links_namespace_new(uint64_t netns)
{
	for (size_t i = n_links; i-- > 0;)
		if (links[i].netns == netns)
			remove_at(i);
}

static bool is_asked_before(size_t i)
{
	for (size_t j = i + 1; j < n_links; j++)
		if (links[j].netns == links[i].netns)
			return true;
	return false;
}

void netlink_links_collect(
	bool (*is_alive)(enum sysctl_scope scope, uint64_t id, void *data), void *data)
{
	/* Asking costs a look at each thread: not before there are twice as many as were left the last time. */
	static size_t enough = COLLECT_FROM;

	if (n_links < enough)
		return;
	for (size_t i = n_links; i-- > 0;)
		if (i < n_links && !is_asked_before(i) &&
			!is_alive(SCOPE_NET, links[i].netns, data))
			netlink_links_namespace_new(links[i].netns);
	enough = MAX(2 * n_links, (size_t)COLLECT_FROM);
}

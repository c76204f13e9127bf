/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = netlink-link: what rtnetlink's replies about links should say and do not. The kind of a link, its bridge and
 * the other end of a veth are what programs asked for when they made it; its state is what its flags say.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/veth.h>

#include "netlink_addresses.h"
#include "netlink_links.h"
#include "netlink_peer.h"
#include "netlink_reply.h"

/* A request whose answer has not been seen: the link is changed when the kernel has said yes. */
struct pending {
	uint64_t inode; /* of the socket; 0: free */
	uint32_t seq;
	bool dumps_bridge_ports; /* no change: a request of `bridge link` */
	uint32_t highest_index; /* there was, when a veth without a name was asked for; 0: not so */
	struct link_change change;
};

/* Of all sockets together; the oldest is overwritten. A program waits for the answer before it asks again, mostly. */
enum { PENDING_MAX = 64 };
static struct pending pending[PENDING_MAX];
static size_t next_pending;

static struct pending *find_pending(uint64_t inode, uint32_t seq)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (pending[i].inode == inode && pending[i].seq == seq)
			return &pending[i];
	return NULL;
}

static struct pending *add_pending(uint64_t inode, uint32_t seq)
{
	struct pending *slot = find_pending(inode, seq);

	if (!slot)
		slot = &pending[next_pending++ % PENDING_MAX];
	*slot = (struct pending){ .inode = inode, .seq = seq };
	return slot;
}

/* The number of the namespace that a descriptor of the thread is; 0: it is none. Whoever may serve the file is not asked. */
static uint64_t namespace_of_fd(struct stop *stop, uint32_t fd)
{
	char name[24];
	struct statx status;

	snprintf(name, sizeof(name), "fd/%u", fd);
	cleanup_close int file = stop_open_proc(stop, name, O_PATH);
	return file >= 0 && statx(file, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO,
				    &status) == 0
		       ? status.stx_ino
		       : 0;
}

/* A veth's other end: a link message of its own within the attributes. */
static void read_peer(struct stop *stop, const struct rtattr *data, struct netlink_link *link)
{
	const struct rtattr *peer =
		data ? netlink_nested(RTA_DATA(data), RTA_PAYLOAD(data), VETH_INFO_PEER) : NULL;

	if (!peer || RTA_PAYLOAD(peer) < sizeof(struct ifinfomsg))
		return;
	const unsigned char *inner = (unsigned char *)RTA_DATA(peer) + sizeof(struct ifinfomsg);
	size_t length = RTA_PAYLOAD(peer) - sizeof(struct ifinfomsg);
	const struct rtattr *netns = netlink_nested(inner, length, IFLA_NET_NS_FD);
	netlink_text(netlink_nested(inner, length, IFLA_IFNAME), link->peer, sizeof(link->peer));
	link->peer_netns = netns ? namespace_of_fd(stop, netlink_number(netns)) : link->netns;
}

static bool read_change(
	struct stop *stop, uint64_t netns, struct nlmsghdr *message, struct link_change *ret_change)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct netlink_link *link = &ret_change->link;
	const struct rtattr *link_info = netlink_attribute(message, IFLA_LINKINFO);
	const struct rtattr *target = netlink_attribute(message, IFLA_NET_NS_FD);
	const struct rtattr *master = netlink_attribute(message, IFLA_MASTER);

	*ret_change = (struct link_change){ .what = LINK_CHANGE };
	link->netns = netns;
	link->index = (uint32_t)info->ifi_index;
	netlink_text(netlink_attribute(message, IFLA_IFNAME), link->name, sizeof(link->name));
	if (message->nlmsg_type == RTM_DELLINK) {
		ret_change->what = LINK_DELETE;
		return true;
	}
	if (info->ifi_family != AF_UNSPEC)
		return false;
	if (target) {
		ret_change->has_netns = true;
		ret_change->netns = namespace_of_fd(stop, netlink_number(target));
	}
	if (master) {
		ret_change->has_master = true;
		link->master = netlink_number(master);
	}
	if (message->nlmsg_type == RTM_NEWLINK && link_info && link->index == 0 &&
		(message->nlmsg_flags & NLM_F_CREATE)) {
		const void *inner = RTA_DATA(link_info);
		size_t length = RTA_PAYLOAD(link_info);
		ret_change->what = LINK_MAKE;
		netlink_text(netlink_nested(inner, length, IFLA_INFO_KIND), link->kind,
			sizeof(link->kind));
		if (strcmp(link->kind, "veth") == 0)
			read_peer(stop, netlink_nested(inner, length, IFLA_INFO_DATA), link);
		return *link->kind;
	}
	return master || target || (link->index && *link->name);
}

static void request(struct stop *stop, const struct netlink_socket *socket)
{
	struct netlink_request request;
	struct link_change change;
	size_t left;

	if (netlink_request_read(stop, &request))
		return;
	for (struct nlmsghdr *message = netlink_first(request.data, request.length, &left); message;
		message = netlink_next(message, &left)) {
		const struct ifinfomsg *info = NLMSG_DATA(message);
		if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) ||
			netlink_header_bytes(message->nlmsg_type) != sizeof(*info))
			continue;
		if (message->nlmsg_type == RTM_GETLINK) {
			if (info->ifi_family == AF_BRIDGE && (message->nlmsg_flags & NLM_F_DUMP))
				add_pending(socket->inode, message->nlmsg_seq)->dumps_bridge_ports =
					true;
			continue;
		}
		if (!read_change(stop, socket->netns, message, &change))
			continue;
		if (!(message->nlmsg_flags & NLM_F_ACK)) {
			netlink_links_change(&change);
			continue;
		}
		struct pending *slot = add_pending(socket->inode, message->nlmsg_seq);
		slot->change = change;
		if (change.what == LINK_MAKE && *change.link.peer && !*change.link.name)
			slot->highest_index = netlink_peer_highest_index(change.link.netns);
	}
}

static void acknowledged(
	const struct netlink_socket *socket, const struct nlmsghdr *message, int error)
{
	struct pending *answered = find_pending(socket->inode, message->nlmsg_seq);

	if (!answered)
		return;
	answered->inode = 0;
	if (error == 0 && answered->highest_index)
		netlink_peer_given_name(answered->change.link.netns, answered->highest_index,
			answered->change.link.name);
	if (error == 0 && !answered->dumps_bridge_ports)
		netlink_links_change(&answered->change);
}

static void add_attributes(const struct netlink_socket *socket, struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	char name[IF_NAMESIZE];

	netlink_text(netlink_attribute(message, IFLA_IFNAME), name, sizeof(name));
	const struct netlink_link *link =
		netlink_links_find(socket->netns, (uint32_t)info->ifi_index, name);
	if (!netlink_attribute(message, IFLA_OPERSTATE)) {
		/* IF_OPER_UNKNOWN, IF_OPER_DOWN and IF_OPER_UP of if.h, which does not go with the C library's. */
		unsigned char state = info->ifi_flags & IFF_LOOPBACK  ? 0
				      : info->ifi_flags & IFF_RUNNING ? 6
								      : 2;
		netlink_append(message, IFLA_OPERSTATE, &state, sizeof(state));
	}
	if (link && link->master && !netlink_attribute(message, IFLA_MASTER))
		netlink_append(message, IFLA_MASTER, &link->master, sizeof(link->master));
	uint32_t peer =
		link && !netlink_attribute(message, IFLA_LINK) ? netlink_peer_index(link) : 0;
	if (peer) {
		netlink_append(message, IFLA_LINK, &peer, sizeof(peer));
		if (link->peer_netns != link->netns)
			netlink_append(
				message, IFLA_LINK_NETNSID, &(int32_t){ 0 }, sizeof(int32_t));
	}
	if (link && *link->kind && !netlink_attribute(message, IFLA_LINKINFO)) {
		struct {
			struct rtattr header;
			char kind[LINK_KIND_BYTES];
		} inner = { { 0 }, { 0 } };
		size_t length = strlen(link->kind) + 1;
		inner.header.rta_len = (unsigned short)RTA_LENGTH(length);
		inner.header.rta_type = IFLA_INFO_KIND;
		memcpy(inner.kind, link->kind, length);
		netlink_append(message, IFLA_LINKINFO, &inner, RTA_LENGTH(RTA_ALIGN(length)));
	}
}

/*
 * iproute2 asks for the numbers of the network namespaces that it has names for, when a link's other end is in another
 * one. A kernel that knows no RTM_GETNSID has given them none, which is what Linux answers of one without a number.
 */
static bool answer_number_of_namespace(struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);
	const int32_t none = NETNSA_NSID_NOT_ASSIGNED;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) || error->error != -EOPNOTSUPP ||
		error->msg.nlmsg_type != RTM_GETNSID)
		return false;
	message->nlmsg_type = RTM_NEWNSID;
	message->nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg));
	memset(NLMSG_DATA(message), 0, NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	netlink_append(message, NETNSA_NSID, &none, sizeof(none));
	return true;
}

static enum reply_edit edit(
	const struct netlink_socket *socket, struct nlmsghdr *message, bool is_last_look)
{
	struct ifinfomsg *info = NLMSG_DATA(message);
	uint32_t length = message->nlmsg_len;

	switch (message->nlmsg_type) {
	case NLMSG_ERROR:
		if (answer_number_of_namespace(message))
			return REPLY_CHANGED;
		if (is_last_look && length >= NLMSG_LENGTH(sizeof(int)))
			acknowledged(socket, message, *(int *)NLMSG_DATA(message));
		return REPLY_AS_IT_IS;
	case NLMSG_DONE:
		if (is_last_look)
			acknowledged(socket, message, 0);
		return REPLY_AS_IT_IS;
	case RTM_NEWADDR:
		return netlink_address_edit(socket, message);
	case RTM_NEWLINK:
		break;
	default:
		return REPLY_AS_IT_IS;
	}
	if (length < NLMSG_LENGTH(sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return REPLY_AS_IT_IS;
	const struct pending *asked = find_pending(socket->inode, message->nlmsg_seq);
	add_attributes(socket, message);
	if (!asked || !asked->dumps_bridge_ports)
		return message->nlmsg_len != length ? REPLY_CHANGED : REPLY_AS_IT_IS;
	/* The kernel answers AF_BRIDGE with all links, as it does AF_UNSPEC. */
	info->ifi_family = AF_BRIDGE;
	return netlink_attribute(message, IFLA_MASTER) ? REPLY_CHANGED : REPLY_LEFT_OUT;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_enter(stop);
	const struct netlink_socket *socket = netlink_socket_of(stop);
	if (!socket)
		return VERDICT_NEXT;
	if (netlink_sends(stop)) {
		request(stop, socket);
		return VERDICT_NEXT;
	}
	return netlink_reply_enter(stop);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_exit(stop);
	return netlink_reply_exit(stop, edit);
}

const struct emulation emulation_netlink_link = {
	.name = "netlink-link",
	.summary =
		"add the kind, the bridge, the other end and the state of links to rtnetlink's replies",
	.default_syscalls = netlink_syscalls,
	.conditions = netlink_conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

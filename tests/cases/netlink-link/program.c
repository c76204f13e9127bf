/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links that are made, renamed, joined to a bridge, put into another namespace and deleted: their kind, bridge and
 * state are told, whether by the kernel or by the rule. Addresses and routes are what was asked for.
 */
#include "route_socket.h"

#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>

static int fd;

struct told {
	int index;
	char kind[16];
	uint32_t master;
	int state;
};

static struct told look(const char *name)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct told told = { .state = -1 };
	struct request request;
	static _Alignas(4) char reply[8192];

	begin(&request, RTM_GETLINK, 0, &info, sizeof(info));
	add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	int error = ask(fd, &request, reply, sizeof(reply));
	if (error) {
		told.index = -error;
		return told;
	}
	const struct nlmsghdr *message = (struct nlmsghdr *)reply;
	const char *attributes = reply + NLMSG_LENGTH(sizeof(info));
	size_t length = message->nlmsg_len - NLMSG_LENGTH(sizeof(info));
	told.index = ((struct ifinfomsg *)NLMSG_DATA(message))->ifi_index;
	const struct rtattr *kind = find(attributes, length, IFLA_LINKINFO);
	const struct rtattr *master = find(attributes, length, IFLA_MASTER);
	const struct rtattr *state = find(attributes, length, IFLA_OPERSTATE);
	if (kind)
		kind = find(RTA_DATA(kind), RTA_PAYLOAD(kind), IFLA_INFO_KIND);
	if (kind)
		snprintf(told.kind, sizeof(told.kind), "%s", (const char *)RTA_DATA(kind));
	if (master)
		told.master = *(uint32_t *)RTA_DATA(master);
	if (state)
		told.state = *(unsigned char *)RTA_DATA(state);
	return told;
}

static void begin_link(struct request *request, int type, int flags, int index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	begin(request, type, flags, &info, sizeof(info));
}

static int make(const char *name, const char *kind, const char *peer, int peer_netns)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct request request;

	begin_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	struct rtattr *outer = add(&request, IFLA_LINKINFO, NULL, 0);
	add(&request, IFLA_INFO_KIND, kind, strlen(kind));
	if (peer) {
		struct rtattr *data = add(&request, IFLA_INFO_DATA, NULL, 0);
		struct rtattr *inner = add(&request, VETH_INFO_PEER, &info, sizeof(info));
		add(&request, IFLA_IFNAME, peer, strlen(peer) + 1);
		if (peer_netns >= 0)
			add(&request, IFLA_NET_NS_FD, &peer_netns, sizeof(peer_netns));
		enclose(&request, inner);
		enclose(&request, data);
	}
	enclose(&request, outer);
	return ask(fd, &request, NULL, 0);
}

static int change(int index, int type, const void *value, size_t length)
{
	struct request request;

	begin_link(&request, RTM_NEWLINK, 0, index);
	add(&request, type, value, length);
	return ask(fd, &request, NULL, 0);
}

static int delete (int index)
{
	struct request request;

	begin_link(&request, RTM_DELLINK, 0, index);
	return ask(fd, &request, NULL, 0);
}

static void up(int index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP };
	struct request request;

	begin(&request, RTM_NEWLINK, 0, &info, sizeof(info));
	CHECK(ask(fd, &request, NULL, 0) == 0);
}

static int address(int type, int index, int bits)
{
	struct ifaddrmsg info = { .ifa_family = AF_INET,
		.ifa_prefixlen = (unsigned char)bits,
		.ifa_index = (unsigned)index };
	struct request request;

	begin(&request, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, &info,
		sizeof(info));
	add(&request, IFA_LOCAL, (unsigned char[]){ 10, 7, 0, 2 }, 4);
	add(&request, IFA_ADDRESS, (unsigned char[]){ 10, 7, 0, 2 }, 4);
	return ask(fd, &request, NULL, 0);
}

static int route(int type, int index, int bits, int last, bool source)
{
	struct rtmsg info = { .rtm_family = AF_INET,
		.rtm_dst_len = (unsigned char)bits,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = type == RTM_DELROUTE ? 0 : RTPROT_BOOT,
		.rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : RT_SCOPE_LINK,
		.rtm_type = type == RTM_DELROUTE ? 0 : RTN_UNICAST };
	struct request request;

	begin(&request, type, type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL : 0, &info,
		sizeof(info));
	add(&request, RTA_DST, (unsigned char[]){ 10, 7, 0, (unsigned char)last }, 4);
	if (source)
		add(&request, RTA_PREFSRC, (unsigned char[]){ 10, 7, 0, 2 }, 4);
	add(&request, RTA_OIF, &index, sizeof(index));
	return ask(fd, &request, NULL, 0);
}

/* How many routes lead to 10.7.0.0/24, and the prefix of address 10.7.0.2. */
static void count(int *ret_routes, int *ret_prefix)
{
	static _Alignas(4) char reply[65536];
	struct rtmsg info = { .rtm_family = AF_INET };
	struct request request;

	*ret_routes = *ret_prefix = 0;
	for (int what = 0; what < 2; what++) {
		begin(&request, what ? RTM_GETADDR : RTM_GETROUTE, NLM_F_DUMP, &info, sizeof(info));
		send_request(fd, &request);
		for (bool more = true; more;) {
			ssize_t n = recv(fd, reply, sizeof(reply), 0);
			CHECK(n > 0);
			size_t left = (size_t)n;
			for (struct nlmsghdr *m = (struct nlmsghdr *)reply; NLMSG_OK(m, left);
				m = NLMSG_NEXT(m, left)) {
				more = m->nlmsg_type != NLMSG_DONE;
				unsigned char *body = NLMSG_DATA(m);
				size_t header = what ? sizeof(struct ifaddrmsg) : sizeof(info);
				if (!more || m->nlmsg_type == NLMSG_ERROR)
					break;
				const struct rtattr *to =
					find(body + header, m->nlmsg_len - NLMSG_LENGTH(header),
						what ? IFA_LOCAL : RTA_DST);
				if (!to || memcmp(RTA_DATA(to), what ? "\12\7\0\2" : "\12\7\0\0",
						   4) != 0)
					continue;
				*ret_routes += !what && body[1] == 24;
				*ret_prefix += what ? body[1] : 0;
			}
		}
	}
}

int main(void)
{
	int routes, prefix;

	if (unshare(CLONE_NEWNET))
		skip("no new network namespace: %s", strerror(errno));
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	fd = route_socket(0);
	if (make("br7", "bridge", NULL, -1))
		skip("no bridges here");
	CHECK(make("br7", "veth", "never", -1) == EEXIST);
	struct told bridge = look("br7"), lo = look("lo");
	CHECK(strcmp(bridge.kind, "bridge") == 0 && bridge.state >= 0);
	CHECK(strcmp(lo.kind, "") == 0 && lo.state >= 0);

	CHECK(unshare(CLONE_NEWNET) == 0);
	int there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there_fd = route_socket(0), here_fd = fd;
	CHECK(setns(here, CLONE_NEWNET) == 0);
	CHECK(make("va7", "veth", "vb7", there) == 0);
	struct told one = look("va7");
	CHECK(strcmp(one.kind, "veth") == 0 && one.master == 0);
	CHECK(change(one.index, IFLA_MASTER, &bridge.index, 4) == 0);
	up(one.index);
	up(bridge.index);
	CHECK(look("va7").master == (uint32_t)bridge.index);
	CHECK(look("vb7").index == -ENODEV);

	/* A socket belongs to the namespace that it was made in, whatever its user's is now. */
	fd = there_fd;
	CHECK(look("br7").index == -ENODEV);
	struct told other = look("vb7");
	CHECK(strcmp(other.kind, "veth") == 0);
	up(other.index);
	CHECK(change(other.index, IFLA_IFNAME, "eth7", 5) == 0 || in_sandbox());
	const char *name = look("eth7").index == other.index ? "eth7" : "vb7";
	CHECK(strcmp(look(name).kind, "veth") == 0);
	fd = here_fd;
	up(one.index);
	CHECK(look("va7").state == 6);

	/* What the CNI plugin ptp does. */
	fd = there_fd;
	CHECK(address(RTM_NEWADDR, other.index, 24) == 0);
	count(&routes, &prefix);
	CHECK(routes == 1 && prefix == 24);
	CHECK(route(RTM_DELROUTE, other.index, 24, 0, false) == 0);
	count(&routes, &prefix);
	CHECK(routes == 0 && prefix == 24);
	CHECK(route(RTM_NEWROUTE, other.index, 32, 1, true) == 0);
	CHECK(route(RTM_NEWROUTE, other.index, 24, 0, true) == 0);
	count(&routes, &prefix);
	CHECK(routes == 1 && prefix == 24);
	CHECK(address(RTM_DELADDR, other.index, 24) == 0);
	count(&routes, &prefix);
	CHECK(prefix == 0);

	/* One end takes the other along. */
	CHECK(delete (other.index) == 0);
	CHECK(look(name).index == -ENODEV);
	fd = here_fd;
	for (int tries = 0; look("va7").index != -ENODEV && tries < 100; tries++)
		usleep(10000);
	CHECK(look("va7").index == -ENODEV);
	CHECK(delete (bridge.index) == 0);
	CHECK(look("br7").index == -ENODEV);
	return success();
}

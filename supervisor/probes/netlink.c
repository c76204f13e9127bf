/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What rtnetlink(7) knows. The questions change nothing where they are asked, so that no network namespace is made for
 * them: Linux takes up to 20 ms to end one, and lets nobody make another meanwhile. Whoever may not ask where he is,
 * or has to change something, asks in a namespace made for it.
 */
#include "experiments.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <sys/socket.h>

/* A message of one family's header and a few attributes, and the answer to it. */
struct exchange {
	int fd;
	int lo; /* lo's number there; 0: not asked yet */
	struct {
		struct nlmsghdr header;
		unsigned char body[256];
	} request;
	_Alignas(NLMSG_ALIGNTO) unsigned char reply[8192];
	size_t length; /* of the reply */
};

static void begin(struct exchange *exchange, unsigned short type, unsigned short flags,
	const void *header, size_t length)
{
	exchange->request.header = (struct nlmsghdr){ .nlmsg_len = (uint32_t)NLMSG_LENGTH(length),
		.nlmsg_type = type,
		.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.nlmsg_seq = 1 };
	memset(exchange->request.body, 0, sizeof(exchange->request.body));
	memcpy(exchange->request.body, header, length);
}

static void add(
	struct exchange *exchange, unsigned short type, const void *value, unsigned short length)
{
	struct nlmsghdr *header = &exchange->request.header;
	size_t at = NLMSG_ALIGN(header->nlmsg_len) - NLMSG_HDRLEN;
	struct rtattr *attribute = (struct rtattr *)(exchange->request.body + at);

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(attribute), value, length);
	header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + RTA_LENGTH(length);
}

/* Sends it, and reads until the acknowledgement: 0, or the errno that it tells or that the socket gives. */
static int ask(struct exchange *exchange)
{
	exchange->length = 0;
	if (send(exchange->fd, &exchange->request, exchange->request.header.nlmsg_len, 0) < 0)
		return errno;
	for (;;) {
		unsigned char *here = exchange->reply + exchange->length;
		ssize_t n = recv(exchange->fd, here, sizeof(exchange->reply) - exchange->length, 0);
		if (n <= 0)
			return n < 0 ? errno : EPIPE;
		exchange->length += NLMSG_ALIGN((size_t)n);
		for (size_t left = (size_t)n; left >= sizeof(struct nlmsghdr);) {
			const struct nlmsghdr *message = (struct nlmsghdr *)here;
			size_t bytes = NLMSG_ALIGN(message->nlmsg_len);
			if (message->nlmsg_len < sizeof(*message) || bytes > left)
				break;
			if (message->nlmsg_type == NLMSG_ERROR)
				return -*(const int *)NLMSG_DATA(message);
			here += bytes;
			left -= bytes;
		}
	}
}

static int open_route(struct exchange *exchange)
{
	exchange->lo = 0;
	exchange->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return exchange->fd < 0 ? errno : 0;
}

static int not_asked(char evidence[PROBE_EVIDENCE_MAX], const char *what, int error)
{
	return probe_say(evidence, 0, "not asked: %s = %s", what, probe_errno_name(error));
}

static int lo(struct exchange *exchange)
{
	if (exchange->lo == 0)
		exchange->lo = (int)if_nametoindex("lo");
	return exchange->lo;
}

/* About lo, changing nothing. */
static void begin_link(struct exchange *exchange, unsigned short type)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = lo(exchange) };

	begin(exchange, type, 0, &info, sizeof(info));
}

static bool has_attribute(const struct exchange *exchange, unsigned short type)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)exchange->reply;
	size_t at = NLMSG_LENGTH(sizeof(struct ifinfomsg));

	while (message->nlmsg_type == RTM_NEWLINK &&
		at + sizeof(struct rtattr) <= message->nlmsg_len) {
		const struct rtattr *attribute = (const struct rtattr *)(exchange->reply + at);
		if (attribute->rta_type == type)
			return true;
		if (attribute->rta_len < sizeof(*attribute))
			break;
		at += RTA_ALIGN(attribute->rta_len);
	}
	return false;
}

int ask_link_state_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	int error = open_route(&exchange);

	if (error)
		return not_asked(evidence, "socket(NETLINK_ROUTE)", error);
	begin_link(&exchange, RTM_GETLINK);
	error = ask(&exchange);
	close(exchange.fd);
	if (error)
		return not_asked(evidence, "RTM_GETLINK of lo", error);
	bool is_there = has_attribute(&exchange, IFLA_OPERSTATE);
	return probe_say(evidence, !is_there, "RTM_GETLINK of lo gives %s IFLA_OPERSTATE",
		is_there ? "an" : "no");
}

/* In a new network namespace: 0 with a socket in it, 1 with *evidence, or PROBE_NOT_ALONE. */
static int enter_namespace(struct exchange *exchange, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	int error = -probe_enter_namespaces(CLONE_NEWNET);
	const char *what = "unshare(CLONE_NEWNET)";

	if (!error) {
		what = "socket(NETLINK_ROUTE)";
		error = open_route(exchange);
	}
	if (error)
		not_asked(evidence, what, error);
	return error ? 1 : 0;
}

/* What a question asks first, to be understood: 0, or what ask() gives. */
typedef int first_request(struct exchange *exchange);

/* 0 with a socket where the request is permitted, and its result; else as enter_namespace(). */
static int open_permitted(struct exchange *exchange, first_request *request, int *ret_error,
	char evidence[PROBE_EVIDENCE_MAX])
{
	int error = open_route(exchange);

	if (error) {
		not_asked(evidence, "socket(NETLINK_ROUTE)", error);
		return 1;
	}
	*ret_error = request(exchange);
	if (*ret_error != EPERM)
		return 0;
	close(exchange->fd);
	int r = enter_namespace(exchange, evidence);
	if (r)
		return r;
	*ret_error = request(exchange);
	return 0;
}

static int set_link(struct exchange *exchange)
{
	begin_link(exchange, RTM_SETLINK);
	return ask(exchange);
}

int ask_bridge_port_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	int error;

	int r = open_permitted(&exchange, set_link, &error, evidence);
	if (r)
		return MIN(r, 0);
	if (error == 0) {
		/* Linux passes it over where the family is not AF_BRIDGE; lo need be no port for that. */
		begin_link(&exchange, RTM_SETLINK);
		add(&exchange, IFLA_PROTINFO | NLA_F_NESTED, NULL, 0);
		error = ask(&exchange);
		probe_say(evidence, 0, "RTM_SETLINK of lo with IFLA_PROTINFO %s%s",
			error ? "= " : "works", error ? probe_errno_name(error) : "");
	} else {
		not_asked(evidence, "RTM_SETLINK of lo", error);
		error = 0;
	}
	close(exchange.fd);
	return error == EOPNOTSUPP;
}

int ask_setlink_refuses_create(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	int plain;

	int r = open_permitted(&exchange, set_link, &plain, evidence);
	if (r)
		return MIN(r, 0);
	begin_link(&exchange, RTM_SETLINK);
	/* Linux looks at none of them here. */
	exchange.request.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	int error = ask(&exchange);
	close(exchange.fd);
	if (plain)
		return not_asked(evidence, "RTM_SETLINK of lo", plain);
	return probe_say(evidence, error == EINVAL, "RTM_SETLINK of lo with NLM_F_CREATE %s%s",
		error ? "= " : "works", error ? probe_errno_name(error) : "");
}

/* To 192.0.2.0/24, which is for documentation, by an interface. Without NLM_F_CREATE none is made. */
static void begin_route(struct exchange *exchange, unsigned short type, int interface)
{
	struct rtmsg route = { .rtm_family = AF_INET,
		.rtm_dst_len = 24,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST };

	begin(exchange, type, 0, &route, sizeof(route));
	add(exchange, RTA_DST, (unsigned char[]){ 192, 0, 2, 0 }, 4);
	add(exchange, RTA_OIF, &interface, sizeof(interface));
}

static int make_route(struct exchange *exchange)
{
	begin_route(exchange, RTM_NEWROUTE, lo(exchange));
	return ask(exchange);
}

int ask_route_source_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	int without;

	int r = open_permitted(&exchange, make_route, &without, evidence);
	if (r)
		return MIN(r, 0);
	begin_route(&exchange, RTM_NEWROUTE, lo(&exchange));
	add(&exchange, RTA_PREFSRC, (unsigned char[]){ 127, 0, 0, 1 }, 4);
	int with = ask(&exchange);
	close(exchange.fd);
	if (without == EOPNOTSUPP)
		return not_asked(evidence, "RTM_NEWROUTE", without);
	return probe_say(evidence, with == EOPNOTSUPP, "RTM_NEWROUTE with RTA_PREFSRC %s%s",
		with ? "= " : "works", with ? probe_errno_name(with) : "");
}

int ask_routes_not_deleted(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	int made;

	int r = open_permitted(&exchange, make_route, &made, evidence);
	if (r)
		return MIN(r, 0);
	begin_route(&exchange, RTM_DELROUTE, INT_MAX); /* there is none by that interface */
	int deleted = ask(&exchange);
	close(exchange.fd);
	/* Where routes can be neither made nor deleted, deleting them is not what is missing. */
	if (made == EOPNOTSUPP)
		return not_asked(evidence, "RTM_NEWROUTE", made);
	return probe_say(evidence, deleted == EOPNOTSUPP, "RTM_DELROUTE %s%s",
		deleted ? "= " : "works", deleted ? probe_errno_name(deleted) : "");
}

/* An address as the way to everywhere. Linux has to know the interface that it is reached by. */
static void begin_default_route(
	struct exchange *exchange, unsigned short flags, const unsigned char gateway[4])
{
	struct rtmsg route = { .rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST };

	begin(exchange, RTM_NEWROUTE, flags, &route, sizeof(route));
	add(exchange, RTA_GATEWAY, gateway, 4);
}

/* By 240.0.0.1, which is nobody's neighbour. Changes nothing, as it does not say NLM_F_CREATE. */
static int try_default_route(struct exchange *exchange)
{
	begin_default_route(exchange, 0, (unsigned char[]){ 240, 0, 0, 1 });
	return ask(exchange);
}

/* A bridge with an address, and a default route by a neighbour of it: what `ip route add default via` makes. */
static int make_default_route(struct exchange *exchange, const char **ret_step)
{
	const unsigned char address[] = { 192, 0, 2, 1 };
	static const char name[] = "probe0", kind[] = "bridge";
	struct {
		struct rtattr header;
		char kind[8];
	} info = { { .rta_len = RTA_LENGTH(sizeof(kind) - 1), .rta_type = IFLA_INFO_KIND },
		"bridge" };
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct ifaddrmsg of_link = { .ifa_family = AF_INET, .ifa_prefixlen = 24 };

	*ret_step = "RTM_NEWLINK of a bridge";
	begin(exchange, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	add(exchange, IFLA_IFNAME, name, sizeof(name));
	add(exchange, IFLA_LINKINFO, &info, sizeof(info)); /* gVisor wants it padded */
	int error = ask(exchange);
	if (error)
		return error;
	*ret_step = "RTM_NEWLINK, up";
	link.ifi_index = (int)if_nametoindex(name);
	link.ifi_flags = link.ifi_change = IFF_UP;
	begin(exchange, RTM_NEWLINK, 0, &link, sizeof(link));
	error = ask(exchange);
	if (error)
		return error;
	*ret_step = "RTM_NEWADDR";
	of_link.ifa_index = if_nametoindex(name);
	begin(exchange, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &of_link, sizeof(of_link));
	add(exchange, IFA_LOCAL, address, sizeof(address));
	add(exchange, IFA_ADDRESS, address, sizeof(address));
	error = ask(exchange);
	if (error)
		return error;
	*ret_step = "RTM_NEWROUTE";
	begin_default_route(exchange, NLM_F_CREATE | NLM_F_EXCL, (unsigned char[]){ 192, 0, 2, 2 });
	return ask(exchange);
}

int ask_default_route_hidden(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct exchange exchange;
	char line[256];
	const char *step;
	bool is_shown = false;

	int error = open_route(&exchange);
	if (error)
		return not_asked(evidence, "socket(NETLINK_ROUTE)", error);
	error = try_default_route(&exchange);
	close(exchange.fd);
	/* EINVAL: it is reached, but not at once. */
	if (error == ENETUNREACH || error == EINVAL)
		return probe_say(evidence, 0, "RTM_NEWROUTE by no neighbour's address = %s",
			probe_errno_name(error));
	int r = enter_namespace(&exchange, evidence);
	if (r)
		return MIN(r, 0);
	error = make_default_route(&exchange, &step);
	close(exchange.fd);
	if (error)
		return not_asked(evidence, step, error);
	FILE *routes = fopen("/proc/thread-self/net/route", "re");
	if (!routes)
		routes = fopen("/proc/self/net/route", "re");
	if (!routes)
		return not_asked(evidence, "open(\"/proc/self/net/route\")", errno);
	while (fgets(line, sizeof(line), routes))
		is_shown |= strstr(line, "\t00000000\t020200C0\t") != NULL;
	fclose(routes);
	return probe_say(evidence, !is_shown, "/proc/net/route %s a default route without a device",
		is_shown ? "shows" : "does not show");
}

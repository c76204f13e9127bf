/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = default-route: gVisor lists a default route in /proc/net/route only if it was made with its interface, which
 * `ip route add default via ADDRESS` leaves to the kernel. Kubernetes' programs look there for the interface whose
 * address is the machine's, and end with "no default routes found". The line is added, with the interface that
 * the gateway is reached by.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>

#include "edited_file.h"
#include "emulation.h"
#include "namespace_identity.h"
#include "netlink.h"

enum { ROUTES_MAX = 256, REPLY_BYTES = 32768, WIDTH = 127 /* of a line, as the kernel pads it */ };

struct route {
	uint32_t destination, gateway; /* network byte order; 0: none */
	unsigned char bits; /* of the destination */
	int interface; /* 0: none is told */
};

struct routes {
	struct route list[ROUTES_MAX];
	size_t n;
};

static void add_route(struct routes *routes, const struct nlmsghdr *message)
{
	const struct rtmsg *header = NLMSG_DATA(message);
	struct route route = { .bits = header->rtm_dst_len };
	int left = (int)RTM_PAYLOAD(message);

	if (header->rtm_family != AF_INET || header->rtm_type != RTN_UNICAST ||
		(header->rtm_table != RT_TABLE_MAIN && header->rtm_table != RT_TABLE_UNSPEC) ||
		routes->n == ROUTES_MAX || route.bits > 32)
		return;
	for (const struct rtattr *attribute = RTM_RTA(header); RTA_OK(attribute, left);
		attribute = RTA_NEXT(attribute, left)) {
		if (RTA_PAYLOAD(attribute) < sizeof(uint32_t))
			continue;
		if (attribute->rta_type == RTA_DST)
			memcpy(&route.destination, RTA_DATA(attribute), sizeof(uint32_t));
		else if (attribute->rta_type == RTA_GATEWAY)
			memcpy(&route.gateway, RTA_DATA(attribute), sizeof(uint32_t));
		else if (attribute->rta_type == RTA_OIF)
			memcpy(&route.interface, RTA_DATA(attribute), sizeof(int));
	}
	routes->list[routes->n++] = route;
}

/* The IPv4 routes of this process's network namespace: 0, or -errno. */
static int read_routes(struct routes *ret_routes)
{
	static _Alignas(NLMSG_ALIGNTO) char reply[REPLY_BYTES];
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
	} request = { { .nlmsg_len = sizeof(request),
			      .nlmsg_type = RTM_GETROUTE,
			      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		{ .rtm_family = AF_INET } };
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	ret_routes->n = 0;
	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	for (;;) {
		struct sockaddr_nl from;
		socklen_t from_length = sizeof(from);
		ssize_t n = recvfrom(fd, reply, sizeof(reply), MSG_DONTWAIT,
			(struct sockaddr *)&from, &from_length);
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		size_t left;
		if (from_length != sizeof(from) || from.nl_pid != 0)
			continue; /* a process has sent it */
		for (struct nlmsghdr *message = netlink_first(reply, (size_t)n, &left); message;
			message = netlink_next(message, &left)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return 0;
			if (message->nlmsg_type == NLMSG_ERROR)
				return -EIO;
			if (message->nlmsg_type == RTM_NEWROUTE &&
				message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
				add_route(ret_routes, message);
		}
	}
}

/* The interface of the most exact route to the address that needs no gateway; 0: none. */
static int interface_to(const struct routes *routes, uint32_t address)
{
	int bits = -1, interface = 0;

	for (size_t i = 0; i < routes->n; i++) {
		const struct route *route = &routes->list[i];
		uint32_t mask = route->bits ? htonl(~UINT32_C(0) << (32 - route->bits)) : 0;
		if (route->gateway || !route->interface || route->bits <= bits ||
			(address & mask) != (route->destination & mask))
			continue;
		bits = route->bits;
		interface = route->interface;
	}
	return interface;
}

/* As the kernel writes such a line: addresses as numbers of the machine's byte order, flags up and gateway. */
static void write_line(FILE *out, const char *interface, uint32_t gateway)
{
	char line[WIDTH + 1];

	snprintf(line, sizeof(line), "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u",
		interface, 0, gateway, 3, 0, 0, 0, 0, 0, 0, 0);
	fprintf(out, "%-*s\n", WIDTH, line);
}

/* The supervisor asks for the routes, so they are those of its own network namespace. */
static bool is_our_network(struct stop *stop)
{
	return namespace_identity(stop_tid(stop), SCOPE_NET) ==
	       namespace_identity(getpid(), SCOPE_NET);
}

static char *edit(struct stop *stop, const void *config, const char *path, const char *text,
	size_t length, size_t *ret_length)
{
	static struct routes routes;
	char name[IF_NAMESIZE], *edited = NULL;
	bool is_changed = false;
	size_t size;

	if (!is_our_network(stop) || read_routes(&routes))
		return NULL;
	FILE *out = open_memstream(&edited, &size);
	if (!out)
		return NULL;
	fwrite(text, 1, length, out);
	for (size_t i = 0; i < routes.n; i++) {
		const struct route *route = &routes.list[i];
		if (route->bits || !route->gateway || route->interface ||
			!if_indextoname((unsigned)interface_to(&routes, route->gateway), name))
			continue;
		write_line(out, name, route->gateway);
		is_changed = true;
	}
	if (fclose(out) || !is_changed) {
		free(edited);
		return NULL;
	}
	*ret_length = size;
	return edited;
}

static const char *const known_names[] = { "route", NULL };

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) ||
		!is_our_network(stop))
		return VERDICT_NEXT;
	return edited_file_enter(stop, path);
}

const struct emulation emulation_default_route = {
	.name = "default-route",
	.summary =
		"show the default route in /proc/net/route also where it was made without its interface",
	.default_syscalls = EDITED_FILE_SYSCALLS,
	.default_path = "/proc/**/net/route",
	.known_names = known_names,
	.edit = edit,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = edited_file_exit,
};

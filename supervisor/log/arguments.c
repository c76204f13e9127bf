/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arguments.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "format.h"

void log_format_list(const char *const strings[], size_t n, char *ret_text, int size)
{
	struct line line = { .text = ret_text, .size = size };

	line_add(&line, "[");
	int end = line.length + LOG_LIST_WIDTH;
	for (size_t i = 0; i < n; i++) {
		line_add(&line, i > 0 ? ", " : "");
		/* What is behind a text that is cut is not told. */
		int room = end - line.length - (int)strlen("\"\"");
		if (room <= 0)
			line_add(&line, "...");
		if (room <= 0 || !line_add_quoted(&line, strings[i], room))
			break;
	}
	line_add(&line, "]");
}

/* An abstract one begins with a NUL, and has all bytes of its length, NULs as well. */
static void add_unix(struct line *line, const struct sockaddr_un *address, size_t length)
{
	char path[sizeof(address->sun_path) + 1] = "";

	length = MIN(length - offsetof(struct sockaddr_un, sun_path), sizeof(address->sun_path));
	line_add(line, "AF_UNIX");
	if (length == 0)
		return;
	memcpy(path, address->sun_path, length);
	line_add(line, ", sun_path=%s\"", path[0] ? "" : "@");
	if (path[0])
		line_add_data(line, path, strlen(path), "\"");
	else
		line_add_data(line, path + 1, length - 1, "\"");
	line_add(line, "\"");
}

static void add_inet(struct line *line, const struct sockaddr_in *address)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
	line_add(line, "AF_INET, sin_port=htons(%d), sin_addr=inet_addr(\"%s\")",
		ntohs(address->sin_port), text);
}

static void add_inet6(struct line *line, const struct sockaddr_in6 *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &address->sin6_addr, text, sizeof(text));
	line_add(line, "AF_INET6, sin6_port=htons(%d), inet_pton(AF_INET6, \"%s\", &sin6_addr)",
		ntohs(address->sin6_port), text);
	if (address->sin6_scope_id)
		line_add(line, ", sin6_scope_id=%u", address->sin6_scope_id);
}

void log_format_socket_address(const void *address, size_t length, char *ret_text, int size)
{
	struct line line = { .text = ret_text, .size = size };
	union {
		struct sockaddr_storage storage;
		struct sockaddr_un un;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_nl nl;
	} any = { .storage = { 0 } };

	memcpy(&any, address, MIN(length, sizeof(any)));
	sa_family_t family = any.storage.ss_family;
	line_add(&line, "{sa_family=");
	if (family == AF_UNIX)
		add_unix(&line, &any.un, length);
	else if (family == AF_INET && length >= sizeof(any.in))
		add_inet(&line, &any.in);
	else if (family == AF_INET6 && length >= sizeof(any.in6))
		add_inet6(&line, &any.in6);
	else if (family == AF_NETLINK && length >= sizeof(any.nl))
		line_add(&line, "AF_NETLINK, nl_pid=%d, nl_groups=%08x", (int)any.nl.nl_pid,
			any.nl.nl_groups);
	else if (family == AF_UNSPEC)
		line_add(&line, "AF_UNSPEC");
	else
		line_add(&line, "%d", family);
	line_add(&line, "}");
}

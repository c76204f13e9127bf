/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = netlink-drop: attributes and flags of rtnetlink requests for whose sake alone the kernel refuses the request. */
#include <sys/syscall.h>

#include "constants.h"
#include "netlink.h"

struct drop_config {
	uint64_t type; /* of the message, RTM_ */
	uint64_t attribute; /* IFLA_, RTA_, IFA_ or NDA_, as the type has it; 0: none */
	uint64_t flags; /* NLM_F_ */
};

static int number(const struct rule_options *options, const char *key, uint64_t *ret_number,
	struct rule_error *error)
{
	const struct rule_option *option = rule_options_find(options, key);

	if (!option)
		return 0;
	if (constant_value(option->value, ret_number) || *ret_number > UINT16_MAX)
		return rule_option_error(error, options, option,
			"\"%s\" is not a number or a constant of rtnetlink(7), such as RTM_NEWROUTE "
			"and RTA_PREFSRC",
			option->value);
	return 0;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct drop_config *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	int r = number(options, "type", &config->type, error);
	if (r == 0 && netlink_header_bytes((unsigned)config->type) == 0)
		r = rule_option_error(error, options, rule_options_find(options, "type"),
			"only messages about links, addresses, routes and neighbours are known");
	if (r == 0)
		r = number(options, "attribute", &config->attribute, error);
	if (r == 0)
		r = number(options, "flags", &config->flags, error);
	if (r == 0 && !config->attribute && !config->flags)
		r = rule_error_at(error, options->file, options->line, 1,
			"rule \"%s\": do = netlink-drop needs \"attribute\" or \"flags\"",
			options->rule);
	return r;
}

/* Takes the attribute out of a message, and what follows nearer; the bytes by which all is shorter. */
static size_t take_out(
	struct netlink_request *request, struct nlmsghdr *message, struct rtattr *attribute)
{
	unsigned char *start = (unsigned char *)attribute, *end = request->data + request->length;
	size_t in_message = (size_t)((unsigned char *)message + message->nlmsg_len - start);
	size_t bytes = RTA_ALIGN(attribute->rta_len);

	/* The very last one need not be padded. */
	if (bytes > (size_t)(end - start))
		bytes = (size_t)(end - start);
	memmove(start, start + bytes, (size_t)(end - start) - bytes);
	message->nlmsg_len -= (uint32_t)(bytes < in_message ? bytes : in_message);
	request->length -= bytes;
	return bytes;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	const struct drop_config *config = data;
	struct netlink_request request;
	struct rtattr *attribute;
	bool changed = false;
	size_t left;

	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_enter(stop);
	if (!netlink_sends(stop) || !netlink_socket_of(stop) ||
		netlink_request_read(stop, &request))
		return VERDICT_NEXT;
	for (struct nlmsghdr *message = netlink_first(request.data, request.length, &left); message;
		message = netlink_next(message, &left)) {
		if (message->nlmsg_type != config->type)
			continue;
		if (message->nlmsg_flags & config->flags) {
			message->nlmsg_flags &= (unsigned short)~config->flags;
			changed = true;
		}
		while (config->attribute &&
			(attribute = netlink_attribute(message, (unsigned)config->attribute))) {
			left -= take_out(&request, message, attribute);
			changed = true;
		}
	}
	return changed ? netlink_request_send(stop, &request) : VERDICT_NEXT;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_socket)
		return netlink_socket_exit(stop);
	netlink_request_exit(stop);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "type", "the type of the requests, such as RTM_NEWROUTE", true },
	{ "attribute", "what is left out, such as RTA_PREFSRC", false },
	{ "flags", "bits of the requests' flags to take out, such as NLM_F_CREATE", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_netlink_drop = {
	.name = "netlink-drop",
	.summary = "leave an attribute or flags out of rtnetlink requests",
	.default_syscalls = netlink_send_syscalls,
	.options = options,
	.parse = parse,
	.conditions = netlink_conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

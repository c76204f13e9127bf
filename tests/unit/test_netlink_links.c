/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_emulations gvtrace_rules gvtrace_abi gvtrace_util */
/* What is known of links, as programs make, move and delete them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "netlink_links.h"

static const uint64_t netns = 76;

static void a_veth_takes_its_other_end_along(void **state)
{
	struct link_change change = { .what = LINK_MAKE,
		.link = { .netns = netns,
			.name = "a",
			.kind = "veth",
			.peer = "b",
			.peer_netns = 77 } };

	netlink_links_change(&change);
	assert_string_equal(netlink_links_find(77, 3, "b")->kind, "veth");
	assert_null(netlink_links_find(78, 3, "b"));
	netlink_links_find(netns, 2, "a");
	/* It moves, and is renamed there. */
	change = (struct link_change){ .what = LINK_CHANGE,
		.link = { .netns = 77, .index = 3 },
		.has_netns = true,
		.netns = 78 };
	netlink_links_change(&change);
	assert_null(netlink_links_find(77, 3, "b"));
	assert_non_null(netlink_links_find(78, 2, "b"));
	change = (struct link_change){ .what = LINK_CHANGE,
		.link = { .netns = 78, .index = 2, .name = "eth0" } };
	netlink_links_change(&change);
	change = (struct link_change){ .what = LINK_DELETE,
		.link = { .netns = netns, .name = "a" } };
	netlink_links_change(&change);
	assert_null(netlink_links_find(netns, 2, "a"));
	assert_null(netlink_links_find(78, 2, "eth0"));
}

static bool only_even(enum sysctl_scope scope, uint64_t id, void *data)
{
	return id % 2 == 0;
}

static void links_are_bounded_and_go_with_their_namespace(void **state)
{
	struct link_change change = { .what = LINK_MAKE, .link = { .kind = "bridge" } };

	for (unsigned i = 0; i < 5000; i++) {
		change.link.netns = 1000 + i % 10;
		snprintf(change.link.name, sizeof(change.link.name), "br%u", i);
		netlink_links_change(&change);
	}
	assert_null(netlink_links_find(1000, 1, "br0"));
	assert_non_null(netlink_links_find(1009, 1, "br4999"));
	assert_non_null(netlink_links_find(1008, 1, "br4998"));
	netlink_links_collect(only_even, NULL);
	assert_null(netlink_links_find(1009, 1, "br4999"));
	assert_non_null(netlink_links_find(1008, 1, "br4998"));
	netlink_links_namespace_new(1008);
	assert_null(netlink_links_find(1008, 1, "br4998"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_veth_takes_its_other_end_along),
		cmocka_unit_test(links_are_bounded_and_go_with_their_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

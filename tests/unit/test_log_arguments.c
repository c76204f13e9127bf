/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_log */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "arguments.h"
#include "util.h"

static const char *list(size_t n, const char *const *strings)
{
	static char text[LOG_ARGUMENT_BYTES];

	log_format_list(strings, n, text, sizeof(text));
	return text;
}

#define LIST(...)                                                \
	list(ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })), \
		(const char *const[]){ __VA_ARGS__ })

static void test_list(void **state)
{
	assert_string_equal(list(0, NULL), "[]");
	assert_string_equal(LIST("a"), "[\"a\"]");
	assert_string_equal(LIST("sh", "-c", "echo \"$1\"\n", ""),
		"[\"sh\", \"-c\", \"echo \\\"$1\\\"\\n\", \"\"]");
}

static void test_long_lists_are_cut(void **state)
{
	static char a[LOG_LIST_WIDTH + 2], expected[2 * LOG_ARGUMENT_BYTES];
	const char *many[LOG_LIST_STRINGS];

	/* Just enough room for both quotes, and not. */
	memset(a, 'a', LOG_LIST_WIDTH - 2);
	snprintf(expected, sizeof(expected), "[\"%s\"]", a);
	assert_string_equal(LIST(a), expected);
	snprintf(expected, sizeof(expected), "[\"%s\", ...]", a);
	assert_string_equal(LIST(a, "b"), expected);
	snprintf(expected, sizeof(expected), "[\"%s\"...]", a);
	a[LOG_LIST_WIDTH - 2] = 'a';
	assert_string_equal(LIST(a), expected);
	assert_string_equal(LIST(a, "b"), expected);

	memset(a, '\377', LOG_LIST_WIDTH);
	const char *end = LIST("a", a) + strlen(LIST("a", a)) - strlen("\\377\"...]");
	assert_string_equal(end, "\\377\"...]");
	for (size_t i = 0; i < LOG_LIST_STRINGS; i++)
		many[i] = "";
	const char *written = list(LOG_LIST_STRINGS, many);
	assert_in_range(strlen(written), LOG_LIST_WIDTH, LOG_ARGUMENT_BYTES - 1);
	assert_string_equal(written + strlen(written) - strlen("\"\", ...]"), "\"\", ...]");
}

static const char *address(const void *any, size_t length)
{
	static char text[LOG_ARGUMENT_BYTES];

	log_format_socket_address(any, length, text, sizeof(text));
	return text;
}

static void test_unix_addresses(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/\"x\n" };
	const size_t begin = offsetof(struct sockaddr_un, sun_path);
	char whole[200] = "{sa_family=AF_UNIX, sun_path=\"";

	assert_string_equal(
		address(&un, sizeof(un)), "{sa_family=AF_UNIX, sun_path=\"/run/\\\"x\\n\"}");
	assert_string_equal(address(&un, begin + 4), "{sa_family=AF_UNIX, sun_path=\"/run\"}");
	assert_string_equal(address(&un, begin), "{sa_family=AF_UNIX}");
	memcpy(un.sun_path, "\0a\0001\0", 5);
	assert_string_equal(
		address(&un, begin + 5), "{sa_family=AF_UNIX, sun_path=@\"a\\0001\\0\"}");
	assert_string_equal(address(&un, begin + 1), "{sa_family=AF_UNIX, sun_path=@\"\"}");
	/* A path without a NUL, in a longer address. */
	memset(un.sun_path, 'p', sizeof(un.sun_path));
	struct sockaddr_storage storage = { 0 };
	memcpy(&storage, &un, sizeof(un));
	memset((char *)&storage + sizeof(un), 'q', sizeof(storage) - sizeof(un));
	memset(whole + strlen(whole), 'p', sizeof(un.sun_path));
	strcat(whole, "\"}");
	assert_string_equal(address(&storage, sizeof(storage)), whole);
}

static void test_other_addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(8080) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 0x11 };
	struct sockaddr_storage other = { .ss_family = AF_PACKET };

	in.sin_addr.s_addr = htonl(0x7f000001);
	assert_string_equal(address(&in, sizeof(in)),
		"{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr(\"127.0.0.1\")}");
	assert_string_equal(address(&in, sizeof(in) - 1), "{sa_family=2}");
	in6.sin6_addr = in6addr_loopback;
	assert_string_equal(address(&in6, sizeof(in6)),
		"{sa_family=AF_INET6, sin6_port=htons(53), inet_pton(AF_INET6, \"::1\", &sin6_addr)}");
	in6.sin6_scope_id = 2;
	assert_string_equal(address(&in6, sizeof(in6)),
		"{sa_family=AF_INET6, sin6_port=htons(53), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
		"sin6_scope_id=2}");
	assert_string_equal(
		address(&nl, sizeof(nl)), "{sa_family=AF_NETLINK, nl_pid=7, nl_groups=00000011}");
	assert_string_equal(address(&other, sizeof(other)), "{sa_family=17}");
	other.ss_family = AF_UNSPEC;
	assert_string_equal(address(&other, 2), "{sa_family=AF_UNSPEC}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_long_lists_are_cut),
		cmocka_unit_test(test_unix_addresses),
		cmocka_unit_test(test_other_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

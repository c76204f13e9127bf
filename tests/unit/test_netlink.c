/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_emulations gvtrace_rules gvtrace_abi gvtrace_util */
/* The emulations of rtnetlink, with a kernel and a program made of a few variables: replies and requests by the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "netlink_addresses.h"
#include "netlink_links.h"

extern const struct emulation emulation_netlink_link, emulation_netlink_drop,
	emulation_netlink_prefix_route;

/* --- a stop ----------------------------------------------------------------------------------- */
struct stop {
	long nr;
	uint64_t args[SYSCALL_ARGS], sent[SYSCALL_ARGS];
	int64_t result, kernel_result, kept;
	int step;
	bool has_area;
	long run_nr;
	uint64_t run_args[SYSCALL_ARGS];
	size_t pushed;
	_Alignas(16) unsigned char area[8192];
};

long stop_syscall(const struct stop *stop)
{
	return stop->nr;
}
uint64_t stop_asked(const struct stop *stop, int arg)
{
	return stop->args[arg];
}
pid_t stop_tid(const struct stop *stop)
{
	return getpid();
}
int stop_read(struct stop *stop, uint64_t address, void *ret_data, size_t length)
{
	if (address < 4096)
		return -EFAULT;
	memcpy(ret_data, (void *)address, length);
	return 0;
}
int stop_write(struct stop *stop, uint64_t address, const void *data, size_t length)
{
	if (address < 4096)
		return -EFAULT;
	memcpy((void *)address, data, length);
	return 0;
}
int stop_push(struct stop *stop, const void *data, size_t length, uint64_t *ret_address)
{
	if (!stop->has_area)
		return -EAGAIN;
	size_t at = (stop->pushed + 15) & ~(size_t)15;
	if (length > sizeof(stop->area) - at)
		return -ENOMEM;
	memcpy(stop->area + at, data, length);
	*ret_address = (uintptr_t)stop->area + at;
	stop->pushed = at + length;
	return 0;
}
int64_t stop_result(const struct stop *stop)
{
	return stop->result;
}
int64_t stop_sent_result(const struct stop *stop)
{
	return stop->kernel_result;
}
void stop_set_result(struct stop *stop, int64_t result)
{
	stop->result = result;
}
void stop_run(struct stop *stop, long nr, const uint64_t args[SYSCALL_ARGS])
{
	stop->run_nr = nr;
	memcpy(stop->run_args, args, sizeof(stop->run_args));
}
int stop_step(const struct stop *stop)
{
	return stop->step;
}
void stop_keep(struct stop *stop, int64_t value)
{
	stop->kept = value;
}
int64_t stop_kept(const struct stop *stop)
{
	return stop->kept;
}
void stop_note(struct stop *stop, const char *format, ...)
{
}
void stop_send_arg(struct stop *stop, int arg, uint64_t value)
{
	stop->sent[arg] = value;
}
int stop_open_proc(struct stop *stop, const char *name, int flags)
{
	return -ENOENT;
}
ssize_t stop_read_proc_link(struct stop *stop, const char *name, char *ret_text, size_t size)
{
	return snprintf(ret_text, size, "socket:[%s]", strrchr(name, '/') + 1);
}

/* --- a program and its kernel ----------------------------------------------------------------- */
enum { FD = 960 };
static uint64_t netns;
static unsigned char queue[70000]; /* the datagram that comes next */
static size_t queued;

static struct stop *new_stop(long nr, uint64_t b, uint64_t c, uint64_t d)
{
	static struct stop stop;

	memset(&stop, 0, sizeof(stop));
	stop.nr = nr;
	memcpy(stop.args, (uint64_t[SYSCALL_ARGS]){ FD, b, c, d }, sizeof(stop.args));
	memcpy(stop.sent, stop.args, sizeof(stop.sent));
	return &stop;
}

static enum verdict enter(struct stop *stop, const struct emulation *emulation, const void *config)
{
	enum verdict verdict = emulation->on_enter(stop, config);

	if (verdict == VERDICT_AGAIN) {
		stop->has_area = true;
		memcpy(stop->sent, stop->args, sizeof(stop->sent));
		verdict = emulation->on_enter(stop, config);
	}
	return verdict;
}

static void make_socket(void)
{
	struct stop *stop = new_stop(SYS_socket, SOCK_RAW, NETLINK_ROUTE, 0);
	struct netlink_socket copy;

	stop->args[0] = AF_NETLINK;
	assert_int_equal(enter(stop, &emulation_netlink_link, NULL), VERDICT_WATCH);
	stop->result = stop->kernel_result = 7;
	assert_int_equal(emulation_netlink_link.on_exit(stop, NULL), EXIT_RUN);
	assert_int_equal(stop->run_nr, SYS_fcntl);
	assert_int_equal(stop->run_args[1], F_DUPFD);
	stop->step++;
	stop->result = FD;
	assert_int_equal(emulation_netlink_link.on_exit(stop, NULL), EXIT_RUN);
	assert_int_equal(stop->run_nr, SYS_close);
	assert_int_equal(stop->run_args[0], 7);
	stop->step++;
	stop->result = 0;
	assert_int_equal(emulation_netlink_link.on_exit(stop, NULL), EXIT_DONE);
	assert_int_equal(stop->result, FD);
	stop->args[0] = FD;
	copy = *netlink_socket_of(stop);
	netns = copy.netns;
}

/* A message in a buffer, grown by netlink_append(). */
static struct nlmsghdr *begin(
	void *buffer, int type, int flags, unsigned seq, const void *header, size_t length)
{
	struct nlmsghdr *message = buffer;

	*message = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(length),
		.nlmsg_type = (unsigned short)type,
		.nlmsg_flags = (unsigned short)flags,
		.nlmsg_seq = seq };
	memcpy(NLMSG_DATA(message), header, length);
	return message;
}

static size_t begin_link(
	void *buffer, int type, int flags, unsigned seq, int index, const char *name)
{
	struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP | IFF_RUNNING };
	struct nlmsghdr *message = begin(buffer, type, flags, seq, &info, sizeof(info));

	return netlink_append(message, IFLA_IFNAME, name, strlen(name) + 1);
}

static void send_request(const void *data, size_t length)
{
	struct stop *stop = new_stop(SYS_sendto, (uintptr_t)data, length, 0);

	assert_int_equal(enter(stop, &emulation_netlink_link, NULL), VERDICT_NEXT);
}

/* Makes the call that receives: the kernel's part, too. Returns what is given. */
static int64_t receive(void *buffer, size_t size, int flags)
{
	struct stop *stop = new_stop(SYS_recvfrom, (uintptr_t)buffer, size, (uint64_t)flags);

	assert_int_equal(enter(stop, &emulation_netlink_link, NULL), VERDICT_WATCH);
	memcpy(buffer, queue, queued < size ? queued : size);
	stop->result = (int64_t)(queued < size || flags & MSG_TRUNC ? queued : size);
	stop->kernel_result = stop->result;
	if (emulation_netlink_link.on_exit(stop, NULL) == EXIT_RUN) {
		size_t room = stop->run_args[2];
		assert_int_equal(stop->run_nr, SYS_recvfrom);
		assert_true(stop->run_args[1] >= (uintptr_t)stop->area);
		assert_true(stop->run_args[1] + room <= (uintptr_t)stop->area + sizeof(stop->area));
		memcpy((void *)stop->run_args[1], queue, queued < room ? queued : room);
		stop->result = (int64_t)queued;
		stop->step++;
		assert_int_equal(emulation_netlink_link.on_exit(stop, NULL), EXIT_DONE);
	}
	return stop->result;
}

static void acknowledge(unsigned seq, int error)
{
	static _Alignas(4) unsigned char buffer[128];

	begin(queue, NLMSG_ERROR, 0, seq, &error, sizeof(error));
	queued = NLMSG_LENGTH(sizeof(error));
	assert_int_equal(receive(buffer, sizeof(buffer), 0), (int64_t)queued);
}

static void make_link(const char *name, const char *kind, unsigned seq, int error)
{
	static _Alignas(4) unsigned char buffer[256];
	_Alignas(4) char inner[64] = "";
	struct rtattr *attribute = (struct rtattr *)inner;
	size_t length = begin_link(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_ACK, seq, 0, name);

	*attribute = (struct rtattr){ (unsigned short)RTA_LENGTH(strlen(kind)), IFLA_INFO_KIND };
	memcpy(RTA_DATA(attribute), kind, strlen(kind));
	length =
		netlink_append((struct nlmsghdr *)buffer, IFLA_LINKINFO, inner, attribute->rta_len);
	send_request(buffer, length);
	acknowledge(seq, error);
}

static const struct rtattr *attribute_of(const void *data, unsigned type)
{
	return netlink_attribute((struct nlmsghdr *)data, type);
}

static const char *kind_of(const void *data)
{
	const struct rtattr *info = attribute_of(data, IFLA_LINKINFO);
	const struct rtattr *kind =
		info ? netlink_nested(RTA_DATA(info), RTA_PAYLOAD(info), IFLA_INFO_KIND) : NULL;

	return kind ? RTA_DATA(kind) : "";
}

static int prepare(void **state)
{
	netlink_links_namespace_new(netns);
	netlink_addresses_namespace_new(netns);
	make_socket();
	return 0;
}

/* --- tests ------------------------------------------------------------------------------------ */
static void a_kind_is_told_when_the_kernel_made_the_link(void **state)
{
	static _Alignas(4) unsigned char buffer[4096];

	make_link("br0", "bridge", 1, 0);
	make_link("br1", "bridge", 2, -EOPNOTSUPP);
	queued = begin_link(queue, RTM_NEWLINK, 0, 3, 5, "br0");
	int64_t n = receive(buffer, sizeof(buffer), 0);
	assert_int_equal(n, ((struct nlmsghdr *)buffer)->nlmsg_len);
	assert_string_equal(kind_of(buffer), "bridge");
	assert_int_equal(*(char *)RTA_DATA(attribute_of(buffer, IFLA_OPERSTATE)), 6);
	queued = begin_link(queue, RTM_NEWLINK, 0, 3, 6, "br1");
	receive(buffer, sizeof(buffer), 0);
	assert_string_equal(kind_of(buffer), "");
	/* By its index now, whatever its name. */
	queued = begin_link(queue, RTM_NEWLINK, 0, 3, 5, "renamed");
	receive(buffer, sizeof(buffer), 0);
	assert_string_equal(kind_of(buffer), "bridge");
	/* Another link that came by the old name is another. */
	queued = begin_link(queue, RTM_NEWLINK, 0, 3, 9, "renamed");
	receive(buffer, sizeof(buffer), 0);
	assert_string_equal(kind_of(buffer), "");
}

static void what_is_there_stays(void **state)
{
	static _Alignas(4) unsigned char buffer[4096];
	unsigned char state_of_operation = 2;

	begin_link(queue, RTM_NEWLINK, 0, 3, 5, "eth0");
	queued = netlink_append((struct nlmsghdr *)queue, IFLA_OPERSTATE, &state_of_operation, 1);
	assert_int_equal(receive(buffer, sizeof(buffer), 0), (int64_t)queued);
	assert_memory_equal(buffer, queue, queued);
	queued = 3;
	assert_int_equal(receive(buffer, sizeof(buffer), 0), 3);
}

static void what_does_not_fit_is_left_out(void **state)
{
	static _Alignas(4) unsigned char buffer[4096];
	size_t one = begin_link(queue, RTM_NEWLINK, 0, 3, 5, "eth0");

	begin_link(queue + one, RTM_NEWLINK, 0, 3, 6, "eth1");
	queued = 2 * one;
	for (size_t room = queued; room < queued + 24; room++) {
		memset(buffer, 0x55, sizeof(buffer));
		size_t n = (size_t)receive(buffer, room, 0);
		/* Each would get 8 bytes, IFLA_OPERSTATE. */
		size_t grown = (room - queued) / 8;
		assert_int_equal(n, queued + 8 * (grown > 2 ? 2 : grown));
		for (size_t i = room; i < sizeof(buffer); i++)
			assert_int_equal(buffer[i], 0x55);
		struct nlmsghdr *second =
			(struct nlmsghdr *)(buffer + ((struct nlmsghdr *)buffer)->nlmsg_len);
		assert_int_equal(((struct ifinfomsg *)NLMSG_DATA(second))->ifi_index, 6);
	}
	/* Cut by the kernel: what is whole may grow only where there is room. */
	assert_int_equal(receive(buffer, one + 4, 0), (int64_t)one + 4);
}

static void a_peek_tells_the_length_that_comes(void **state)
{
	static unsigned char buffer[200000];

	for (int links = 1; links < 60; links += 7) {
		queued = 0;
		for (int i = 0; i < links; i++)
			queued += begin_link(queue + queued, RTM_NEWLINK, 0, 3, 10 + i, "eth0");
		int64_t length = receive(buffer, 0, MSG_PEEK | MSG_TRUNC);
		assert_int_equal(receive(buffer, sizeof(buffer), MSG_PEEK), length);
		assert_int_equal(receive(buffer, (size_t)length, 0), length);
	}
	/* Longer than can be looked at: at least what comes. */
	queued = 0;
	for (int i = 0; i < 1400; i++)
		queued += begin_link(queue + queued, RTM_NEWLINK, 0, 3, 10 + i, "eth0");
	int64_t length = receive(buffer, 0, MSG_PEEK | MSG_TRUNC);
	int64_t given = receive(buffer, sizeof(buffer), 0);
	assert_true(given > (int64_t)queued && given <= length);
}

static void noise_does_no_harm(void **state)
{
	static _Alignas(4) unsigned char buffer[512];
	static const struct emulation *const all[] = { &emulation_netlink_link,
		&emulation_netlink_prefix_route };
	unsigned seed = 1;

	for (int round = 0; round < 30000; round++) {
		size_t length = begin_link(queue, RTM_NEWLINK, 0, 3, 5, "eth0");
		length += begin_link(
			queue + length, round % 2 ? RTM_NEWLINK : RTM_NEWADDR, 0, 3, 5, "x");
		for (int i = 0; i < 4; i++) {
			seed = seed * 1103515245 + 12345;
			queue[(seed >> 8) % length] = (unsigned char)(seed >> 24);
		}
		queued = length - (seed >> 16) % 9;
		assert_true(receive(buffer, sizeof(buffer) - seed % 400, 0) >= 0);
		for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
			static const int types[] = { RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR,
				RTM_DELADDR, RTM_DELROUTE };
			((struct nlmsghdr *)queue)->nlmsg_type =
				(unsigned short)types[(unsigned)round % ARRAY_SIZE(types)];
			enter(new_stop(SYS_sendto, (uintptr_t)queue, queued, 0), all[i], NULL);
		}
	}
}

static void an_attribute_is_taken_out(void **state)
{
	static const struct rule_option items[] = { { "type", "RTM_NEWROUTE", 2, 1, 8 },
		{ "attribute", "RTA_PREFSRC", 3, 1, 13 } };
	static const struct rule_options options = {
		.file = "x.ini", .rule = "r", .line = 1, .items = items, .count = 2
	};
	void *config;
	static _Alignas(4) unsigned char buffer[512];
	struct rtmsg route = { .rtm_family = AF_INET };

	assert_int_equal(emulation_netlink_drop.parse(&options, &config, NULL), 0);

	/* In each place among three, in the first and in the second message. */
	for (int place = 0; place < 6; place++) {
		size_t length = 0;
		for (int message = 0; message < 2; message++) {
			struct nlmsghdr *header =
				begin(buffer + length, RTM_NEWROUTE, 0, 1, &route, sizeof(route));
			size_t bytes = 0;
			for (int i = 0; i < 3; i++)
				bytes = netlink_append(header,
					message * 3 + i == place ? RTA_PREFSRC : RTA_DST, "12345",
					place % 3 == 2 ? 5 : 4);
			length += bytes;
		}
		struct iovec pieces[] = { { buffer, 21 }, { buffer + 21, length - 21 } };
		struct msghdr header = { .msg_iov = pieces, .msg_iovlen = 2 };
		bool by_pieces = place % 2;
		struct stop *stop = by_pieces ? new_stop(SYS_sendmsg, (uintptr_t)&header, 0, 0)
					      : new_stop(SYS_sendto, (uintptr_t)buffer, length, 0);
		assert_int_equal(enter(stop, &emulation_netlink_drop, config), VERDICT_WATCH);
		struct msghdr *sent = (struct msghdr *)stop->sent[1];
		unsigned char *data = by_pieces ? sent->msg_iov[0].iov_base : (void *)stop->sent[1];
		size_t now = by_pieces ? sent->msg_iov[0].iov_len : stop->sent[2];
		assert_int_equal(now, length - (place % 3 == 2 ? 12 : 8));
		struct nlmsghdr *second =
			(struct nlmsghdr *)(data +
					    NLMSG_ALIGN(((struct nlmsghdr *)data)->nlmsg_len));
		assert_null(attribute_of(data, RTA_PREFSRC));
		assert_null(attribute_of(second, RTA_PREFSRC));
		assert_int_equal(
			(unsigned char *)second - data + NLMSG_ALIGN(second->nlmsg_len), now);
		stop->result = (int64_t)now;
		assert_int_equal(emulation_netlink_drop.on_exit(stop, config), EXIT_DONE);
		assert_int_equal(stop->result, length);
	}
	begin(buffer, RTM_NEWROUTE, 0, 1, &route, sizeof(route));
	assert_int_equal(
		enter(new_stop(SYS_sendto, (uintptr_t)buffer, NLMSG_LENGTH(sizeof(route)), 0),
			&emulation_netlink_drop, config),
		VERDICT_NEXT);
	assert_int_equal(enter(new_stop(SYS_sendto, 8, 64, 0), &emulation_netlink_drop, config),
		VERDICT_NEXT);
	assert_int_equal(enter(new_stop(SYS_write, (uintptr_t)queue, 60000, 0),
				 &emulation_netlink_drop, config),
		VERDICT_NEXT);
	free(config);
}

/* Of each message of that type, in one request; other bits and other types stay. */
static void flags_are_taken_out(void **state)
{
	static const struct rule_option items[] = { { "type", "RTM_NEWROUTE", 2, 1, 8 },
		{ "flags", "NLM_F_CREATE", 3, 1, 9 } };
	static const struct rule_options options = {
		.file = "x.ini", .rule = "r", .line = 1, .items = items, .count = 2
	};
	static const int types[] = { RTM_NEWROUTE, RTM_NEWADDR, RTM_NEWROUTE };
	enum { FLAGS = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL };
	static _Alignas(4) unsigned char buffer[512];
	struct rtmsg route = { .rtm_family = AF_INET };
	size_t length = 0;
	void *config;

	assert_int_equal(emulation_netlink_drop.parse(&options, &config, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		length += NLMSG_ALIGN(
			begin(buffer + length, types[i], FLAGS, 1, &route, sizeof(route))
				->nlmsg_len);
	struct stop *stop = new_stop(SYS_sendto, (uintptr_t)buffer, length, 0);
	assert_int_equal(enter(stop, &emulation_netlink_drop, config), VERDICT_WATCH);
	assert_int_equal(stop->sent[2], length);
	const struct nlmsghdr *message = (void *)stop->sent[1];
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_int_equal(message->nlmsg_flags,
			types[i] == RTM_NEWROUTE ? FLAGS & ~NLM_F_CREATE : FLAGS);
		message = (const void *)((const char *)message + NLMSG_ALIGN(message->nlmsg_len));
	}
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_kind_is_told_when_the_kernel_made_the_link, prepare),
		cmocka_unit_test_setup(what_is_there_stays, prepare),
		cmocka_unit_test_setup(what_does_not_fit_is_left_out, prepare),
		cmocka_unit_test_setup(a_peek_tells_the_length_that_comes, prepare),
		cmocka_unit_test_setup(noise_does_no_harm, prepare),
		cmocka_unit_test_setup(an_attribute_is_taken_out, prepare),
		cmocka_unit_test_setup(flags_are_taken_out, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/* The same answer as the kernel's own /proc/sys to the same writes, and the same values after them. */
#include "fakeprocsys_linux.h"

#define DATA(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct data {
	const char *bytes;
	size_t length;
} numbers[] = { DATA(""), DATA(" "), DATA("\n"), DATA("5"), DATA(" 7 \n"), DATA("8\n\n"),
	DATA("9\r\n"), DATA("\v6"), DATA("5\0"), DATA("0x1f"), DATA("0X1F"), DATA("0x"),
	DATA("0xg"), DATA("010"), DATA("08"), DATA("-1"), DATA("-5"), DATA("- 1"), DATA("-"),
	DATA("--1"), DATA("+1"), DATA("1 2"), DATA("1,2"), DATA("1x"), DATA("1.5"), DATA("x"),
	DATA("1\nx"), DATA("2147483648"), DATA("-2147483649"), DATA("4294967295"),
	DATA("4294967296"), DATA("18446744073709551615"), DATA("18446744073709551616"),
	DATA("9223372036854775808"), DATA("000000000000000000001"), DATA("0000000000000000000001"),
	DATA("00000000000000000000001"), DATA("1\t"), DATA("32768"), DATA("32769"), DATA("65536"),
	DATA("65537"), DATA("255"), DATA("256"), DATA("0") },
  vectors[] = { DATA(""), DATA("1"), DATA("10 20"), DATA("10 20 30"), DATA("10 20 30 40"),
	  DATA("10 20 30 40 50"), DATA("10 20 x"), DATA("10 -1 30"), DATA("10,20,30"),
	  DATA("10\t20\n30\n"), DATA("x"), DATA("10 0 5"), DATA("10 99999999999 5"), DATA("10x 20"),
	  DATA("1 0"), DATA("0 2147483647"), DATA("0 4294967295"), DATA("5 4"), DATA("-1 5"),
	  DATA("1000 2000"), DATA("2000 1000"), DATA("1024 65536"), DATA("1024 65535"),
	  DATA("0 100"), DATA("2000"), DATA("2000 2001 3000"), DATA("1000 x"),
	  DATA("2000 2001 2002 -1"), DATA("1 2 3 32769") },
  texts[] = { DATA(""), DATA("a"), DATA("abc\n"), DATA("abc\nd"), DATA(" a b "), DATA("a\0b"),
	  DATA("\n"), DATA("0123456789012345678901234567890123456789012345678901234567890123"),
	  DATA("01234567890123456789012345678901234567890123456789012345678901234"), DATA("reno"),
	  DATA("reno\n"), DATA(" reno "), DATA("nosuch"), DATA("cubic reno") },
  sets[] = { DATA(""), DATA("\n"), DATA("80"), DATA("80,90-95\n"), DATA("80,80"), DATA("1,2,3"),
	  DATA("90-80"), DATA("70000"), DATA("65535"), DATA("65536"), DATA("0"), DATA("x,1"),
	  DATA("1-"), DATA("1-2-3"), DATA("1, 2"), DATA("1 2"), DATA("1,"), DATA(","), DATA("-1"),
	  DATA("1\n2"), DATA("0x10-020"), DATA("8,1-3,2-9") };

#define ROW(path, set)                     \
	{                                  \
		path, set, ARRAY_SIZE(set) \
	}
static const struct {
	const char *path;
	const struct data *data;
	size_t n_data;
} writes[] = {
	ROW("kernel/shmmni", numbers),
	ROW("kernel/shmmax", numbers),
	ROW("kernel/shmall", numbers),
	ROW("kernel/msgmax", numbers),
	ROW("kernel/msgmnb", numbers),
	ROW("kernel/msgmni", numbers),
	ROW("kernel/shm_rmid_forced", numbers),
	ROW("fs/mqueue/msg_max", numbers),
	ROW("fs/mqueue/queues_max", numbers),
	ROW("net/core/somaxconn", numbers),
	ROW("net/ipv4/conf/lo/rp_filter", numbers),
	ROW("net/ipv4/conf/all/arp_ignore", numbers),
	ROW("net/ipv4/conf/default/route_localnet", numbers),
	ROW("net/ipv4/ip_default_ttl", numbers),
	ROW("net/ipv4/ip_forward", numbers),
	ROW("net/ipv4/ip_unprivileged_port_start", numbers),
	ROW("net/ipv4/tcp_retries2", numbers),
	ROW("net/ipv4/tcp_syn_retries", numbers),
	ROW("net/ipv4/tcp_notsent_lowat", numbers),
	ROW("net/ipv4/tcp_keepalive_time", numbers),
	ROW("net/ipv4/tcp_fin_timeout", numbers),
	ROW("net/netfilter/nf_conntrack_tcp_timeout_established", numbers),
	ROW("net/netfilter/nf_conntrack_tcp_be_liberal", numbers),
	ROW("kernel/sem", vectors),
	ROW("net/ipv4/tcp_rmem", vectors),
	ROW("net/ipv4/ping_group_range", vectors),
	ROW("net/ipv4/ip_local_port_range", vectors),
	ROW("kernel/hostname", texts),
	ROW("kernel/domainname", texts),
	ROW("net/ipv4/tcp_congestion_control", texts),
	ROW("net/ipv4/ip_local_reserved_ports", sets),
	ROW("kernel/cap_last_cap", numbers),
	ROW("kernel/random/uuid", numbers),
};

static void same_write(const char *path, const char *before, off_t offset, const struct data *data)
{
	char kernels[SYSCTL_VALUE_MAX], ours[SYSCTL_VALUE_MAX];
	ssize_t kernel_result, our_result;
	off_t kernel_offset = offset;
	uint64_t our_offset = (uint64_t)offset;

	/* The value before, in both, whatever the last write made of it. */
	kernel_write(path, before, strlen(before));
	fakeprocsys_write(tree, path, &viewer, &(uint64_t){ 0 }, before, strlen(before));

	kernel_result = kernel_write_on(path, &kernel_offset, data->bytes, data->length);
	our_result = fakeprocsys_write(tree, path, &viewer, &our_offset, data->bytes, data->length);
	if (kernel_result != our_result || kernel_offset != (off_t)our_offset)
		fail_msg("%s: write \"%s\" at %d: %zd to %d, the kernel's %zd to %d", path,
			data->bytes, (int)offset, our_result, (int)our_offset, kernel_result,
			(int)kernel_offset);
	kernel_read(path, kernels);
	assert_true(fakeprocsys_read(tree, path, &viewer, ours) > 0);
	if (strcmp(path, "kernel/random/uuid") != 0 && strcmp(kernels, ours) != 0)
		fail_msg("%s: after a write of \"%s\" at %d: %s, the kernel's: %s", path,
			data->bytes, (int)offset, ours, kernels);
}

static void test_same_writes(void **state)
{
	static const off_t offsets[] = { 0, 1, 2, 5, 4096, INT64_MAX - 4096 };

	enter_own_namespaces();
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		char before[SYSCTL_VALUE_MAX];

		if (access(kernel_path(writes[i].path), F_OK) < 0) {
			print_message("%s: not in this kernel\n", writes[i].path);
			continue;
		}
		kernel_read(writes[i].path, before);
		for (size_t j = 0; j < writes[i].n_data; j++)
			for (size_t k = 0; k < ARRAY_SIZE(offsets); k++)
				same_write(writes[i].path, before, offsets[k], &writes[i].data[j]);
		kernel_write(writes[i].path, before, strlen(before));
		fakeprocsys_write(
			tree, writes[i].path, &viewer, &(uint64_t){ 0 }, before, strlen(before));
	}
}

/* The same sequence in each run, so that a failure comes again. */
static void test_same_random_writes(void **state)
{
	static const char *const paths[] = { "kernel/shmmni", "kernel/shmmax", "kernel/sem",
		"net/ipv4/tcp_retries2", "net/ipv4/ping_group_range",
		"net/ipv4/ip_local_port_range", "net/ipv4/ip_local_reserved_ports",
		"kernel/hostname" };
	static const char alphabet[] = "00112345678999999aFxX-,,  \t\n\v\r+.";
	uint32_t random = 1;

	enter_own_namespaces();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char before[SYSCTL_VALUE_MAX], bytes[32];

		kernel_read(paths[i], before);
		for (int n = 0; n < 4000; n++) {
			struct data data = { bytes, 0 };

			random = random * 1664525 + 1013904223;
			data.length = (random >> 16) % (sizeof(bytes) - 1);
			for (size_t j = 0; j < data.length; j++) {
				random = random * 1664525 + 1013904223;
				bytes[j] = alphabet[(random >> 16) % (sizeof(alphabet) - 1)];
			}
			bytes[data.length] = '\0';
			same_write(paths[i], before, n % 3 == 2 ? random >> 28 : 0, &data);
		}
	}
}

/* More than a page, which the kernel does not look at. */
static void test_same_long_writes(void **state)
{
	static const char *const paths[] = { "kernel/shmmni", "kernel/sem", "kernel/hostname",
		"net/ipv4/ping_group_range", "net/ipv4/ip_local_reserved_ports" };
	static const size_t lengths[] = { 4094, 4095, 4096, 4097, 6000 };
	static const char *const fillers[] = { "1,2,", "10-11,", "6", " ", "\n", "5 ", "a" };
	char bytes[6001], before[SYSCTL_VALUE_MAX];

	enter_own_namespaces();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		kernel_read(paths[i], before);
		for (size_t j = 0; j < ARRAY_SIZE(fillers); j++) {
			size_t n = strlen(fillers[j]);

			for (size_t k = 0; k < sizeof(bytes); k++)
				bytes[k] = fillers[j][k % n];
			for (size_t k = 0; k < ARRAY_SIZE(lengths); k++)
				for (off_t offset = 0; offset < 2; offset++)
					same_write(paths[i], before, offset,
						&(struct data){ bytes, lengths[k] });
		}
	}
}

/* What a read behind the start gives: of a text the rest, of numbers nothing. */
static void test_same_reading_on(void **state)
{
	struct sysctl_node node;

	enter_own_namespaces();
	for (size_t i = 0; i < catalogue_length; i++) {
		char path[SYSCTL_PATH_MAX], text[SYSCTL_VALUE_MAX];
		const char *interface = strstr(catalogue[i].path, "<if>");

		snprintf(path, sizeof(path), "%.*s%s%s",
			interface ? (int)(interface - catalogue[i].path) : (int)sizeof(path),
			catalogue[i].path, interface ? "lo" : "",
			interface ? interface + strlen("<if>") : "");
		int fd = open(kernel_path(path), O_RDONLY);
		if (fd < 0 || pread(fd, text, sizeof(text), 0) < 2) {
			close(fd);
			continue;
		}
		node = fakeprocsys_lookup(tree, path, &viewer);
		ssize_t n = pread(fd, text, sizeof(text), 1);
		close(fd);
		if (node.reads_on != (n > 0))
			fail_msg("%s: the kernel reads %zd bytes behind its start", path, n);
	}
}

static void both_write(const char *path, const char *data)
{
	ssize_t length = (ssize_t)strlen(data);

	assert_int_equal(kernel_write(path, data, length), length);
	assert_int_equal(
		fakeprocsys_write(tree, path, &viewer, &(uint64_t){ 0 }, data, length), length);
}

static void both_read(const char *path)
{
	char kernels[SYSCTL_VALUE_MAX], ours[SYSCTL_VALUE_MAX];

	kernel_read(path, kernels);
	assert_true(fakeprocsys_read(tree, path, &viewer, ours) > 0);
	if (strcmp(kernels, ours) != 0)
		fail_msg("%s: %s, the kernel's: %s", path, ours, kernels);
}

/* What a write to one file does to others. */
static void test_same_neighbours(void **state)
{
	static const struct {
		const char *write, *data, *reads[4];
	} rows[] = {
		{ "net/ipv4/ip_forward", "1",
			{ "net/ipv4/conf/all/forwarding", "net/ipv4/conf/default/forwarding",
				"net/ipv4/conf/lo/forwarding", "net/ipv4/ip_forward" } },
		{ "net/ipv4/conf/lo/forwarding", "0",
			{ "net/ipv4/conf/all/forwarding", "net/ipv4/conf/lo/forwarding",
				"net/ipv4/ip_forward" } },
		{ "net/ipv4/conf/all/forwarding", "0",
			{ "net/ipv4/conf/default/forwarding", "net/ipv4/conf/lo/forwarding",
				"net/ipv4/ip_forward" } },
		{ "net/ipv4/conf/all/forwarding", "1",
			{ "net/ipv4/conf/default/forwarding", "net/ipv4/conf/lo/forwarding",
				"net/ipv4/ip_forward" } },
		{ "net/ipv4/ip_unprivileged_port_start", "0", { "net/ipv4/ip_local_port_range" } },
	};

	enter_own_namespaces();
	/* One more, so that nothing of the test before is left. */
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	viewer.namespaces[SCOPE_NET]++;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		both_write(rows[i].write, rows[i].data);
		both_read(rows[i].write);
		for (size_t j = 0; j < ARRAY_SIZE(rows[i].reads) && rows[i].reads[j]; j++)
			both_read(rows[i].reads[j]);
	}
}

/*
 * Interfaces follow "default", unless it was ever written in the first network namespace: its mark
 * of that comes with its values.
 */
static void test_same_following(void **state)
{
	static const char *const names[] = { "rp_filter", "arp_notify", "arp_ignore", "proxy_arp",
		"log_martians" };
	char kernels[SYSCTL_VALUE_MAX];

	enter_own_namespaces();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	viewer.namespaces[SCOPE_NET]++;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char of_default[SYSCTL_PATH_MAX], of_lo[SYSCTL_PATH_MAX], of_all[SYSCTL_PATH_MAX];

		snprintf(of_default, sizeof(of_default), "net/ipv4/conf/default/%s", names[i]);
		snprintf(of_lo, sizeof(of_lo), "net/ipv4/conf/lo/%s", names[i]);
		snprintf(of_all, sizeof(of_all), "net/ipv4/conf/all/%s", names[i]);
		both_write(of_default, "2");
		both_read(of_all);
		kernel_read(of_lo, kernels);
		if (strcmp(kernels, "2\n") != 0)
			print_message("%s: default was written before\n", names[i]);
		else
			both_read(of_lo);
		both_write(of_lo, "1");
		both_read(of_default);
		both_write(of_default, "0");
		both_read(of_lo);
	}
}

static void test_own_values_in_each_namespace(void **state)
{
	static const struct {
		const char *path, *value;
		enum sysctl_scope scope;
	} rows[] = {
		{ "net/core/somaxconn", "77", SCOPE_NET },
		{ "net/ipv4/ip_unprivileged_port_start", "80", SCOPE_NET },
		{ "net/ipv4/conf/default/rp_filter", "1", SCOPE_NET },
		{ "kernel/shmmni", "99", SCOPE_IPC },
		{ "kernel/sem", "1\t2\t3\t4", SCOPE_IPC },
		{ "fs/mqueue/msg_max", "11", SCOPE_IPC },
	};

	enter_own_namespaces();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (access(kernel_path(rows[i].path), F_OK) < 0)
			continue;
		assert_int_equal(
			fakeprocsys_lookup(tree, rows[i].path, &viewer).scope, rows[i].scope);
		both_write(rows[i].path, rows[i].value);
		both_read(rows[i].path);
	}
	/* New ones, with first values again. */
	assert_int_equal(unshare(CLONE_NEWIPC | CLONE_NEWNET), 0);
	viewer.namespaces[SCOPE_NET]++;
	viewer.namespaces[SCOPE_IPC]++;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (access(kernel_path(rows[i].path), F_OK) == 0)
			both_read(rows[i].path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_writes),
		cmocka_unit_test(test_same_random_writes),
		cmocka_unit_test(test_same_long_writes),
		cmocka_unit_test(test_same_reading_on),
		cmocka_unit_test(test_same_neighbours),
		cmocka_unit_test(test_same_following),
		cmocka_unit_test(test_own_values_in_each_namespace),
	};

	return cmocka_run_group_tests(tests, start, end);
}

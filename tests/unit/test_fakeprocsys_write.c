/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/* What may be written, and what then stands where. */
#include "fakeprocsys_world.h"

#include "tree.h"

static void test_grammar(void **state)
{
	static const struct {
		const char *path, *now, *data;
		int error;
		const char *after;
	} rows[] = {
		{ "kernel/panic", "0", "10", 0, "10" },
		{ "kernel/panic", "0", " 10 \n", 0, "10" },
		{ "kernel/panic", "7", "", 0, "7" },
		{ "kernel/panic", "7", "\n", -EINVAL, "7" },
		{ "kernel/panic", "7", "0x1F", 0, "31" },
		{ "kernel/panic", "7", "010", 0, "8" },
		{ "kernel/panic", "7", "09", -EINVAL, "7" },
		{ "kernel/panic", "7", "-1", 0, "-1" },
		{ "kernel/panic", "7", "-0", 0, "0" },
		{ "kernel/panic", "7", "1x", -EINVAL, "7" },
		{ "kernel/panic", "7", "1 x", 0, "1" },
		{ "kernel/panic", "7", "2147483648", -EINVAL, "7" },
		{ "kernel/panic", "7", "-2147483648", 0, "-2147483648" },
		{ "vm/overcommit_memory", "0", "2", 0, "2" },
		{ "vm/overcommit_memory", "0", "3", -EINVAL, "0" },
		{ "vm/overcommit_memory", "0", "-1", -EINVAL, "0" },
		{ "kernel/shmmax", "5", "18446744073709551615", 0, "18446744073709551615" },
		{ "kernel/shmmax", "5", "18446744073709551616", -EINVAL, "5" },
		{ "kernel/shmmax", "5", "-1", -EINVAL, "5" },
		{ "kernel/pid_max", "32768", "300", -EINVAL, "32768" },
		{ "kernel/pid_max", "32768", "4194304", 0, "4194304" },
		{ "kernel/sem", "1\t2\t3\t4", "9", 0, "9\t2\t3\t4" },
		{ "kernel/sem", "1\t2\t3\t4", "9 8\n7 6", 0, "9\t8\t7\t6" },
		{ "kernel/sem", "1\t2\t3\t4", "9 x 7", -EINVAL, "9\t2\t3\t4" },
		{ "kernel/sem", "1\t2\t3\t4", "9 8 7 99999", -ERANGE, "9\t8\t7\t4" },
		{ "kernel/printk", "4\t4\t1\t7", "7 4 1 7", 0, "7\t4\t1\t7" },
		{ "net/ipv4/tcp_rmem", "1\t2\t3", "4096 0 5", -EINVAL, "4096\t2\t3" },
		{ "net/ipv4/ping_group_range", "1\t0", "0 2147483647", 0, "0\t2147483647" },
		{ "net/ipv4/ping_group_range", "5\t9", "9 5", 0, "1\t0" },
		{ "net/ipv4/ping_group_range", "5\t9", "1 0", 0, "1\t0" },
		{ "net/ipv4/ping_group_range", "5\t9", "6 x", -EINVAL, "5\t9" },
		{ "net/ipv4/ping_group_range", "5\t9", "0 4294967295", -EINVAL, "5\t9" },
		{ "net/ipv4/ip_local_port_range", "2000\t3000", "2500", 0, "2500\t3000" },
		{ "net/ipv4/ip_local_port_range", "2000\t3000", "3001", -EINVAL, "2000\t3000" },
		{ "net/ipv4/ip_local_port_range", "2000\t3000", "1023 3000", -EINVAL,
			"2000\t3000" },
		{ "net/ipv4/ip_unprivileged_port_start", "1024", "0", 0, "0" },
		{ "net/ipv4/ip_unprivileged_port_start", "1024", "32769", -EINVAL, "1024" },
		{ "net/ipv4/ip_local_reserved_ports", "1", "\n", 0, "" },
		{ "net/ipv4/ip_local_reserved_ports", "1", "8080,9148,90-95\n", 0,
			"90-95,8080,9148" },
		{ "net/ipv4/ip_local_reserved_ports", "1", "1-65536", -EINVAL, "1" },
		{ "net/bridge/bridge-nf-call-iptables", "0", "2", 0, "1" },
		{ "fs/pipe-max-size", "4096", "5000", 0, "8192" },
		{ "fs/pipe-max-size", "4096", "1", 0, "4096" },
		{ "fs/pipe-max-size", "4096", "0", -EINVAL, "4096" },
		{ "kernel/hostname", "a", "pod-1\nrest", 0, "pod-1" },
		{ "kernel/core_pattern", "core", "|/bin/x %p", 0, "|/bin/x %p" },
		{ "net/core/default_qdisc", "fq", "fq_codel\n", 0, "fq_codel" },
		{ "net/core/default_qdisc", "fq", "fq_code", -ENOENT, "fq" },
		{ "net/core/default_qdisc", "fq", "\n", -ENOENT, "fq" },
		{ "kernel/cap_last_cap", NULL, "1", -EACCES, NULL },
		{ "kernel/random/uuid", NULL, "1", -EACCES, NULL },
		{ "vm/drop_caches", NULL, "3", 0, NULL },
		{ "vm/drop_caches", NULL, "5", -EINVAL, NULL },
		{ "kernel/nosuch", NULL, "1", -ENOENT, NULL },
		{ "kernel", NULL, "1", -ENOENT, NULL },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char expected[64];
		int error;

		/* Namespaces of its own for each row, so that no port limits another row's. */
		for (int scope = SCOPE_NET; scope < N_SCOPES; scope++)
			world->viewer.namespaces[scope]++;
		if (rows[i].now)
			assert_int_equal(write_text(world, rows[i].path,
						 rows[i].now[0] ? rows[i].now : "\n"),
				0);
		error = write_text(world, rows[i].path, rows[i].data);
		if (error != rows[i].error)
			fail_msg("%s: \"%s\": %d", rows[i].path, rows[i].data, error);
		if (!rows[i].after)
			continue;
		snprintf(expected, sizeof(expected), "%s\n", rows[i].after);
		assert_reads(world, rows[i].path, expected);
	}
}

/* What is written to a trigger is done, and not kept. */
static void test_trigger(void **state)
{
	struct world *world = *state;

	assert_int_equal(write_text(world, "vm/drop_caches", "3"), 0);
	assert_false(fakeprocsys_lookup(world->tree, "vm/drop_caches", &world->viewer).changed);
}

static void test_long_writes(void **state)
{
	struct world *world = *state;
	char data[SYSCTL_VALUE_MAX * 3];

	memset(data, 'x', sizeof(data));
	assert_int_equal(fakeprocsys_write(world->tree, "kernel/hostname", &world->viewer,
				 &(uint64_t){ 0 }, data, sizeof(data)),
		sizeof(data));
	assert_reads(world, "kernel/hostname",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	memset(data, ' ', sizeof(data));
	data[5000] = '1';
	assert_int_equal(fakeprocsys_write(world->tree, "kernel/shmmni", &world->viewer,
				 &(uint64_t){ 0 }, data, sizeof(data)),
		-EINVAL);
	data[4000] = '2';
	assert_int_equal(fakeprocsys_write(world->tree, "kernel/shmmni", &world->viewer,
				 &(uint64_t){ 0 }, data, sizeof(data)),
		sizeof(data));
	assert_reads(world, "kernel/shmmni", "2\n");
}

/* A set of every other port does not fit a page: it is cut, not overrun. */
static void test_large_bitmap(void **state)
{
	struct world *world = *state;
	char data[SYSCTL_VALUE_MAX], content[SYSCTL_VALUE_MAX];
	size_t length = 0;

	for (int port = 1; length + 8 < sizeof(data); port += 2)
		length += snprintf(data + length, sizeof(data) - length, "%d,", port);
	assert_int_equal(fakeprocsys_write(world->tree, "net/ipv4/ip_local_reserved_ports",
				 &world->viewer, &(uint64_t){ 0 }, data, length),
		length);
	assert_true(fakeprocsys_read(world->tree, "net/ipv4/ip_local_reserved_ports",
			    &world->viewer, content) > 4000);
}

static void test_neighbours(void **state)
{
	struct world *world = *state;

	assert_int_equal(write_text(world, "net/ipv4/conf/eth0/forwarding", "0"), 0);
	assert_int_equal(write_text(world, "net/ipv4/ip_forward", "1"), 0);
	assert_reads(world, "net/ipv4/conf/all/forwarding", "1\n");
	assert_reads(world, "net/ipv4/conf/default/forwarding", "1\n");
	assert_reads(world, "net/ipv4/conf/eth0/forwarding", "1\n");
	assert_true(fakeprocsys_lookup(world->tree, "net/ipv4/conf/eth0/forwarding", &world->viewer)
			    .changed);
	assert_int_equal(write_text(world, "net/ipv4/conf/eth0/forwarding", "0"), 0);
	assert_int_equal(write_text(world, "net/ipv4/conf/all/forwarding", "1"), 0);
	assert_reads(world, "net/ipv4/conf/eth0/forwarding", "0\n");
	assert_reads(world, "net/ipv4/conf/eth0.100/forwarding", "1\n");

	assert_int_equal(write_text(world, "net/ipv6/conf/all/disable_ipv6", "1"), 0);
	assert_reads(world, "net/ipv6/conf/eth0/disable_ipv6", "1\n");
	assert_int_equal(write_text(world, "net/netfilter/nf_conntrack_max", "131072"), 0);
	assert_reads(world, "net/nf_conntrack_max", "131072\n");
	assert_int_equal(write_text(world, "net/ipv4/ip_unprivileged_port_start", "0"), 0);
	assert_int_equal(write_text(world, "net/ipv4/ip_local_port_range", "1 65535"), 0);
	assert_int_equal(write_text(world, "net/ipv4/ip_unprivileged_port_start", "2"), -EINVAL);
}

/* gVisor's ip_forward works, and conf/ is missing: what is written there must not hide it. */
static void test_fake_does_not_hide_a_working_twin(void **state)
{
	struct world *world = *state;
	struct fakeprocsys *tree = world->tree;
	const char *forwarding = "net/ipv4/conf/all/forwarding", *works = "net/ipv4/ip_forward";

	tree->kernel_files[0][catalogue_find(forwarding).entry - catalogue] =
		1 + KERNEL_FILE_MISSING;
	tree->kernel_files[1][catalogue_find(works).entry - catalogue] = 1 + KERNEL_FILE_WORKS;
	assert_int_equal(write_text(world, forwarding, "1"), 0);
	assert_reads(world, forwarding, "1\n");
	assert_reads(world, "net/ipv4/conf/eth0/forwarding", "1\n");
	assert_false(fakeprocsys_lookup(tree, works, &world->viewer).changed);
}

static void test_set_first(void **state)
{
	static const struct {
		const char *name, *value;
		int error;
		const char *path, *content, *near;
	} rows[] = {
		{ "net.ipv4.ip_unprivileged_port_start", "0", 0,
			"net/ipv4/ip_unprivileged_port_start", "0\n" },
		{ "net/ipv4/tcp_fin_timeout", "15", 0, "net/ipv4/tcp_fin_timeout", "15\n" },
		{ "net.ipv4.conf.eth0/100.rp_filter", "2", 0, "net/ipv4/conf/eth0.100/rp_filter",
			"2\n" },
		{ "net/ipv4/conf/eth0.100/arp_ignore", "1", 0, "net/ipv4/conf/eth0.100/arp_ignore",
			"1\n" },
		{ "net.ipv4.conf.all.route_localnet", "1", 0, "net/ipv4/conf/all/route_localnet",
			"1\n" },
		{ "net.ipv4.conf.default.rp_filter", "1", 0, "net/ipv4/conf/eth0/rp_filter",
			"1\n" },
		{ "kernel.cap_last_cap", "40", 0, "kernel/cap_last_cap", "40\n" },
		{ "kernel.osrelease", "6.1.0", 0, "kernel/osrelease", "6.1.0\n" },
		{ "kernel.sem", "9 8", 0, "kernel/sem", "9\t8\t500\t32000\n" },
		{ "net.ipv4.ip_forward", "1", 0, "net/ipv4/conf/eth0/forwarding", "1\n" },
		{ "vm.overcommit_memory", "3", -EINVAL },
		{ "vm.overcommit_memory", "", -EINVAL },
		{ "vm.overcommit_memory", "1 2", -EINVAL },
		{ "kernel.hostname", "two\nlines", -EINVAL },
		{ "kernel.random.uuid", "1", -EINVAL },
		{ "vm.overcommit_memroy", "1", -ENOENT, .near = "vm.overcommit_memory" },
		{ "net.ipv4.conf.eth1.rp_filtr", "1", -ENOENT, .near = "" },
		{ "kernel", "1", -ENOENT, .near = "" },
		{ "quite.another.thing", "1", -ENOENT, .near = "" },
		{ "", "1", -ENOENT, .near = "" },
	};
	struct world *world = *state;
	char why[SYSCTL_PATH_MAX], near[SYSCTL_PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int error = fakeprocsys_set_first(NULL, rows[i].name, rows[i].value, why, near);

		if (error != rows[i].error)
			fail_msg("%s: %d", rows[i].name, error);
		assert_int_equal(strlen(why) > 0, error == -EINVAL);
		if (rows[i].near)
			assert_string_equal(near, rows[i].near);
		assert_int_equal(
			fakeprocsys_set_first(world->tree, rows[i].name, rows[i].value, NULL, NULL),
			error);
		if (!rows[i].path)
			continue;
		assert_reads(world, rows[i].path, rows[i].content);
		assert_true(fakeprocsys_lookup(world->tree, rows[i].path, &world->viewer).changed);
	}
	/* In every namespace, until it is written there. */
	world->viewer.namespaces[SCOPE_NET] = 77;
	assert_reads(world, "net/ipv4/tcp_fin_timeout", "15\n");
	assert_int_equal(write_text(world, "net/ipv4/tcp_fin_timeout", "16"), 0);
	assert_reads(world, "net/ipv4/tcp_fin_timeout", "16\n");
	fakeprocsys_namespace_new(world->tree, SCOPE_NET, 77);
	assert_reads(world, "net/ipv4/tcp_fin_timeout", "15\n");
}

static void test_why(void **state)
{
	static const struct {
		const char *name, *value, *why;
	} rows[] = {
		{ "vm.overcommit_memory", "3", "a number from 0 to 2" },
		{ "kernel.printk", "x", "4 numbers from -2147483648 to 2147483647" },
		{ "net.core.default_qdisc", "x",
			"one of: pfifo_fast fq_codel fq cake sfq pfifo bfifo noqueue "
			"pfifo_head_drop codel" },
		{ "kernel.random.boot_id", "x", "nothing: it is computed" },
		{ "net.ipv4.ip_local_reserved_ports", "x",
			"numbers and ranges from 0 to 65535, as 1,3-5" },
	};
	char why[SYSCTL_PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			fakeprocsys_set_first(NULL, rows[i].name, rows[i].value, why, NULL),
			-EINVAL);
		assert_string_equal(why, rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_grammar),
		WORLD_TEST(test_trigger),
		WORLD_TEST(test_long_writes),
		WORLD_TEST(test_large_bitmap),
		WORLD_TEST(test_neighbours),
		WORLD_TEST(test_fake_does_not_hide_a_working_twin),
		WORLD_TEST(test_set_first),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/*
 * The tree against the kernel's own /proc/sys: the same files, modes, values, and the same answer
 * to the same writes. Needs root on a Linux; what it writes, it writes in namespaces of its own,
 * except values that are there already.
 */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "catalogue.h"
#include "fakeprocsys.h"
#include "tree.h"
#include "util.h"

static struct fakeprocsys *tree;
static struct sysctl_viewer viewer;
static const char *skip_reason;
static bool in_own_namespaces;

static bool in_first_user_namespace(void)
{
	FILE *file = fopen("/proc/self/uid_map", "r");
	unsigned inside = 1, outside = 1, count = 0;

	if (!file)
		return false;
	if (fscanf(file, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	fclose(file);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

static int start(void **state)
{
	struct statvfs file_system;

	tree = fakeprocsys_create();
	viewer = (struct sysctl_viewer){ .proc_fd = open("/proc/self", O_RDONLY | O_DIRECTORY) };
	memcpy(viewer.namespaces, tree->own, sizeof(viewer.namespaces));
	if (geteuid() != 0)
		skip_reason = "not root";
	else if (!in_first_user_namespace())
		skip_reason = "not in the first user namespace";
	else if (statvfs("/proc/sys", &file_system) < 0 || file_system.f_flag & ST_RDONLY)
		skip_reason = "/proc/sys is read-only";
	return tree && viewer.proc_fd >= 0 ? 0 : -1;
}

static int end(void **state)
{
	close(viewer.proc_fd);
	fakeprocsys_destroy(tree);
	return 0;
}

static void skip_unless_possible(void)
{
	if (!skip_reason)
		return;
	print_message("SKIP: %s\n", skip_reason);
	skip();
}

/* From here on in namespaces of this test: no other test may need the first ones after this. */
static void enter_own_namespaces(void)
{
	skip_unless_possible();
	if (!in_own_namespaces && unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS) < 0)
		skip_reason = "may not make namespaces";
	skip_unless_possible();
	in_own_namespaces = true;
}

static const char *kernel_path(const char *path)
{
	static char full[SYSCTL_PATH_MAX + 16];

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	return full;
}

/* The text with its newline, or "" */
static void kernel_read(const char *path, char text[SYSCTL_VALUE_MAX])
{
	int fd = open(kernel_path(path), O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, text, SYSCTL_VALUE_MAX - 1);

	text[length < 0 ? 0 : length] = '\0';
	if (fd >= 0)
		close(fd);
}

static int kernel_write(const char *path, const char *data, size_t length)
{
	int fd = open(kernel_path(path), O_WRONLY | O_TRUNC);
	int error = fd < 0 || write(fd, data, length) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

/* "<if>" is lo here; false if the kernel has no such file. */
static bool kernel_has(const struct entry *entry, char path[SYSCTL_PATH_MAX], struct stat *ret_stat)
{
	const char *at = strstr(entry->path, "<if>");

	if (at)
		snprintf(path, SYSCTL_PATH_MAX, "%.*slo%s", (int)(at - entry->path), entry->path,
			at + 4);
	else
		snprintf(path, SYSCTL_PATH_MAX, "%s", entry->path);
	return stat(kernel_path(path), ret_stat) == 0;
}

static void test_this_kernel_lacks_nothing(void **state)
{
	enum kernel_file how = KERNEL_FILE_WORKS;
	const char *lacking;

	skip_unless_possible();
	lacking = fakeprocsys_first_lacking(tree, &how);
	if (lacking)
		fail_msg("%s: %d", lacking, how);
}

static void test_same_files(void **state)
{
	size_t n_there = 0;

	skip_unless_possible();
	for (size_t i = 0; i < catalogue_length; i++) {
		const struct entry *entry = &catalogue[i];
		char path[SYSCTL_PATH_MAX];
		struct sysctl_node node;
		struct stat stat;

		if (!kernel_has(entry, path, &stat)) {
			if (!(entry->flags & OPTIONAL))
				fail_msg("%s: not optional, but this kernel lacks it", path);
			continue;
		}
		n_there++;
		node = fakeprocsys_lookup(tree, path, &viewer);
		assert_int_equal(node.kind, SYSCTL_FILE);
		/* What there is only once is read-only in all network namespaces but the first. */
		if (node.mode != (stat.st_mode & 0777) &&
			!(node.scope == SCOPE_SYSTEM && strncmp(path, "net/", 4) == 0 &&
				(node.mode & 0444) == (stat.st_mode & 0777)))
			fail_msg("%s: mode %o, the kernel's is %o", path, node.mode,
				stat.st_mode & 0777);
		assert_int_equal(fakeprocsys_kernel_file(tree, path, false), KERNEL_FILE_WORKS);
		/* user/ also wants CAP_SYS_RESOURCE, which a root in a container may not have. */
		if (fakeprocsys_kernel_file(tree, path, true) != KERNEL_FILE_WORKS &&
			access(kernel_path(path), W_OK) == 0)
			fail_msg("%s: cannot be written back", path);
	}
	print_message("%zu of %zu files are there\n", n_there, catalogue_length);
	assert_true(n_there > 200);
}

static void test_same_values(void **state)
{
	skip_unless_possible();
	for (size_t i = 0; i < catalogue_length; i++) {
		const struct entry *entry = &catalogue[i];
		char path[SYSCTL_PATH_MAX], text[SYSCTL_VALUE_MAX], ours[SYSCTL_VALUE_MAX],
			again[SYSCTL_VALUE_MAX];
		struct stat stat;

		if (!kernel_has(entry, path, &stat) || !(stat.st_mode & 0444) ||
			entry->grammar.kind == GRAMMAR_UUID ||
			entry->grammar.kind == GRAMMAR_BOOT_ID)
			continue;
		assert_true(fakeprocsys_read(tree, path, &viewer, ours) > 0);
		kernel_read(path, text);
		/* Counters go on counting between the two reads. */
		if (entry->mode & 0222 && !(entry->flags & NO_WRITE_BACK))
			assert_string_equal(ours, text);
		text[strcspn(text, "\n")] = '\0';
		if (grammar_check(&entry->grammar, text, NULL, text, again) < 0)
			fail_msg("%s: own value \"%s\" refused", path, text);
		if (strcmp(again, text) != 0)
			fail_msg("%s: \"%s\" became \"%s\"", path, text, again);
	}
}

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

static void same_write(const char *path, const char *before, const struct data *data)
{
	char kernels[SYSCTL_VALUE_MAX], ours[SYSCTL_VALUE_MAX];
	int kernel_error, our_error;

	/* The value before, in both, whatever the last write made of it. */
	kernel_write(path, before, strlen(before));
	fakeprocsys_write(tree, path, &viewer, before, strlen(before));

	kernel_error = kernel_write(path, data->bytes, data->length);
	our_error = fakeprocsys_write(tree, path, &viewer, data->bytes, data->length);
	if (kernel_error != our_error)
		fail_msg("%s: write \"%s\": %d, the kernel's %d", path, data->bytes, our_error,
			kernel_error);
	kernel_read(path, kernels);
	assert_true(fakeprocsys_read(tree, path, &viewer, ours) > 0);
	if (strcmp(path, "kernel/random/uuid") != 0 && strcmp(kernels, ours) != 0)
		fail_msg("%s: after a write of \"%s\": %s, the kernel's: %s", path, data->bytes,
			ours, kernels);
}

static void test_same_writes(void **state)
{
	enter_own_namespaces();
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		char before[SYSCTL_VALUE_MAX];

		if (access(kernel_path(writes[i].path), F_OK) < 0) {
			print_message("%s: not in this kernel\n", writes[i].path);
			continue;
		}
		kernel_read(writes[i].path, before);
		for (size_t j = 0; j < writes[i].n_data; j++)
			same_write(writes[i].path, before, &writes[i].data[j]);
		kernel_write(writes[i].path, before, strlen(before));
		fakeprocsys_write(tree, writes[i].path, &viewer, before, strlen(before));
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
			same_write(paths[i], before, &data);
		}
	}
}

static void both_write(const char *path, const char *data)
{
	assert_int_equal(kernel_write(path, data, strlen(data)), 0);
	assert_int_equal(fakeprocsys_write(tree, path, &viewer, data, strlen(data)), 0);
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

/* Files that behave as those of other kernels do, mounted over this one's. */
static void test_files_that_refuse(void **state)
{
	static const struct {
		const char *path, *mounted;
		enum kernel_file reading, writing;
	} rows[] = {
		{ "kernel/shmmax", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_NOT_WRITABLE },
		{ "kernel/shmall", "/dev/null", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		{ "kernel/msgmax", "/proc/self/mem", KERNEL_FILE_NOT_READABLE,
			KERNEL_FILE_NOT_READABLE },
		/* Its write would do something, so it is not tried. */
		{ "kernel/shm_rmid_forced", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		/* Nobody may write it on Linux, so that it refuses is right. */
		{ "kernel/cap_last_cap", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		{ "kernel/msgmnb", NULL, KERNEL_FILE_WORKS, KERNEL_FILE_NOT_WRITABLE },
	};
	struct fakeprocsys *fresh;
	enum kernel_file how;

	enter_own_namespaces();
	fresh = fakeprocsys_create();
	assert_non_null(fresh);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *path = kernel_path(rows[i].path);

		assert_int_equal(
			mount(rows[i].mounted ? rows[i].mounted : path, path, NULL, MS_BIND, NULL),
			0);
		if (!rows[i].mounted)
			assert_int_equal(
				mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
		if (fakeprocsys_kernel_file(fresh, rows[i].path, false) != rows[i].reading ||
			fakeprocsys_kernel_file(fresh, rows[i].path, true) != rows[i].writing)
			fail_msg("%s under %s", rows[i].path, rows[i].mounted);
	}
	/* The first in the catalogue's order. */
	assert_string_equal(fakeprocsys_first_lacking(fresh, &how), "kernel/msgmax");
	assert_int_equal(how, KERNEL_FILE_NOT_READABLE);
	fakeprocsys_destroy(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_kernel_lacks_nothing),
		cmocka_unit_test(test_same_files),
		cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_same_writes),
		cmocka_unit_test(test_same_random_writes),
		cmocka_unit_test(test_same_neighbours),
		cmocka_unit_test(test_same_following),
		cmocka_unit_test(test_own_values_in_each_namespace),
		cmocka_unit_test(test_files_that_refuse),
	};

	return cmocka_run_group_tests(tests, start, end);
}

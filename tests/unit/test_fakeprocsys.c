/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/* The tree by itself: nothing here depends on what the kernel's own /proc/sys holds. */
#include "fakeprocsys_world.h"

#include "catalogue.h"
#include "store.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static void test_lookup(void **state)
{
	static const struct {
		const char *path;
		enum sysctl_kind kind;
	} rows[] = {
		{ "", SYSCTL_FOLDER },
		{ "kernel", SYSCTL_FOLDER },
		{ "kernel/keys", SYSCTL_FOLDER },
		{ "kernel/key", SYSCTL_NONE },
		{ "kernel/panic", SYSCTL_FILE },
		{ "kernel/pani", SYSCTL_NONE },
		{ "kernel/panic/x", SYSCTL_NONE },
		{ "kernel/nosuch", SYSCTL_NONE },
		{ "/kernel", SYSCTL_NONE },
		{ "net/ipv4/conf", SYSCTL_FOLDER },
		{ "net/ipv4/conf/all", SYSCTL_FOLDER },
		{ "net/ipv4/conf/default", SYSCTL_FOLDER },
		{ "net/ipv4/conf/eth0", SYSCTL_FOLDER },
		{ "net/ipv4/conf/eth0.100", SYSCTL_FOLDER },
		{ "net/ipv4/conf/eth1", SYSCTL_NONE },
		{ "net/ipv4/conf/eth", SYSCTL_NONE },
		{ "net/ipv4/conf/<if>", SYSCTL_NONE },
		{ "net/ipv4/conf/<if>/forwarding", SYSCTL_NONE },
		{ "net/ipv4/conf/eth0/forwarding", SYSCTL_FILE },
		{ "net/ipv4/conf/eth1/forwarding", SYSCTL_NONE },
		{ "net/ipv4/conf/eth0/nosuch", SYSCTL_NONE },
		{ "net/ipv4/conf/lo/disable_policy", SYSCTL_FILE },
		{ "net/ipv4/neigh/default/gc_thresh1", SYSCTL_FILE },
		{ "net/ipv4/neigh/eth0/gc_thresh1", SYSCTL_NONE },
		{ "net/ipv4/neigh/eth0/gc_stale_time", SYSCTL_FILE },
		{ "net/ipv4/neigh/all", SYSCTL_NONE },
		{ "net/ipv6/conf/eth0/accept_ra", SYSCTL_FILE },
	};
	struct world *world = *state;
	char long_path[SYSCTL_PATH_MAX * 2];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sysctl_node node =
			fakeprocsys_lookup(world->tree, rows[i].path, &world->viewer);

		if (node.kind != rows[i].kind)
			fail_msg("%s: %d", rows[i].path, node.kind);
		if (node.kind == SYSCTL_FOLDER)
			assert_int_equal(node.mode, 0555);
	}
	memset(long_path, 'a', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(
		fakeprocsys_lookup(world->tree, long_path, &world->viewer).kind, SYSCTL_NONE);
	memcpy(long_path, "net/ipv4/conf/", 14);
	assert_int_equal(
		fakeprocsys_lookup(world->tree, long_path, &world->viewer).kind, SYSCTL_NONE);
	world->viewer.proc_fd = -1;
	assert_int_equal(fakeprocsys_lookup(world->tree, "net/ipv4/conf/lo", &world->viewer).kind,
		SYSCTL_NONE);
	assert_int_equal(fakeprocsys_lookup(world->tree, "net/ipv4/conf/all", &world->viewer).kind,
		SYSCTL_FOLDER);
}

static void test_optional(void **state)
{
	struct world *world = *state;

	assert_true(fakeprocsys_lookup(world->tree, "kernel/yama/ptrace_scope", &world->viewer)
			    .optional);
	assert_true(fakeprocsys_lookup(world->tree, "kernel/yama", &world->viewer).optional);
	assert_false(fakeprocsys_lookup(world->tree, "kernel/panic", &world->viewer).optional);
	assert_false(fakeprocsys_lookup(world->tree, "kernel", &world->viewer).optional);
}

static void test_may_end_in(void **state)
{
	static const struct {
		const char *name;
		bool may;
	} rows[] = {
		{ "ip_unprivileged_port_start", true },
		{ "sys", true }, /* may be an interface */
		{ "kernel", true },
		{ "eth0.100", true },
		{ "cni0", true },
		{ "libc.so.6", true },
		{ "main.go", false },
		{ "config.json", false },
		{ "a-name-that-no-interface-may-have", false },
		{ "", false },
		{ ".", false },
		{ "..", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fakeprocsys_may_end_in(rows[i].name, strlen(rows[i].name)) != rows[i].may)
			fail_msg("%s", rows[i].name);
	/* Not terminated. */
	assert_true(fakeprocsys_may_end_in("nf_conntrack_udp_timeout_streamXXX", 31));
}

struct names {
	char text[65536];
	size_t count;
};

static int collect_name(const char *name, const struct sysctl_node *node, void *data)
{
	struct names *names = data;

	assert_int_not_equal(node->kind, SYSCTL_NONE);
	strcat(strcat(names->text, " "), name);
	names->count++;
	return 0;
}

static int stop_at_once(const char *name, const struct sysctl_node *node, void *data)
{
	return 42;
}

static void test_list(void **state)
{
	static const struct {
		const char *path, *names;
	} rows[] = {
		{ "", " crypto fs kernel net user vm" },
		{ "kernel/keys", " gc_delay maxbytes maxkeys persistent_keyring_expiry "
				 "root_maxbytes root_maxkeys" },
		{ "net/ipv4/conf", " all default lo eth0 eth0.100" },
		{ "net/ipv4/neigh", " default lo eth0 eth0.100" },
		{ "net/unix", " max_dgram_qlen" },
	};
	struct world *world = *state;
	struct names names, others;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&names, 0, sizeof(names));
		assert_int_equal(fakeprocsys_list(world->tree, rows[i].path, &world->viewer,
					 collect_name, &names),
			0);
		assert_string_equal(names.text, rows[i].names);
	}
	memset(&names, 0, sizeof(names));
	memset(&others, 0, sizeof(others));
	fakeprocsys_list(
		world->tree, "net/ipv4/neigh/default", &world->viewer, collect_name, &names);
	fakeprocsys_list(world->tree, "net/ipv4/neigh/eth0", &world->viewer, collect_name, &others);
	assert_int_equal(names.count, others.count + 4);
	/* lo has lines of its own in the catalogue, and still each name once. */
	memset(&names, 0, sizeof(names));
	memset(&others, 0, sizeof(others));
	fakeprocsys_list(world->tree, "net/ipv4/conf/lo", &world->viewer, collect_name, &names);
	fakeprocsys_list(world->tree, "net/ipv4/conf/eth0", &world->viewer, collect_name, &others);
	assert_string_equal(names.text, others.text);

	assert_int_equal(
		fakeprocsys_list(world->tree, "kernel", &world->viewer, stop_at_once, NULL), 42);
	assert_int_equal(
		fakeprocsys_list(world->tree, "net/ipv4/conf", &world->viewer, stop_at_once, NULL),
		42);
	assert_int_equal(
		fakeprocsys_list(world->tree, "kernel/panic", &world->viewer, collect_name, &names),
		-ENOENT);
	assert_int_equal(fakeprocsys_list(world->tree, "net/ipv4/conf/eth1", &world->viewer,
				 collect_name, &names),
		-ENOENT);
}

/* Every file of the catalogue is reached by listing, and each can be read or says why not. */
struct walk {
	struct world *world;
	const char *path;
	size_t n_files;
};

static int walk_on(const char *name, const struct sysctl_node *node, void *data)
{
	struct walk *walk = data, below = { walk->world };
	char path[SYSCTL_PATH_MAX * 2], content[SYSCTL_VALUE_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "%s%s%s", walk->path, walk->path[0] ? "/" : "", name);
	below.path = path;
	if (node->kind == SYSCTL_FOLDER) {
		assert_int_equal(fakeprocsys_list(walk->world->tree, path, &walk->world->viewer,
					 walk_on, &below),
			0);
		walk->n_files += below.n_files;
		return 0;
	}
	walk->n_files++;
	length = fakeprocsys_read(walk->world->tree, path, &walk->world->viewer, content);
	if (node->mode & 0444) {
		assert_true(length > 0);
		assert_int_equal(content[length - 1], '\n');
	} else {
		assert_int_equal(length, -EACCES);
	}
	return 0;
}

static void test_walk(void **state)
{
	struct walk walk = { *state, "" };
	size_t expected = 0;

	for (size_t i = 0; i < catalogue_length; i++) {
		const char *path = catalogue[i].path;
		bool conf = strstr(path, "/conf/") != NULL;

		/* all (not for neigh), default, lo, eth0, eth0.100 */
		if (strstr(path, "<if>"))
			expected += conf ? 5 : 4;
		else if (!conf)
			expected++;
	}
	assert_int_equal(
		fakeprocsys_list(walk.world->tree, "", &walk.world->viewer, walk_on, &walk), 0);
	assert_int_equal(walk.n_files, expected);
}

static bool alive_but_10(enum sysctl_scope scope, uint64_t identity, void *data)
{
	(*(int *)data)++;
	return identity != 10;
}

static void test_namespaces(void **state)
{
	struct world *world = *state;
	struct world other = *world;
	int asked = 0;

	other.viewer.namespaces[SCOPE_NET] = 10;
	other.viewer.namespaces[SCOPE_IPC] = 20;
	assert_int_equal(write_text(world, "net/ipv4/tcp_fin_timeout", "30"), 0);
	assert_int_equal(write_text(world, "kernel/shmmni", "100"), 0);
	assert_int_equal(write_text(world, "vm/swappiness", "5"), 0);
	assert_reads(&other, "net/ipv4/tcp_fin_timeout", "60\n");
	assert_reads(&other, "kernel/shmmni", "4096\n");
	assert_reads(&other, "vm/swappiness", "5\n");
	assert_true(fakeprocsys_lookup(world->tree, "kernel/shmmni", &world->viewer).changed);
	assert_false(fakeprocsys_lookup(world->tree, "kernel/shmmni", &other.viewer).changed);

	assert_int_equal(write_text(&other, "net/ipv4/tcp_fin_timeout", "40"), 0);
	assert_int_equal(write_text(&other, "kernel/shmmni", "200"), 0);
	assert_reads(world, "net/ipv4/tcp_fin_timeout", "30\n");
	fakeprocsys_namespace_new(world->tree, SCOPE_IPC, 20);
	fakeprocsys_namespace_new(world->tree, SCOPE_SYSTEM, 0);
	assert_reads(&other, "kernel/shmmni", "4096\n");
	assert_reads(&other, "net/ipv4/tcp_fin_timeout", "40\n");

	fakeprocsys_collect(world->tree, alive_but_10, &asked);
	assert_int_equal(asked, 3); /* net 1, ipc 2, net 10; the system is not asked for */
	assert_reads(&other, "net/ipv4/tcp_fin_timeout", "60\n");
	assert_reads(world, "net/ipv4/tcp_fin_timeout", "30\n");
	assert_reads(world, "vm/swappiness", "5\n");
}

static bool nothing_alive(enum sysctl_scope scope, uint64_t identity, void *data)
{
	return false;
}

static void test_bounds(void **state)
{
	struct world *world = *state;
	struct store *store = store_create();
	char path[64];

	for (uint64_t i = 0; i < STORE_NAMESPACES_MAX; i++) {
		world->viewer.namespaces[SCOPE_IPC] = 1000 + i;
		assert_int_equal(write_text(world, "kernel/shmmni", "1"), 0);
	}
	world->viewer.namespaces[SCOPE_IPC] = 1;
	assert_int_equal(write_text(world, "kernel/shmmni", "1"), -ENOMEM);
	assert_reads(world, "kernel/shmmni", "4096\n");
	world->viewer.namespaces[SCOPE_IPC] = 1000;
	assert_int_equal(write_text(world, "kernel/shmmni", "2"), 0);
	fakeprocsys_collect(world->tree, nothing_alive, NULL);
	world->viewer.namespaces[SCOPE_IPC] = 1;
	assert_int_equal(write_text(world, "kernel/shmmni", "1"), 0);

	for (int i = 0; i < STORE_VALUES_MAX; i++) {
		snprintf(path, sizeof(path), "%d", i);
		assert_int_equal(store_set(store, SCOPE_NET, 1, path, "v"), 0);
	}
	assert_int_equal(store_set(store, SCOPE_NET, 1, "one more", "v"), -ENOMEM);
	assert_int_equal(store_set(store, SCOPE_NET, 2, "one more", "v"), -ENOMEM);
	assert_int_equal(store_count(store, SCOPE_NET, 1), STORE_VALUES_MAX);
	assert_int_equal(store_count(store, SCOPE_NET, 2), 0);
	assert_null(store_get(store, SCOPE_NET, 2, "one more"));
	store_drop(store, SCOPE_NET, 1, NULL, NULL);
	assert_int_equal(store_set(store, SCOPE_NET, 2, "one more", "v"), 0);
	store_destroy(store);
}

/* A namespace that can be entered is asked itself, whatever net/dev says: gVisor's may be of another one. */
static void test_interfaces_are_asked_of_the_namespace(void **state)
{
	struct world *world = *state;
	char target[64], link[80];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		char said = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';

		(void)!write(ends[1], &said, 1);
		pause();
		_exit(0);
	}
	char said = 'n';
	assert_int_equal(read(ends[0], &said, 1), 1);
	snprintf(target, sizeof(target), "/proc/%d/ns", child);
	snprintf(link, sizeof(link), "%s/ns", world->folder);
	assert_int_equal(symlink(target, link), 0);
	if (said == 'y') {
		assert_int_equal(fakeprocsys_lookup(
					 world->tree, "net/ipv4/conf/lo/rp_filter", &world->viewer)
					 .kind,
			SYSCTL_FILE);
		assert_int_equal(fakeprocsys_lookup(world->tree, "net/ipv4/conf/eth0/rp_filter",
					 &world->viewer)
					 .kind,
			SYSCTL_NONE);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	/* Nothing to enter any more. */
	assert_int_equal(
		fakeprocsys_lookup(world->tree, "net/ipv4/conf/eth0/rp_filter", &world->viewer)
			.kind,
		SYSCTL_FILE);
	if (said != 'y')
		skip();
}

enum { CANNOT = 77 };

/* In a network namespace of its own, where a value is set by hand; its exit code. */
static int look_from_another_namespace(struct world *world)
{
	static const char path[] = "net/ipv4/ip_default_ttl";
	char link[64] = "", others[SYSCTL_VALUE_MAX], own[SYSCTL_VALUE_MAX];
	unsigned long long number;

	if (unshare(CLONE_NEWNET))
		return CANNOT;
	int fd = open("/proc/sys/net/ipv4/ip_default_ttl", O_WRONLY);
	if (fd < 0 || write(fd, "99", 2) != 2 ||
		readlink("/proc/self/ns/net", link, sizeof(link) - 1) <= 0 ||
		sscanf(link, "net:[%llu]", &number) != 1)
		return CANNOT;
	struct fakeprocsys *tree = fakeprocsys_create();
	ssize_t n = fakeprocsys_read(tree, path, &world->viewer, others);
	world->viewer.namespaces[SCOPE_NET] = number;
	ssize_t n_own = fakeprocsys_read(tree, path, &world->viewer, own);
	return n > 0 && n_own > 0 && strcmp(others, "64\n") == 0 && strcmp(own, "99\n") == 0 ? 0
											     : 1;
}

/* What the kernel shows to this process is of its own namespaces. */
static void test_kernel_shows_its_own_namespace(void **state)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(look_from_another_namespace(*state));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A node that makes and removes pods for months. */
static void test_values_of_gone_interfaces_go(void **state)
{
	struct world *world = *state;
	char name[16], path[64], interfaces[64];

	assert_int_equal(write_text(world, "net/ipv4/conf/eth0/rp_filter", "2"), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "veth%d", i);
		snprintf(interfaces, sizeof(interfaces), "lo eth0 %s", name);
		set_interfaces(world, interfaces);
		snprintf(path, sizeof(path), "net/ipv4/conf/%s/arp_notify", name);
		assert_int_equal(write_text(world, path, "1"), 0);
	}
	assert_reads(world, path, "1\n");
	assert_reads(world, "net/ipv4/conf/eth0/rp_filter", "2\n");
	set_interfaces(world, "lo eth0 veth0");
	assert_reads(world, "net/ipv4/conf/veth0/arp_notify", "0\n");
}

static void test_make_tree(void **state)
{
	struct world *world = *state;
	char folder[128], path[256], content[64] = "";
	struct stat stat_of;
	int fd;

	assert_int_equal(
		fakeprocsys_set_first(world->tree, "net.ipv4.tcp_fin_timeout", "15", NULL, NULL),
		0);
	snprintf(folder, sizeof(folder), "%s/tree", world->folder);
	/* The second time over its own read-only files. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(fakeprocsys_make_tree(world->tree, folder), 0);
	snprintf(path, sizeof(path), "%s/net/ipv4/tcp_fin_timeout", folder);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, content, sizeof(content)), 3);
	close(fd);
	assert_string_equal(content, "15\n");
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode, S_IFREG | 0644);
	snprintf(path, sizeof(path), "%s/kernel/cap_last_cap", folder);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode, S_IFREG | 0444);
	snprintf(path, sizeof(path), "%s/net/ipv4/conf/default/rp_filter", folder);
	assert_int_equal(stat(path, &stat_of), 0);
	snprintf(path, sizeof(path), "%s/kernel/keys", folder);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0700, 0700);
	snprintf(path, sizeof(path), "%s/no/such", world->folder);
	assert_int_equal(fakeprocsys_make_tree(world->tree, path), -ENOENT);
}

static void test_computed(void **state)
{
	struct world *world = *state;
	char one[SYSCTL_VALUE_MAX], two[SYSCTL_VALUE_MAX];

	assert_int_equal(
		fakeprocsys_read(world->tree, "kernel/random/uuid", &world->viewer, one), 37);
	assert_int_equal(
		fakeprocsys_read(world->tree, "kernel/random/uuid", &world->viewer, two), 37);
	assert_string_not_equal(one, two);
	assert_int_equal(
		fakeprocsys_read(world->tree, "kernel/random/boot_id", &world->viewer, one), 37);
	assert_int_equal(
		fakeprocsys_read(world->tree, "kernel/random/boot_id", &world->viewer, two), 37);
	assert_string_equal(one, two);
}

static void test_kernel_file(void **state)
{
	struct world *world = *state;

	for (int for_writing = 0; for_writing < 2; for_writing++) {
		assert_int_equal(fakeprocsys_kernel_file(world->tree, "kernel/nosuch", for_writing),
			KERNEL_FILE_MISSING);
		assert_int_equal(
			fakeprocsys_kernel_file(world->tree, "", for_writing), KERNEL_FILE_WORKS);
		/* The second answer is the kept one. */
		for (int i = 0; i < 2; i++)
			assert_int_equal(
				fakeprocsys_kernel_file(world->tree, "kernel/ostype", for_writing),
				KERNEL_FILE_WORKS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_lookup),
		WORLD_TEST(test_optional),
		cmocka_unit_test(test_may_end_in),
		WORLD_TEST(test_list),
		WORLD_TEST(test_walk),
		WORLD_TEST(test_namespaces),
		WORLD_TEST(test_bounds),
		WORLD_TEST(test_interfaces_are_asked_of_the_namespace),
		WORLD_TEST(test_kernel_shows_its_own_namespace),
		WORLD_TEST(test_values_of_gone_interfaces_go),
		WORLD_TEST(test_make_tree),
		WORLD_TEST(test_computed),
		WORLD_TEST(test_kernel_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

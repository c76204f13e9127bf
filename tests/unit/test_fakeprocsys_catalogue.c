/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/* The data: sorted, sane, and whole. */
#include "fakeprocsys_world.h"

#include "catalogue.h"
#include "first_values.h"

static void test_catalogue_is_sorted_and_sane(void **state)
{
	for (size_t i = 0; i < catalogue_length; i++) {
		const struct entry *entry = &catalogue[i];
		char value[SYSCTL_VALUE_MAX], again[SYSCTL_VALUE_MAX];
		bool is_net = strncmp(entry->path, "net/", 4) == 0;

		if (i > 0 && strcmp(catalogue[i - 1].path, entry->path) >= 0)
			fail_msg("%s is not after %s", entry->path, catalogue[i - 1].path);
		assert_true(strlen(entry->path) < SYSCTL_PATH_MAX - 16);
		assert_true((entry->mode & 0666) == entry->mode && entry->mode != 0);
		assert_true(strlen(entry->used_by) > 0);
		if (is_net ? entry->scope != SCOPE_NET && entry->scope != SCOPE_SYSTEM
			   : entry->scope == SCOPE_NET)
			fail_msg("%s: odd scope", entry->path);
		if (!first_value(entry->first_value, value))
			fail_msg("%s: unknown word %s", entry->path, entry->first_value);
		if (entry->grammar.kind == GRAMMAR_UUID || entry->grammar.kind == GRAMMAR_BOOT_ID ||
			!(entry->mode & 0444))
			continue;
		if (grammar_check(&entry->grammar, value, NULL, value, again) < 0 ||
			strcmp(value, again) != 0)
			fail_msg("%s: its first value \"%s\" becomes \"%s\"", entry->path, value,
				again);
	}
}

/* What node stacks are known to ask for. */
static void test_has_what_node_stacks_use(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		enum sysctl_scope scope;
	} rows[] = {
		{ "vm/overcommit_memory", 0644, SCOPE_SYSTEM },
		{ "vm/panic_on_oom", 0644, SCOPE_SYSTEM },
		{ "kernel/panic", 0644, SCOPE_SYSTEM },
		{ "kernel/panic_on_oops", 0644, SCOPE_SYSTEM },
		{ "kernel/keys/root_maxkeys", 0644, SCOPE_SYSTEM },
		{ "kernel/keys/root_maxbytes", 0644, SCOPE_SYSTEM },
		{ "kernel/keys/maxkeys", 0644, SCOPE_SYSTEM },
		{ "kernel/keys/maxbytes", 0644, SCOPE_SYSTEM },
		{ "kernel/pid_max", 0644, SCOPE_SYSTEM },
		{ "kernel/osrelease", 0444, SCOPE_UTS },
		{ "kernel/cap_last_cap", 0444, SCOPE_SYSTEM },
		{ "kernel/overflowuid", 0644, SCOPE_SYSTEM },
		{ "kernel/overflowgid", 0644, SCOPE_SYSTEM },
		{ "kernel/random/boot_id", 0444, SCOPE_SYSTEM },
		{ "kernel/random/uuid", 0444, SCOPE_SYSTEM },
		{ "kernel/hostname", 0644, SCOPE_UTS },
		{ "kernel/domainname", 0644, SCOPE_UTS },
		{ "kernel/unprivileged_userns_clone", 0644, SCOPE_SYSTEM },
		{ "kernel/shmmax", 0644, SCOPE_IPC },
		{ "kernel/shmall", 0644, SCOPE_IPC },
		{ "kernel/shmmni", 0644, SCOPE_IPC },
		{ "kernel/shm_rmid_forced", 0644, SCOPE_IPC },
		{ "kernel/msgmax", 0644, SCOPE_IPC },
		{ "kernel/msgmnb", 0644, SCOPE_IPC },
		{ "kernel/msgmni", 0644, SCOPE_IPC },
		{ "kernel/sem", 0644, SCOPE_IPC },
		{ "fs/mqueue/msg_max", 0644, SCOPE_IPC },
		{ "fs/mqueue/msgsize_max", 0644, SCOPE_IPC },
		{ "fs/mqueue/queues_max", 0644, SCOPE_IPC },
		{ "fs/mqueue/msg_default", 0644, SCOPE_IPC },
		{ "fs/mqueue/msgsize_default", 0644, SCOPE_IPC },
		{ "kernel/ns_last_pid", 0666, SCOPE_SYSTEM },
		{ "kernel/modprobe", 0644, SCOPE_SYSTEM },
		{ "kernel/ngroups_max", 0444, SCOPE_SYSTEM },
		{ "kernel/threads-max", 0644, SCOPE_SYSTEM },
		{ "kernel/seccomp/actions_avail", 0444, SCOPE_SYSTEM },
		{ "kernel/yama/ptrace_scope", 0644, SCOPE_SYSTEM },
		{ "kernel/sysrq", 0644, SCOPE_SYSTEM },
		{ "kernel/printk", 0644, SCOPE_SYSTEM },
		{ "kernel/dmesg_restrict", 0644, SCOPE_SYSTEM },
		{ "kernel/kptr_restrict", 0644, SCOPE_SYSTEM },
		{ "kernel/core_pattern", 0644, SCOPE_SYSTEM },
		{ "kernel/core_uses_pid", 0644, SCOPE_SYSTEM },
		{ "crypto/fips_enabled", 0444, SCOPE_SYSTEM },
		{ "net/ipv4/ip_forward", 0644, SCOPE_NET },
		{ "net/ipv4/conf/all/forwarding", 0644, SCOPE_NET },
		{ "net/ipv4/conf/default/forwarding", 0644, SCOPE_NET },
		{ "net/ipv4/conf/all/route_localnet", 0644, SCOPE_NET },
		{ "net/ipv4/conf/eth0/route_localnet", 0644, SCOPE_NET },
		{ "net/ipv4/conf/eth0/arp_notify", 0644, SCOPE_NET },
		{ "net/ipv4/conf/all/arp_ignore", 0644, SCOPE_NET },
		{ "net/ipv4/conf/all/arp_announce", 0644, SCOPE_NET },
		{ "net/ipv4/conf/eth0.100/rp_filter", 0644, SCOPE_NET },
		{ "net/bridge/bridge-nf-call-iptables", 0644, SCOPE_NET },
		{ "net/bridge/bridge-nf-call-ip6tables", 0644, SCOPE_NET },
		{ "net/bridge/bridge-nf-call-arptables", 0644, SCOPE_NET },
		{ "net/core/devconf_inherit_init_net", 0644, SCOPE_SYSTEM },
		{ "net/ipv6/conf/all/forwarding", 0644, SCOPE_NET },
		{ "net/ipv6/conf/default/forwarding", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/disable_ipv6", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/keep_addr_on_down", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/accept_ra", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/accept_dad", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/enhanced_dad", 0644, SCOPE_NET },
		{ "net/ipv6/conf/eth0/ndisc_notify", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_max", 0644, SCOPE_SYSTEM },
		{ "net/netfilter/nf_conntrack_tcp_timeout_established", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_tcp_timeout_close_wait", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_tcp_be_liberal", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_udp_timeout", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_udp_timeout_stream", 0644, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_count", 0444, SCOPE_NET },
		{ "net/netfilter/nf_conntrack_buckets", 0644, SCOPE_SYSTEM },
		{ "net/netfilter/nf_conntrack_generic_timeout", 0644, SCOPE_NET },
		{ "net/nf_conntrack_max", 0644, SCOPE_SYSTEM },
		{ "net/ipv4/vs/conntrack", 0644, SCOPE_NET },
		{ "net/ipv4/vs/conn_reuse_mode", 0644, SCOPE_NET },
		{ "net/ipv4/vs/expire_nodest_conn", 0644, SCOPE_NET },
		{ "net/ipv4/vs/expire_quiescent_template", 0644, SCOPE_NET },
		{ "net/ipv4/ip_unprivileged_port_start", 0644, SCOPE_NET },
		{ "net/ipv4/ping_group_range", 0644, SCOPE_NET },
		{ "net/ipv4/ip_local_port_range", 0644, SCOPE_NET },
		{ "net/ipv4/ip_local_reserved_ports", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_syncookies", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_keepalive_time", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_keepalive_intvl", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_keepalive_probes", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_fin_timeout", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_rmem", 0644, SCOPE_NET },
		{ "net/ipv4/tcp_wmem", 0644, SCOPE_NET },
		{ "net/core/somaxconn", 0644, SCOPE_NET },
		{ "net/core/rmem_max", 0644, SCOPE_SYSTEM },
		{ "net/core/wmem_max", 0644, SCOPE_SYSTEM },
		{ "net/core/rmem_default", 0644, SCOPE_SYSTEM },
		{ "net/core/wmem_default", 0644, SCOPE_SYSTEM },
		{ "net/core/default_qdisc", 0644, SCOPE_SYSTEM },
		{ "net/core/netdev_max_backlog", 0644, SCOPE_SYSTEM },
		{ "net/core/bpf_jit_enable", 0644, SCOPE_SYSTEM },
		{ "net/ipv4/neigh/default/gc_thresh1", 0644, SCOPE_SYSTEM },
		{ "net/ipv4/neigh/default/gc_thresh2", 0644, SCOPE_SYSTEM },
		{ "net/ipv4/neigh/default/gc_thresh3", 0644, SCOPE_SYSTEM },
		{ "net/unix/max_dgram_qlen", 0644, SCOPE_NET },
		{ "fs/file-max", 0644, SCOPE_SYSTEM },
		{ "fs/nr_open", 0644, SCOPE_SYSTEM },
		{ "fs/inotify/max_user_instances", 0644, SCOPE_SYSTEM },
		{ "fs/inotify/max_user_watches", 0644, SCOPE_SYSTEM },
		{ "fs/inotify/max_queued_events", 0644, SCOPE_SYSTEM },
		{ "fs/aio-max-nr", 0644, SCOPE_SYSTEM },
		{ "fs/pipe-max-size", 0644, SCOPE_SYSTEM },
		{ "fs/pipe-user-pages-soft", 0644, SCOPE_SYSTEM },
		{ "fs/protected_hardlinks", 0644, SCOPE_SYSTEM },
		{ "fs/protected_symlinks", 0644, SCOPE_SYSTEM },
		{ "fs/suid_dumpable", 0644, SCOPE_SYSTEM },
		{ "fs/mount-max", 0644, SCOPE_SYSTEM },
		{ "fs/may_detach_mounts", 0644, SCOPE_SYSTEM },
		{ "vm/max_map_count", 0644, SCOPE_SYSTEM },
		{ "vm/swappiness", 0644, SCOPE_SYSTEM },
		{ "vm/min_free_kbytes", 0644, SCOPE_SYSTEM },
		{ "vm/dirty_ratio", 0644, SCOPE_SYSTEM },
		{ "vm/dirty_background_ratio", 0644, SCOPE_SYSTEM },
		{ "vm/mmap_min_addr", 0644, SCOPE_SYSTEM },
		{ "user/max_user_namespaces", 0644, SCOPE_USER },
		{ "user/max_net_namespaces", 0644, SCOPE_USER },
		{ "user/max_mnt_namespaces", 0644, SCOPE_USER },
		{ "user/max_pid_namespaces", 0644, SCOPE_USER },
		{ "user/max_ipc_namespaces", 0644, SCOPE_USER },
		{ "user/max_uts_namespaces", 0644, SCOPE_USER },
		{ "user/max_cgroup_namespaces", 0644, SCOPE_USER },
		{ "user/max_inotify_instances", 0644, SCOPE_USER },
		{ "user/max_inotify_watches", 0644, SCOPE_USER },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sysctl_node node =
			fakeprocsys_lookup(world->tree, rows[i].path, &world->viewer);
		const char *name = strrchr(rows[i].path, '/') + 1;

		if (node.kind != SYSCTL_FILE)
			fail_msg("%s is not there", rows[i].path);
		if (node.mode != rows[i].mode || node.scope != rows[i].scope)
			fail_msg("%s: mode %o, scope %d", rows[i].path, node.mode, node.scope);
		assert_false(node.changed);
		assert_true(fakeprocsys_may_end_in(name, strlen(name)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue_is_sorted_and_sane),
		WORLD_TEST(test_has_what_node_stacks_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

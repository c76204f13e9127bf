/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* Which system calls stop: the filter that is made from rules is run here, instruction by instruction. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "fast_path_code.h"
#include "plan.h"
#include "rules_of.h"

/* Whether the last run has read more than number and architecture. Linux (5.11) keeps the answer where none does. */
static bool looked_further;

/* The classic BPF that libseccomp makes. The answer of the filter. */
static uint32_t run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0, k;

	looked_further = false;

	for (unsigned pc = 0; pc < program->len; pc++) {
		const struct sock_filter *f = &program->filter[pc];
		bool jump = false;

		k = f->k;
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(k + sizeof(a) <= sizeof(*data));
			looked_further |= k > offsetof(struct seccomp_data, arch);
			memcpy(&a, (const char *)data + k, sizeof(a));
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = a & k;
			break;
		case BPF_RET | BPF_K:
			return k;
		default:
			fail_msg("instruction %#x", f->code);
		}
		pc += jump ? f->jt : f->jf;
	}
	fail_msg("the filter does not end");
	return 0;
}

/* 'T' for a stop, 'F' for one of a foreign call, 'A' for none, 'E' for ENOSYS at once, 'R' for another refusal. */
static char answer(
	const struct sock_fprog *program, uint32_t arch, long nr, int arg, uint64_t value)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	if (arg >= 0)
		data.args[arg] = value;
	switch (run(program, &data)) {
	case SECCOMP_RET_TRACE | FILTER_TRACE_DATA:
		return 'T';
	case SECCOMP_RET_ALLOW:
		return 'A';
	case SECCOMP_RET_TRACE | FILTER_TRACE_FOREIGN:
		return 'F';
	case SECCOMP_RET_ERRNO | ENOSYS:
		return 'E';
	case SECCOMP_RET_ERRNO | ENOTTY:
	case SECCOMP_RET_ERRNO | EPERM:
		return 'R';
	default:
		return '?';
	}
}

static const char fake[] = "[rule r]\npath = /proc/sys/**\ndo = fake\n";
static const char root_inode[] =
	"[rule r]\npath = /proc\nsyscall = fstat newfstatat statx\ndo = stat\nst_ino = 1\n";
static const char keyctl[] =
	"[rule r]\nsyscall = keyctl\narg0 = KEYCTL_JOIN_SESSION_KEYRING\ndo = return\nerror = ENOSYS\n";
static const char tmpfs[] = "[rule r]\nfstype = tmpfs\ndo = mount-options\ndrop = nr_inodes\n";
static const char strictatime[] = "[rule r]\ndo = mount-options\nclear-flags = MS_STRICTATIME\n";
static const char netlink[] = "[rule r]\ndo = netlink-link\n";
static const char cgroup[] =
	"[rule r]\nsyscall = clone clone3 unshare setns\ndo = namespace\nkind = cgroup\n";

static const char join_pid[] =
	"[rule r]\nsyscall = openat newfstatat fstat fchdir fcntl execve setns\ndo = join-pid\n";

/* What only outsiders need does not stop in others. */
static void test_what_stops_late(void **state)
{
	static const struct {
		long nr;
		int arg; /* -1: all are 0 */
		uint64_t value;
		char first, late;
	} rows[] = {
		{ SYS_setns, -1, 0, 'T', 'A' },
		{ SYS_openat, -1, 0, 'T', 'A' },
		{ SYS_newfstatat, 3, 0, 'T', 'A' },
		{ SYS_newfstatat, 3, AT_EMPTY_PATH, 'A', 'T' },
		{ SYS_fstat, -1, 0, 'A', 'T' },
		{ SYS_fchdir, -1, 0, 'A', 'T' },
		{ SYS_execve, -1, 0, 'T', 'T' },
		{ SYS_fcntl, 1, F_DUPFD, 'A', 'T' },
		{ SYS_fcntl, 1, F_DUPFD_CLOEXEC, 'A', 'T' },
		{ SYS_fcntl, 1, F_SETFL, 'A', 'A' },
		{ SYS_dup, -1, 0, 'A', 'A' }, /* the rule does not name it */
		{ SYS_read, -1, 0, 'A', 'A' },
	};
	static const struct syscall_set none;
	const struct sock_fprog *first_program, *late_program;
	struct rule_set *set = rules_of(join_pid, 1);
	struct filter *first = plan_filter(set, &none, false), *late;

	assert_non_null(first);
	assert_int_equal(plan_late_filter(set, &late), 0);
	assert_non_null(late);
	assert_int_equal(filter_compile(first, &first_program), 0);
	assert_int_equal(filter_compile(late, &late_program), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char at_first = answer(
			first_program, AUDIT_ARCH_X86_64, rows[i].nr, rows[i].arg, rows[i].value);
		char at_last = answer(
			late_program, AUDIT_ARCH_X86_64, rows[i].nr, rows[i].arg, rows[i].value);
		if (at_first != rows[i].first || at_last != rows[i].late)
			fail_msg("row %zu: %c %c", i, at_first, at_last);
	}
	filter_destroy(first);
	filter_destroy(late);
	rules_destroy(set);

	set = rules_of(fake, 1);
	assert_int_equal(plan_late_filter(set, &late), 0);
	assert_null(late);
	rules_destroy(set);
}

/* What is made in the gate passes, and only that. */
static void test_gate(void **state)
{
	static const struct syscall_set none;
	struct syscall_set calls = { { 0 } };
	const struct {
		long nr;
		uint64_t ip;
		uint32_t answer;
	} rows[] = {
		{ SYS_openat, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN, SECCOMP_RET_ALLOW },
		{ SYS_openat, FAST_PATH_GATE + 3 * FAST_PATH_SLOT_BYTES + FAST_PATH_SLOT_RETURN,
			SECCOMP_RET_ALLOW },
		{ SYS_stat, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN, SECCOMP_RET_ALLOW },
		{ SYS_openat, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN + 1, SECCOMP_RET_TRACE },
		{ SYS_openat, FAST_PATH_GATE + FAST_PATH_GATE_BYTES + FAST_PATH_SLOT_RETURN,
			SECCOMP_RET_TRACE },
		{ SYS_openat, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN + (UINT64_C(1) << 32),
			SECCOMP_RET_TRACE },
		{ SYS_openat, 0x7f0000000007, SECCOMP_RET_TRACE },
		{ SYS_openat2, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN, SECCOMP_RET_TRACE },
		{ SYS_read, FAST_PATH_GATE + FAST_PATH_SLOT_RETURN, SECCOMP_RET_ALLOW },
	};
	const struct sock_fprog *program;
	struct rule_set *set = rules_of(fake, 1);
	struct filter *filter = plan_filter(set, &none, false);

	syscall_set_add(&calls, SYS_openat);
	syscall_set_add(&calls, SYS_stat);
	filter_allow_gate(filter, &calls);
	assert_int_equal(filter_compile(filter, &program), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seccomp_data data = { .nr = (int)rows[i].nr,
			.arch = AUDIT_ARCH_X86_64,
			.instruction_pointer = rows[i].ip };
		if ((run(program, &data) & SECCOMP_RET_ACTION_FULL) != rows[i].answer)
			fail_msg("row %zu", i);
	}
	/* Linux keeps the answers for all others. */
	answer(program, AUDIT_ARCH_X86_64, SYS_getppid, -1, 0);
	assert_false(looked_further);
	/* Another architecture's calls are not the same. */
	struct seccomp_data foreign = { .nr = SYS_execve,
		.arch = AUDIT_ARCH_I386,
		.instruction_pointer = FAST_PATH_GATE + FAST_PATH_SLOT_RETURN };
	syscall_set_add(&calls, SYS_execve);
	filter_allow_gate(filter, &calls);
	assert_int_equal(filter_compile(filter, &program), 0);
	foreign.nr = 11; /* execve */
	assert_int_equal(run(program, &foreign), SECCOMP_RET_TRACE | FILTER_TRACE_FOREIGN);
	filter_destroy(filter);
	rules_destroy(set);
}

/* A call that fails in any case does not stop: by the first rule that names it, and where nobody wants to read of it. */
static void test_refused(void **state)
{
	static const char clone3[] = "[rule r]\nsyscall = clone3\ndo = return\nerror = ENOSYS\n";
	static const char second[] =
		"[rule a]\nsyscall = clone3 setns\ndo = namespace\nkind = cgroup\n"
		"[rule r]\nsyscall = clone3\ndo = return\nerror = ENOSYS\n";
	static const char program_only[] =
		"[rule r]\nsyscall = clone3\nprogram = crun\ndo = return\nerror = ENOSYS\n";
	static const char when[] =
		"[rule r]\nsyscall = clone3\ndo = return\nerror = ENOSYS\nwhen = EPERM\n";
	static const char value[] = "[rule r]\nsyscall = clone3\ndo = return\nvalue = 1\n";
	static const struct {
		const char *rules;
		bool has_log;
		char answer;
	} rows[] = { { clone3, false, 'E' }, { clone3, true, 'T' }, { second, false, 'T' },
		{ program_only, false, 'T' }, { when, false, 'T' }, { value, false, 'T' } };
	static const struct syscall_set none;
	const struct sock_fprog *program;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule_set *set = rules_of(rows[i].rules, 1);
		struct filter *filter = plan_filter(set, &none, rows[i].has_log);
		assert_non_null(filter);
		assert_int_equal(filter_compile(filter, &program), 0);
		if (answer(program, AUDIT_ARCH_X86_64, SYS_clone3, -1, 0) != rows[i].answer)
			fail_msg("row %zu", i);
		assert_int_equal(plan_refuses(SYS_clone3), rows[i].answer == 'E');
		filter_destroy(filter);
		rules_destroy(set);
	}
}

static void test_what_stops(void **state)
{
	static const struct {
		const char *rules;
		long nr;
		int arg; /* -1: all are 0 */
		uint64_t value;
		char answer;
	} rows[] = {
		{ fake, SYS_openat, -1, 0, 'T' },
		{ fake, SYS_statx, -1, 0, 'T' },
		{ fake, SYS_getdents64, -1, 0, 'T' },
		{ fake, SYS_fstatfs, -1, 0, 'T' },
		{ fake, SYS_newfstatat, 3, 0, 'T' },
		{ fake, SYS_newfstatat, 3, AT_SYMLINK_NOFOLLOW, 'T' },
		{ fake, SYS_newfstatat, 3, AT_EMPTY_PATH, 'A' },
		{ fake, SYS_fstat, -1, 0, 'A' },
		{ fake, SYS_read, -1, 0, 'A' },
		{ fake, SYS_write, -1, 0, 'A' },
		{ fake, SYS_close, -1, 0, 'A' },
		{ fake, SYS_getppid, -1, 0, 'A' },
		{ fake, SYS_futex, -1, 0, 'A' },
		{ fake, SYS_io_uring_setup, -1, 0, 'E' },
		{ fake, SYS_clone, 0, CLONE_UNTRACED | CLONE_VM, 'T' },
		{ fake, SYS_clone, 0, CLONE_NEWNET, 'T' },
		{ fake, SYS_clone, 0, CLONE_VM | CLONE_THREAD, 'A' },
		{ fake, SYS_clone3, -1, 0, 'T' },
		{ fake, SYS_unshare, 0, CLONE_NEWIPC, 'T' },
		{ fake, SYS_unshare, 0, CLONE_FS, 'A' },
		{ fake, SYS_mount, 3, MS_NOSUID | MS_NODEV, 'T' }, /* may be FUSE */
		{ fake, SYS_mount, 3, MS_BIND | MS_REC, 'A' },
		{ fake, SYS_mount, 3, MS_REMOUNT, 'A' },
		{ fake, SYS_mount, 3, MS_PRIVATE, 'A' },
		{ fake, SYS_userfaultfd, -1, 0, 'T' },
		{ fake, SYS_ioctl, 1, FILTER_USERFAULTFD_NEW, 'T' },
		{ fake, SYS_ioctl, 1, 0x5401, 'A' },
		{ fake, SYS_mkdirat, -1, 0, 'T' },
		{ fake, SYS_open_tree, 2, OPEN_TREE_CLONE | AT_RECURSIVE, 'T' },
		{ fake, SYS_open_tree, 2, AT_RECURSIVE, 'A' },
		{ keyctl, SYS_open_tree, 2, OPEN_TREE_CLONE, 'A' },
		{ tmpfs, SYS_mount, 3, MS_NOSUID | MS_REMOUNT, 'T' },
		{ tmpfs, SYS_mount, 3, MS_NOSUID | MS_BIND | MS_REMOUNT, 'A' },
		{ tmpfs, SYS_mount, 3, MS_REC | MS_SLAVE, 'A' },
		{ strictatime, SYS_mount, 3, MS_REC | MS_BIND, 'T' },
		{ root_inode, SYS_openat, -1, 0, 'T' },
		{ root_inode, SYS_fstat, -1, 0, 'A' },
		{ root_inode, SYS_newfstatat, 3, 0, 'T' },
		{ root_inode, SYS_newfstatat, 3, AT_EMPTY_PATH, 'A' },
		{ root_inode, SYS_statx, 2, AT_EMPTY_PATH, 'T' },
		{ keyctl, SYS_keyctl, 0, 1, 'T' },
		{ keyctl, SYS_keyctl, 0, 2, 'A' },
		{ keyctl, SYS_execve, -1, 0, 'T' }, /* see tracee_was_replaced() */
		{ keyctl, SYS_openat, -1, 0, 'A' },
		{ keyctl, SYS_io_uring_setup, -1, 0, 'A' },
		{ cgroup, SYS_unshare, 0, CLONE_NEWCGROUP | CLONE_NEWNS, 'T' },
		{ cgroup, SYS_unshare, 0, CLONE_NEWNS, 'A' },
		{ cgroup, SYS_setns, 1, CLONE_NEWCGROUP, 'T' },
		{ cgroup, SYS_setns, 1, CLONE_NEWNET, 'A' },
		{ netlink, SYS_socket, 0, AF_NETLINK, 'T' },
		{ netlink, SYS_socket, 0, AF_INET, 'A' },
		{ netlink, SYS_recvmsg, 0, 960, 'T' },
		{ netlink, SYS_sendto, 0, 1023, 'T' },
		{ netlink, SYS_read, 0, 1000, 'T' },
		{ netlink, SYS_read, 0, UINT64_C(0xffffffff00000000) | 1000, 'T' },
		{ netlink, SYS_read, 0, 959, 'A' },
		{ netlink, SYS_write, 0, 1024, 'A' },
		{ netlink, SYS_recvfrom, 0, 5, 'A' },
		{ netlink, SYS_sendmsg, 0, 0, 'A' },
		{ netlink, SYS_readv, 0, 960, 'A' },
	};
	static const struct syscall_set none;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule_set *set = rules_of(rows[i].rules, 1);
		struct filter *filter = plan_filter(set, &none, false);
		const struct sock_fprog *program;

		assert_non_null(filter);
		assert_int_equal(filter_compile(filter, &program), 0);
		char got =
			answer(program, AUDIT_ARCH_X86_64, rows[i].nr, rows[i].arg, rows[i].value);
		if (got != rows[i].answer)
			fail_msg("row %zu, %s: %c, should be %c", i, syscall_info(rows[i].nr)->name,
				got, rows[i].answer);
		/* A call that no rule names is answered by its number alone. */
		assert_false(got == 'A' && rows[i].arg < 0 && looked_further);
		filter_destroy(filter);
		rules_destroy(set);
	}
}

/* 32-bit and x32 calls pass through, but for a few, by their own numbers: asm/unistd_32.h, asm/unistd_x32.h. */
static void test_foreign(void **state)
{
	enum { X32 = 0x40000000 };
	static const struct {
		uint32_t arch;
		long nr;
		int arg; /* -1: all are 0 */
		uint64_t value;
		char answer;
	} rows[] = {
		{ AUDIT_ARCH_I386, 5 /* open */, -1, 0, 'A' },
		{ AUDIT_ARCH_I386, 11 /* execve */, -1, 0, 'F' },
		{ AUDIT_ARCH_I386, 21 /* mount */, -1, 0, 'F' },
		{ AUDIT_ARCH_I386, 54 /* ioctl */, -1, 0, 'A' },
		{ AUDIT_ARCH_I386, 54, 1, FILTER_USERFAULTFD_NEW, 'R' },
		{ AUDIT_ARCH_I386, 120 /* clone */, -1, 0, 'A' },
		{ AUDIT_ARCH_I386, 120, 0, CLONE_UNTRACED, 'R' },
		{ AUDIT_ARCH_I386, 295 /* openat */, -1, 0, 'A' },
		{ AUDIT_ARCH_I386, 358 /* execveat */, -1, 0, 'F' },
		{ AUDIT_ARCH_I386, 374 /* userfaultfd */, -1, 0, 'E' },
		{ AUDIT_ARCH_I386, 425 /* io_uring_setup */, -1, 0, 'A' },
		{ AUDIT_ARCH_I386, 430 /* fsopen */, -1, 0, 'F' },
		{ AUDIT_ARCH_I386, 435 /* clone3 */, -1, 0, 'E' },
		{ AUDIT_ARCH_X86_64, X32 + SYS_openat, -1, 0, 'A' },
		{ AUDIT_ARCH_X86_64, X32 + SYS_mount, -1, 0, 'F' },
		{ AUDIT_ARCH_X86_64, X32 + SYS_userfaultfd, -1, 0, 'E' },
		{ AUDIT_ARCH_X86_64, X32 + SYS_fsopen, -1, 0, 'F' },
		{ AUDIT_ARCH_X86_64, X32 + SYS_clone3, -1, 0, 'E' },
		{ AUDIT_ARCH_X86_64, X32 + 520 /* execve */, -1, 0, 'F' },
		{ AUDIT_ARCH_X86_64, X32 + 545 /* execveat */, -1, 0, 'F' },
	};
	static const struct syscall_set none;
	struct rule_set *set = rules_of(fake, 1);
	struct filter *filter = plan_filter(set, &none, false);
	const struct sock_fprog *program;

	assert_non_null(filter);
	assert_int_equal(filter_compile(filter, &program), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char got = answer(program, rows[i].arch, rows[i].nr, rows[i].arg, rows[i].value);
		if (got != rows[i].answer)
			fail_msg("row %zu, %ld: %c, should be %c", i, rows[i].nr, got,
				rows[i].answer);
	}
	filter_destroy(filter);
	rules_destroy(set);
}

/* Where all calls are asked for, those that the table does not know stop as well; x32's are another ABI's. */
static void test_unknown(void **state)
{
	static const struct {
		long nr;
		char answer; /* where all are asked for */
	} rows[] = {
		{ 500, 'T' },
		{ SYSCALL_MAX - 1, 'T' },
		{ SYSCALL_MAX, 'T' },
		{ 0x3fffffff, 'T' },
		{ 0x40000000 + 500, 'A' },
		{ 0x7fffffff, 'A' },
		{ -1, 'T' },
		{ INT32_MIN, 'T' },
		{ SYS_getppid, 'A' }, /* taken out */
		{ SYS_read, 'T' },
		{ 0, 'T' },
	};
	struct syscall_set all, none = { { 0 } };
	struct rule_set *set = rules_of(fake, 1);
	const struct sock_fprog *every, *few;

	assert_int_equal(syscall_set_parse(&all, "!getppid", NULL), 0);
	struct filter *of_all = plan_filter(set, &all, true),
		      *of_none = plan_filter(set, &none, true);
	/* With a gate, which replaces stops by jumps to its own end. */
	filter_allow_gate(of_all, &set->rules[0]->syscalls);
	assert_int_equal(filter_compile(of_all, &every), 0);
	assert_int_equal(filter_compile(of_none, &few), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char got = answer(every, AUDIT_ARCH_X86_64, rows[i].nr, -1, 0);
		if (got != rows[i].answer)
			fail_msg("row %zu: %c, should be %c", i, got, rows[i].answer);
		assert_false(got == 'A' && looked_further);
		assert_int_equal(answer(few, AUDIT_ARCH_X86_64, rows[i].nr, -1, 0), 'A');
		got = answer(every, AUDIT_ARCH_I386, rows[i].nr, -1, 0);
		assert_int_equal(got, 'A');
	}
	assert_int_equal(answer(every, AUDIT_ARCH_I386, 11 /* execve */, -1, 0), 'F');
	assert_int_equal(answer(every, AUDIT_ARCH_X86_64, 0x40000000 + 520, -1, 0), 'F');
	filter_destroy(of_all);
	filter_destroy(of_none);
	rules_destroy(set);
}

static void test_second_filter(void **state)
{
	struct rule_set *set = rules_of(root_inode, 1);
	struct filter *filter;
	const struct sock_fprog *program;

	assert_int_equal(plan_second_filter(set, &filter), 0);
	assert_non_null(filter);
	assert_int_equal(filter_compile(filter, &program), 0);
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_fstat, -1, 0), 'T');
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_newfstatat, 3, AT_EMPTY_PATH), 'T');
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_newfstatat, 3, 0), 'A');
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_openat, -1, 0), 'A');
	filter_destroy(filter);
	rules_destroy(set);
	set = rules_of(keyctl, 1);
	assert_int_equal(plan_second_filter(set, &filter), 0);
	assert_null(filter);
	rules_destroy(set);
}

/* On a Linux that lacks nothing no probe says yes, and nothing may be traced. */
static void test_nothing_armed(void **state)
{
	struct rule_set *set = rules_create();
	struct rule_error error = { 0 };
	struct syscall_set logged = { 0 };
	int armed = 0;

	assert_int_equal(rules_load_profile(set, "containers", &context, &error), 0);
	assert_int_equal(rules_arm(set, holds, &armed), 0);
	struct filter *filter = plan_filter(set, &logged, true);
	assert_non_null(filter);
	assert_true(filter_is_empty(filter));
	filter_destroy(filter);

	syscall_set_add(&logged, SYS_read);
	filter = plan_filter(set, &logged, true);
	const struct sock_fprog *program;
	assert_false(filter_is_empty(filter));
	assert_int_equal(filter_compile(filter, &program), 0);
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_read, -1, 0), 'T');
	assert_int_equal(answer(program, AUDIT_ARCH_X86_64, SYS_openat, -1, 0), 'A');
	filter_destroy(filter);
	rules_destroy(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_stops),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_what_stops_late),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_second_filter),
		cmocka_unit_test(test_nothing_armed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

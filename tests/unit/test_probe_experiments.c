/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_probes gvtrace_util */
/* Experiments are shown kernels that lack things: a seccomp filter in their child answers for the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "experiments.h"
#include "fakeprocsys_stub.h"
#include "probe.h"
#include "util.h"

enum { LONG_MS = 20000 };

static const struct probe *find(const char *name)
{
	for (const struct probe *probe = probes; probe->name; probe++)
		if (strcmp(probe->name, name) == 0)
			return probe;
	fail_msg("no probe %s", name);
	return NULL;
}

/* Each call nr of this process is answered by action from now on. */
static void answer_for_the_kernel(long nr, uint32_t action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(5);
}

static size_t count_mounts(void)
{
	size_t lines = 0;
	FILE *file = fopen("/proc/self/mountinfo", "r");
	assert_non_null(file);
	for (int c; (c = fgetc(file)) != EOF;)
		lines += c == '\n';
	fclose(file);
	return lines;
}

enum { ROOT_ONLY = 1 };
#define ERROR(error) (SECCOMP_RET_ERRNO | (error))

struct lack {
	const char *name;
	long nr;
	uint32_t action;
	int yes;
	const char *evidence;
	int flags;
	long unknown; /* another call that fails with ENOSYS; 0: none */
};
static const struct lack *lack; /* inherited by the child */

static int ask_where_it_lacks(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	answer_for_the_kernel(lack->nr, lack->action);
	if (lack->unknown)
		answer_for_the_kernel(lack->unknown, ERROR(ENOSYS));
	return find(lack->name)->ask(argument, evidence);
}

#define JOIN "keyctl(KEYCTL_JOIN_SESSION_KEYRING, unreadable) = "

static void a_lacking_kernel_is_found_out(void **state)
{
	static const struct lack rows[] = {
		{ "no-openat2", SYS_openat2, ERROR(ENOSYS), 1, "openat2(\"/\") = ENOSYS" },
		{ "no-openat2", SYS_openat2, ERROR(EPERM), 0, "openat2(\"/\") = EPERM" },
		{ "no-openat2", SYS_openat2, SECCOMP_RET_KILL_PROCESS, 0,
			"the experiment was killed by SIGSYS" },
		{ "no-ambient-capabilities", SYS_prctl, ERROR(EINVAL), 1,
			"PR_CAP_AMBIENT_IS_SET of CAP_CHOWN = EINVAL" },
		{ "no-ambient-capabilities", SYS_prctl, ERROR(EPERM), 0,
			"PR_CAP_AMBIENT_IS_SET of CAP_CHOWN = EPERM" },
		{ "no-fsopen", SYS_fsopen, ERROR(ENOSYS), 1, "fsopen with unknown flags = ENOSYS" },
		{ "no-fsopen", SYS_fsopen, ERROR(EPERM), 0, "fsopen with unknown flags = EPERM" },
		{ "no-statx-mount-id", SYS_statx, ERROR(ENOSYS), 0,
			"not asked: statx(\"/\") = ENOSYS" },
		{ "no-mount-setattr", SYS_mount_setattr, ERROR(ENOSYS), 1,
			"mount_setattr of no structure = ENOSYS" },
		{ "no-mount-setattr", SYS_mount_setattr, ERROR(EPERM), 0,
			"mount_setattr of no structure = EPERM" },
		{ "keyctl-refused", SYS_keyctl, ERROR(EACCES), 1, JOIN "EACCES" },
		{ "keyctl-refused", SYS_keyctl, ERROR(EPERM), 1, JOIN "EPERM" },
		{ "keyctl-refused", SYS_keyctl, ERROR(ENOSYS), 0, JOIN "ENOSYS" },
		{ "keyctl-refused", SYS_keyctl, ERROR(EFAULT), 0, JOIN "EFAULT" },
		{ "keys-kept", SYS_keyctl, ERROR(ENOSYS), 0,
			"not asked: keyctl(KEYCTL_GET_KEYRING_ID) = ENOSYS" },
		{ "keys-kept", SYS_keyctl, ERROR(EPERM), 0, "keyctl(KEYCTL_REVOKE, 0) = EPERM" },
		{ "siocsifflags-missing", SYS_socket, ERROR(EAFNOSUPPORT), 0,
			"not asked: socket(AF_INET) = EAFNOSUPPORT" },
		{ "link-state-missing", SYS_socket, ERROR(EPERM), 0,
			"not asked: socket(NETLINK_ROUTE) = EPERM" },
		{ "link-state-missing", SYS_sendto, ERROR(EOPNOTSUPP), 0,
			"not asked: RTM_GETLINK of lo = EOPNOTSUPP" },
		/* Who is permitted to ask needs no namespace for it. */
		{ "bridge-port-refused", SYS_unshare, ERROR(ENOSYS), 0,
			"RTM_SETLINK of lo with IFLA_PROTINFO works", ROOT_ONLY },
		{ "bridge-port-refused", SYS_sendto, ERROR(EPERM), 0,
			"not asked: RTM_SETLINK of lo = EPERM" },
		{ "bridge-port-refused", SYS_sendto, ERROR(EOPNOTSUPP), 0,
			"not asked: RTM_SETLINK of lo = EOPNOTSUPP" },
		{ "route-source-refused", SYS_sendto, ERROR(EOPNOTSUPP), 0,
			"not asked: RTM_NEWROUTE = EOPNOTSUPP" },
		{ "routes-not-deleted", SYS_sendto, ERROR(EOPNOTSUPP), 0,
			"not asked: RTM_NEWROUTE = EOPNOTSUPP" },
		{ "siocsifflags-missing", SYS_ioctl, ERROR(ENOTTY), 0,
			"not asked: ioctl(SIOCGIFFLAGS, lo) = ENOTTY" },
		{ "open-tree-refuses-files", SYS_open_tree, ERROR(ENOTDIR), 0,
			"not asked: open_tree(\"/\") = ENOTDIR" },
		{ "no-tcgets2", SYS_ioctl, ERROR(ENOTTY), 0, "not asked: ioctl(TCGETS) = ENOTTY" },
		{ "no-kmsg", SYS_openat, ERROR(ENOENT), 1, "open(\"/dev/kmsg\") = ENOENT" },
		{ "no-kmsg", SYS_openat, ERROR(EPERM), 0, "open(\"/dev/kmsg\") = EPERM" },
		{ "root-is-9p", SYS_statfs, ERROR(ENOSYS), 0, "statfs(\"/\") = ENOSYS" },
		{ "umount-not-here", SYS_mount, ERROR(EINVAL), 0,
			"not asked: no mount in a mount namespace: EINVAL", ROOT_ONLY },
		{ "umount-not-here", SYS_clone, ERROR(EPERM), 0,
			"not asked: no mount in a mount namespace: EPERM", ROOT_ONLY },
		{ "tmpfs-nr-inodes", SYS_mount, ERROR(EINVAL), 0,
			"not asked: no mount of tmpfs at all: EINVAL", ROOT_ONLY, SYS_fsopen },
		{ "tmpfs-nr-inodes", SYS_mount, ERROR(EINVAL), 0,
			"fsconfig(tmpfs) takes nr_blocks=1 and nr_inodes=1", ROOT_ONLY },
		{ "tmpfs-nr-inodes", SYS_fsopen, ERROR(ENOSYS), 0,
			"mount(tmpfs, \"nr_blocks=1,nr_inodes=1\") works", ROOT_ONLY },
		{ "tmpfs-nr-inodes", SYS_unshare, ERROR(EPERM), 0,
			"not asked: no mount of tmpfs at all: EPERM", 0, SYS_fsopen },
		{ "devpts-mode", SYS_newfstatat, ERROR(ENOENT), 0,
			"not asked: no mount of devpts: ENOENT", ROOT_ONLY },
		{ "mount-move-refused", SYS_mount, ERROR(EINVAL), 1,
			"mount(\"\", \"\", MS_MOVE) = EINVAL" },
		{ "mount-move-refused", SYS_mount, ERROR(EPERM), 0,
			"mount(\"\", \"\", MS_MOVE) = EPERM" },
		{ "no-copy-file-range", SYS_copy_file_range, ERROR(ENOSYS), 1,
			"copy_file_range of no descriptor = ENOSYS" },
		{ "no-copy-file-range", SYS_copy_file_range, ERROR(EBADF), 0,
			"copy_file_range of no descriptor = EBADF" },
		{ "no-controlling-terminal", SYS_openat, ERROR(EIO), 1,
			"open(\"/dev/tty\") = EIO" },
		{ "no-controlling-terminal", SYS_openat, ERROR(ENXIO), 0,
			"open(\"/dev/tty\") = ENXIO" },
		{ "pipe-mode-refused", SYS_fchmod, ERROR(EPERM), 1, "fchmod of a pipe = EPERM" },
		{ "pipe-mode-refused", SYS_pipe2, ERROR(EMFILE), 0, "not asked: pipe2 = EMFILE" },
		{ "namespace-bind-not-recursive", SYS_mount, ERROR(EINVAL), 0,
			"not asked: no bind mount of /proc/self/ns/net at all: EINVAL", ROOT_ONLY,
			SYS_open_tree },
		{ "namespace-bind-not-recursive", SYS_open_tree, ERROR(ENOSYS), 0,
			"mount(\"/proc/self/ns/net\", MS_BIND | MS_REC) works", ROOT_ONLY },
#ifdef SYS_mkdir
		{ "tmpfs-nr-inodes", SYS_mkdir, ERROR(EROFS), 0,
			"not asked: no folder to mount on: EROFS", 0, SYS_fsopen },
#endif
		{ "no-mount-namespace", SYS_unshare, ERROR(EINVAL), 1,
			"unshare(CLONE_NEWNS) = EINVAL" },
		{ "no-mount-namespace", SYS_unshare, ERROR(EPERM), 0,
			"not asked: unshare(CLONE_NEWNS) = EPERM" },
		/* An answer of success without the deed, as in a kernel that ignores the flag. */
		{ "no-mount-namespace", SYS_unshare, ERROR(0), 1,
			"a mount made behind unshare(CLONE_NEWNS) is seen outside", ROOT_ONLY },
	};
	size_t mounts = count_mounts();
	for (lack = rows; lack < rows + ARRAY_SIZE(rows); lack++) {
		if ((lack->flags & ROOT_ONLY) && geteuid() != 0)
			continue;
		struct probe probe = { lack->name, "?", .ask = ask_where_it_lacks };
		struct probe_answer answer = probe_run(&probe, NULL, LONG_MS);
		assert_string_equal(answer.evidence, lack->evidence);
		assert_int_equal(answer.yes, lack->yes);
		assert_int_equal(count_mounts(), mounts);
	}
}

/* A /proc/stat of ours, seen by this process alone. */
static int ask_with_stat(const char *text, char evidence[PROBE_EVIDENCE_MAX])
{
	char name[] = "/tmp/stat-XXXXXX";
	int fd = mkstemp(name);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
		unshare(CLONE_NEWNS) < 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(name, "/proc/stat", NULL, MS_BIND, NULL) < 0 || unlink(name) < 0)
		_exit(5);
	return find("no-cpu-times")->ask(NULL, evidence);
}

static int ask_with_no_times(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	return ask_with_stat("cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n", evidence);
}

static int ask_with_idle_time(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	return ask_with_stat("cpu  0 0 0 7 0 0 0 0 0 0\ncpu0 0 0 0 7 0 0 0 0 0 0\n", evidence);
}

static void times_that_are_not_counted_are_found_out(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_with_no_times };
	if (geteuid() != 0)
		skip();
	struct probe_answer answer = probe_run(&probe, NULL, LONG_MS);
	assert_string_equal(answer.evidence, "/proc/stat: \"cpu  0 0 0 0 0 0 0 0 0 0\"");
	assert_int_equal(answer.yes, 1);
	probe.ask = ask_with_idle_time;
	answer = probe_run(&probe, NULL, LONG_MS);
	assert_string_equal(answer.evidence, "the cpu line of /proc/stat has numbers");
	assert_int_equal(answer.yes, 0);
}

/* Probes of ioctl(2) ask two things of it, or more; here one request alone fails. */
static const struct {
	const char *probe;
	uint32_t request;
} missing_ioctls[] = { { "siocsifflags-missing", 0x8914 /* SIOCSIFFLAGS */ },
	{ "no-tcgets2", 0x802c542a /* TCGETS2 */ } };
static size_t missing_ioctl; /* inherited by the child */

static int ask_without_ioctl(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	uint32_t request = missing_ioctls[missing_ioctl].request;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, request, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ERROR(ENOTTY)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(5);
	return find(missing_ioctls[missing_ioctl].probe)->ask(argument, evidence);
}

static void a_missing_ioctl_is_found_out(void **state)
{
	static const struct probe probe = { "test", "?", .ask = ask_without_ioctl };
	for (missing_ioctl = 0; missing_ioctl < ARRAY_SIZE(missing_ioctls); missing_ioctl++) {
		struct probe_answer answer = probe_run(&probe, NULL, LONG_MS);
		assert_non_null(strstr(answer.evidence, "= ENOTTY"));
		assert_int_equal(answer.yes, 1);
	}
}

static int ask_under_old_name(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (personality(UNAME26) < 0)
		_exit(5);
	return find("kernel-older-than")->ask(argument, evidence);
}

static void the_version_told_is_the_one_that_counts(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_under_old_name };
	struct probe_answer answer = probe_run(&probe, "3.0", LONG_MS);
	if (strncmp(answer.evidence, "uname: 2.6.", 11) != 0)
		skip(); /* a kernel without this personality */
	assert_int_equal(answer.yes, 1);
	assert_int_equal(probe_run(&probe, "2.6", LONG_MS).yes, 0);
	assert_int_equal(probe_run(&probe, "2.7", LONG_MS).yes, 1);
	assert_int_equal(probe_run(&probe, "1.99.999", LONG_MS).yes, 0);
}

static void a_version_is_not_older_than_itself(void **state)
{
	struct utsname name;
	unsigned major, minor, patch;
	assert_int_equal(uname(&name), 0);
	if (sscanf(name.release, "%u.%u.%u", &major, &minor, &patch) != 3)
		skip();
	const struct {
		unsigned major, minor, patch;
		int yes;
	} rows[] = {
		{ major, minor, patch, 0 },
		{ major, minor, patch + 1, 1 },
		{ major, minor + 1, 0, 1 },
		{ major + 1, 0, 0, 1 },
		{ major - 1, minor + 1, patch + 1, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char version[64];
		snprintf(version, sizeof(version), "%u.%u.%u", rows[i].major, rows[i].minor,
			rows[i].patch);
		struct probe_answer answer = probe_run(find("kernel-older-than"), version, LONG_MS);
		assert_non_null(strstr(answer.evidence, name.release));
		assert_int_equal(answer.yes, rows[i].yes);
	}
}

static int ask_without_proc(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0)
		_exit(5);
	return find(argument)->ask(NULL, evidence);
}

static void a_root_without_proc_says_nothing_of_the_kernel(void **state)
{
	static const char *const names[] = { "proc-root-inode", "no-cgroup-namespace",
		"sysctls-missing" };
	struct probe probe = { "test", "?", .ask = ask_without_proc };
	if (geteuid() != 0)
		skip();
	lacking_path = "kernel/panic";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct probe_answer answer = probe_run(&probe, names[i], LONG_MS);
		assert_string_equal(answer.evidence, "no proc filesystem on /proc");
		assert_int_equal(answer.yes, 0);
	}
	lacking_path = NULL;
}

static void the_tree_says_which_sysctl_lacks(void **state)
{
	static const struct {
		const char *path;
		enum kernel_file how;
		int yes;
		const char *evidence;
	} rows[] = {
		{ NULL, KERNEL_FILE_WORKS, 0, "every file that Linux has below /proc/sys works" },
		{ "kernel/panic", KERNEL_FILE_MISSING, 1, "/proc/sys/kernel/panic is missing" },
		{ "net/a", KERNEL_FILE_NOT_READABLE, 1, "/proc/sys/net/a cannot be read" },
		{ "net/a", KERNEL_FILE_NOT_WRITABLE, 1,
			"/proc/sys/net/a does not take back what it holds" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		lacking_path = rows[i].path;
		lacking_how = rows[i].how;
		struct probe_answer answer = probe_run(find("sysctls-missing"), NULL, LONG_MS);
		assert_string_equal(answer.evidence, rows[i].evidence);
		assert_int_equal(answer.yes, rows[i].yes);
	}
	lacking_path = NULL;
}

static void every_probe_answers_alike_and_leaves_no_mount(void **state)
{
	size_t mounts = count_mounts();
	for (const struct probe *probe = probes; probe->name; probe++) {
		const char *argument = probe->takes ? "5.10" : NULL;
		struct probe_answer first = probe_run(probe, argument, LONG_MS);
		struct probe_answer second = probe_run(probe, argument, LONG_MS);
		assert_string_not_equal(first.evidence, "");
		assert_string_equal(first.evidence, second.evidence);
		assert_int_equal(first.yes, second.yes);
		assert_null(strstr(first.evidence, "the experiment"));
		assert_int_equal(!probe->takes, !probe->check_argument);
	}
	assert_int_equal(count_mounts(), mounts);
}

static void together_the_probes_answer_as_alone(void **state)
{
	struct probe_question questions[64];
	size_t n = 0, mounts = count_mounts();
	for (const struct probe *probe = probes; probe->name; probe++) {
		assert_true(n < ARRAY_SIZE(questions));
		questions[n++] =
			(struct probe_question){ probe, probe->takes ? "5.10" : NULL, { 0 } };
	}
	/* Twice each, so that each comes after each. */
	for (size_t i = 0; i < n && n + i < ARRAY_SIZE(questions); i++)
		questions[n + i] = questions[i];
	probe_run_all(questions, MIN(2 * n, ARRAY_SIZE(questions)), LONG_MS);
	for (size_t i = 0; i < MIN(2 * n, ARRAY_SIZE(questions)); i++) {
		struct probe_answer alone =
			probe_run(questions[i].probe, questions[i].argument, LONG_MS);
		assert_string_equal(questions[i].answer.evidence, alone.evidence);
		assert_int_equal(questions[i].answer.yes, alone.yes);
	}
	assert_int_equal(count_mounts(), mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lacking_kernel_is_found_out),
		cmocka_unit_test(a_missing_ioctl_is_found_out),
		cmocka_unit_test(times_that_are_not_counted_are_found_out),
		cmocka_unit_test(the_version_told_is_the_one_that_counts),
		cmocka_unit_test(a_version_is_not_older_than_itself),
		cmocka_unit_test(a_root_without_proc_says_nothing_of_the_kernel),
		cmocka_unit_test(the_tree_says_which_sysctl_lacks),
		cmocka_unit_test(every_probe_answers_alike_and_leaves_no_mount),
		cmocka_unit_test(together_the_probes_answer_as_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_abi gvtrace_header_syscalls seccomp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "syscalls.h"
#include "util.h"

/* strace 7.2, x86-64, calls with TRACE_FILE (TF in src/linux/x86_64/syscallent.h and
 * src/linux/generic/syscallent-common.h). */
static const char *const strace_file[] = {
	"open",
	"stat",
	"lstat",
	"access",
	"execve",
	"truncate",
	"getcwd",
	"chdir",
	"rename",
	"mkdir",
	"rmdir",
	"creat",
	"link",
	"unlink",
	"symlink",
	"readlink",
	"chmod",
	"chown",
	"lchown",
	"utime",
	"mknod",
	"uselib",
	"statfs",
	"pivot_root",
	"chroot",
	"acct",
	"mount",
	"umount2",
	"swapon",
	"swapoff",
	"quotactl",
	"setxattr",
	"lsetxattr",
	"getxattr",
	"lgetxattr",
	"listxattr",
	"llistxattr",
	"removexattr",
	"lremovexattr",
	"utimes",
	"inotify_add_watch",
	"openat",
	"mkdirat",
	"mknodat",
	"fchownat",
	"futimesat",
	"newfstatat",
	"unlinkat",
	"renameat",
	"linkat",
	"symlinkat",
	"readlinkat",
	"fchmodat",
	"faccessat",
	"utimensat",
	"fanotify_mark",
	"name_to_handle_at",
	"renameat2",
	"execveat",
	"statx",
	"open_tree",
	"move_mount",
	"fsconfig",
	"fspick",
	"openat2",
	"faccessat2",
	"mount_setattr",
	"fchmodat2",
	"setxattrat",
	"getxattrat",
	"listxattrat",
	"removexattrat",
	"open_tree_attr",
	"file_getattr",
	"file_setattr",
};

/* Of those, the ones without a path at a fixed place: a buffer that is filled, and a value whose
 * meaning the command chooses. */
static const char *const strace_file_without_path[] = { "getcwd", "fsconfig" };

static const struct {
	const char *name;
	long number;
} header_syscalls[] = {
#include "header_syscalls.inc"
};

static int differences;

#define DIFFERS(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), differences++)

static int setup(void **state)
{
	differences = 0;
	return 0;
}

static bool is_in(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

static bool has_arg(const struct syscall_info *info, enum arg_kind kind)
{
	for (int i = 0; i < SYSCALL_ARGS; i++) {
		if (info->args[i] == kind)
			return true;
	}
	return false;
}

static void test_names_and_numbers_agree(void **state)
{
	int count = 0;

	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_info *info = syscall_info(nr);

		if (!info)
			continue;
		count++;
		if (syscall_number(info->name) != nr)
			DIFFERS("%s: number %ld, found as %ld", info->name, nr,
				syscall_number(info->name));
	}
	assert_int_equal(differences, 0);
	assert_true(count > 380);
}

static void test_unknown(void **state)
{
	assert_null(syscall_info(-1));
	assert_null(syscall_info(SYSCALL_MAX));
	assert_null(syscall_info(SYSCALL_MAX - 1));
	assert_null(syscall_info(400)); /* never given out on x86-64 */
	assert_null(syscall_info(0x40000000)); /* x32's read */
	assert_int_equal(syscall_number("opena"), -1);
	assert_int_equal(syscall_number("openat22"), -1);
	assert_int_equal(syscall_number(""), -1);
	assert_int_equal(syscall_number("%file"), -1);
	assert_int_equal(syscall_number("openat2"), 437);
}

/* A libseccomp that is older than the table does not know all of its names. */
static void test_libseccomp_agrees_with_the_table(void **state)
{
	int known = 0;

	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_info *info = syscall_info(nr);
		int other;

		if (!info)
			continue;
		other = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, info->name);
		if (other < 0)
			continue;
		known++;
		if (other != nr)
			DIFFERS("%s: %ld here, %d in libseccomp", info->name, nr, other);
	}
	assert_int_equal(differences, 0);
	assert_true(known > 340);
}

static void test_table_has_all_of_libseccomp(void **state)
{
	int known = 0;

	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		cleanup_free char *name =
			seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)nr);
		const struct syscall_info *info = syscall_info(nr);

		if (!name)
			continue;
		known++;
		if (!info || strcmp(info->name, name) != 0)
			DIFFERS("%ld: %s in libseccomp, %s here", nr, name,
				info ? info->name : "missing");
	}
	assert_int_equal(differences, 0);
	assert_true(known > 340);
}

static void test_table_has_all_of_the_headers(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(header_syscalls); i++) {
		const struct syscall_info *info = syscall_info(header_syscalls[i].number);

		if (!info || strcmp(info->name, header_syscalls[i].name) != 0)
			DIFFERS("%ld: %s in the headers, %s here", header_syscalls[i].number,
				header_syscalls[i].name, info ? info->name : "missing");
	}
	assert_int_equal(differences, 0);
	assert_true(ARRAY_SIZE(header_syscalls) > 340);
}

static void test_file_class_is_strace_s(void **state)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_info *info = syscall_info(nr);
		bool listed;

		if (!info)
			continue;
		listed = is_in(info->name, strace_file, ARRAY_SIZE(strace_file));
		if (listed != !!(info->classes & SYSCALL_FILE))
			DIFFERS("%s: %sin strace's %%file", info->name, listed ? "" : "not ");
		if (listed && is_in(info->name, strace_file_without_path,
				      ARRAY_SIZE(strace_file_without_path)))
			listed = false;
		if (listed != has_arg(info, ARG_PATH))
			DIFFERS("%s: should%s have an ARG_PATH", info->name, listed ? "" : " not");
	}
	for (size_t i = 0; i < ARRAY_SIZE(strace_file); i++) {
		if (syscall_number(strace_file[i]) < 0)
			DIFFERS("%s: missing", strace_file[i]);
	}
	assert_int_equal(differences, 0);
}

/* What every reader of the table relies on. */
static void test_args_are_well_formed(void **state)
{
	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		const struct syscall_info *info = syscall_info(nr);

		for (int i = 0; info && i < SYSCALL_ARGS; i++) {
			bool last = i == SYSCALL_ARGS - 1;

			if (info->args[i] > ARG_CWD_OUT)
				DIFFERS("%s: argument %d is of no kind", info->name, i);
			if (info->args[i] == ARG_DIRFD && (last || info->args[i + 1] != ARG_PATH))
				DIFFERS("%s: argument %d is a dirfd without a path", info->name, i);
			if (info->args[i] == ARG_SOCKADDR &&
				(last || info->args[i + 1] != ARG_VALUE))
				DIFFERS("%s: argument %d is without a length", info->name, i);
			if (info->args[i] == ARG_NONE && !last && info->args[i + 1] != ARG_NONE)
				DIFFERS("%s: a gap at argument %d", info->name, i);
		}
		/* The headers' names say where the -at calls take a directory. */
		if (info && strlen(info->name) > 2 &&
			strcmp(info->name + strlen(info->name) - 2, "at") == 0 &&
			(info->classes & SYSCALL_FILE) && (info->classes & SYSCALL_DESC) &&
			!has_arg(info, ARG_DIRFD) && nr != SYS_creat)
			DIFFERS("%s: no ARG_DIRFD", info->name);
	}
	assert_int_equal(differences, 0);
}

/* Each call's arguments as one letter each: - dirfd, p path, f fd, s string, i in, o out, v value, x flags,
 * m mode, n process, a argv, k socket address. */
static void test_args(void **state)
{
	static const struct {
		const char *name, *args;
	} rows[] = {
		{ "getpid", "" },
		{ "openat", "-pxm" },
		{ "openat2", "-piv" },
		{ "read", "fov" },
		{ "write", "fiv" },
		{ "fstat", "fo" },
		{ "fstatfs", "fo" },
		{ "getdents64", "fov" },
		{ "newfstatat", "-pox" },
		{ "statx", "-pxxo" },
		{ "symlink", "sp" },
		{ "symlinkat", "s-p" },
		{ "link", "pp" },
		{ "linkat", "-p-px" },
		{ "renameat2", "-p-px" },
		{ "move_mount", "-p-px" },
		{ "mount", "ppsxs" },
		{ "umount2", "px" },
		{ "pivot_root", "pp" },
		{ "swapon", "px" },
		{ "quotactl", "xpvv" },
		{ "open_tree", "-px" },
		{ "open_tree_attr", "-pxiv" },
		{ "fspick", "-px" },
		{ "fsopen", "sx" },
		{ "fsconfig", "fvsvv" },
		{ "mount_setattr", "-pxiv" },
		{ "fanotify_mark", "fxx-p" },
		{ "inotify_add_watch", "fpx" },
		{ "name_to_handle_at", "-poox" },
		{ "execveat", "-paix" },
		{ "utimensat", "-pix" },
		{ "setxattr", "psivx" },
		{ "fsetxattr", "fsivx" },
		{ "setxattrat", "-pxsiv" },
		{ "removexattrat", "-pxs" },
		{ "file_getattr", "-povx" },
		{ "mq_open", "sxmi" },
		{ "ioctl", "fxv" },
		{ "mmap", "vvxxfv" },
		{ "dup3", "ffx" },
		{ "connect", "fkv" },
		{ "sendto", "fivxkv" },
		{ "sendmsg", "fix" },
		{ "setns", "fx" },
		{ "kill", "nv" },
		{ "tgkill", "nnv" },
		{ "waitid", "vnoxo" },
		{ "ptrace", "vnvv" },
	};
	static const char letters[] = { [ARG_VALUE] = 'v',
		[ARG_FLAGS] = 'x',
		[ARG_MODE] = 'm',
		[ARG_PID] = 'n',
		[ARG_FD] = 'f',
		[ARG_DIRFD] = '-',
		[ARG_PATH] = 'p',
		[ARG_STRING] = 's',
		[ARG_ARGV] = 'a',
		[ARG_SOCKADDR] = 'k',
		[ARG_IN] = 'i',
		[ARG_OUT] = 'o',
		[ARG_CWD_OUT] = 'c' };

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		const struct syscall_info *info = syscall_info(syscall_number(rows[row].name));
		char args[SYSCALL_ARGS + 1] = "";

		assert_non_null(info);
		for (int i = 0; i < SYSCALL_ARGS; i++)
			args[i] = letters[info->args[i]];
		if (strcmp(args, rows[row].args) != 0)
			DIFFERS("%s: \"%s\", should be \"%s\"", rows[row].name, args,
				rows[row].args);
	}
	assert_int_equal(differences, 0);
}

static void test_classes(void **state)
{
	static const struct {
		const char *name;
		unsigned classes;
	} rows[] = {
		{ "getpid", 0 },
		{ "openat", SYSCALL_FILE | SYSCALL_DESC },
		{ "execve", SYSCALL_FILE | SYSCALL_PROCESS },
		{ "stat", SYSCALL_FILE | SYSCALL_STAT_LIKE },
		{ "fstat", SYSCALL_DESC | SYSCALL_STAT_LIKE },
		{ "statx", SYSCALL_FILE | SYSCALL_DESC | SYSCALL_STAT_LIKE },
		{ "statfs", SYSCALL_FILE | SYSCALL_STATFS_LIKE },
		{ "ustat", SYSCALL_STATFS_LIKE },
		{ "connect", SYSCALL_NETWORK },
		{ "kill", SYSCALL_SIGNAL | SYSCALL_PROCESS },
		{ "mmap", SYSCALL_DESC | SYSCALL_MEMORY },
		{ "shmget", SYSCALL_IPC },
		{ "setuid", SYSCALL_CREDS },
		{ "clock_gettime", SYSCALL_CLOCK },
	};

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		const struct syscall_info *info = syscall_info(syscall_number(rows[row].name));

		assert_non_null(info);
		if (info->classes != rows[row].classes)
			DIFFERS("%s: classes %#x, should be %#x", rows[row].name, info->classes,
				rows[row].classes);
	}
	assert_int_equal(differences, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names_and_numbers_agree, setup),
		cmocka_unit_test_setup(test_unknown, setup),
		cmocka_unit_test_setup(test_libseccomp_agrees_with_the_table, setup),
		cmocka_unit_test_setup(test_table_has_all_of_libseccomp, setup),
		cmocka_unit_test_setup(test_table_has_all_of_the_headers, setup),
		cmocka_unit_test_setup(test_file_class_is_strace_s, setup),
		cmocka_unit_test_setup(test_args_are_well_formed, setup),
		cmocka_unit_test_setup(test_args, setup),
		cmocka_unit_test_setup(test_classes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

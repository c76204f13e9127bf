/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "constants.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/mount.h> /* not sys/mount.h: glibc 2.36's does not go with it */
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <stdio.h> /* RENAME_ */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "suggest.h"
#include "util.h"

struct constant {
	const char *name;
	uint64_t value;
};

#define N(name) { #name, (uint64_t)(name) },

/* clang-format off */
static const struct constant constants[] = {
	/* keyctl(2): operations and special keyrings */
	N(KEYCTL_ASSUME_AUTHORITY) N(KEYCTL_CAPABILITIES) N(KEYCTL_CHOWN) N(KEYCTL_CLEAR)
	N(KEYCTL_DESCRIBE) N(KEYCTL_DH_COMPUTE) N(KEYCTL_GET_KEYRING_ID) N(KEYCTL_GET_PERSISTENT)
	N(KEYCTL_GET_SECURITY) N(KEYCTL_INSTANTIATE) N(KEYCTL_INSTANTIATE_IOV) N(KEYCTL_INVALIDATE)
	N(KEYCTL_JOIN_SESSION_KEYRING) N(KEYCTL_LINK) N(KEYCTL_MOVE) N(KEYCTL_MOVE_EXCL)
	N(KEYCTL_NEGATE) N(KEYCTL_PKEY_DECRYPT) N(KEYCTL_PKEY_ENCRYPT) N(KEYCTL_PKEY_QUERY)
	N(KEYCTL_PKEY_SIGN) N(KEYCTL_PKEY_VERIFY) N(KEYCTL_READ) N(KEYCTL_REJECT)
	N(KEYCTL_RESTRICT_KEYRING) N(KEYCTL_REVOKE) N(KEYCTL_SEARCH) N(KEYCTL_SESSION_TO_PARENT)
	N(KEYCTL_SETPERM) N(KEYCTL_SET_REQKEY_KEYRING) N(KEYCTL_SET_TIMEOUT) N(KEYCTL_UNLINK)
	N(KEYCTL_UPDATE) N(KEYCTL_WATCH_KEY) N(KEY_SPEC_GROUP_KEYRING) N(KEY_SPEC_PROCESS_KEYRING)
	N(KEY_SPEC_REQKEY_AUTH_KEY) N(KEY_SPEC_REQUESTOR_KEYRING) N(KEY_SPEC_SESSION_KEYRING)
	N(KEY_SPEC_THREAD_KEYRING) N(KEY_SPEC_USER_KEYRING) N(KEY_SPEC_USER_SESSION_KEYRING)
	/* prctl(2) */
	N(PR_CAPBSET_DROP) N(PR_CAPBSET_READ) N(PR_CAP_AMBIENT) N(PR_CAP_AMBIENT_CLEAR_ALL)
	N(PR_CAP_AMBIENT_IS_SET) N(PR_CAP_AMBIENT_LOWER) N(PR_CAP_AMBIENT_RAISE)
	N(PR_GET_CHILD_SUBREAPER) N(PR_GET_DUMPABLE) N(PR_GET_IO_FLUSHER) N(PR_GET_KEEPCAPS)
	N(PR_GET_NAME) N(PR_GET_NO_NEW_PRIVS) N(PR_GET_PDEATHSIG) N(PR_GET_SECCOMP)
	N(PR_GET_SECUREBITS) N(PR_GET_SPECULATION_CTRL) N(PR_GET_THP_DISABLE) N(PR_GET_TID_ADDRESS)
	N(PR_GET_TIMERSLACK) N(PR_GET_TIMING) N(PR_GET_TSC) N(PR_MCE_KILL) N(PR_MCE_KILL_GET)
	N(PR_SCHED_CORE) N(PR_SET_CHILD_SUBREAPER) N(PR_SET_DUMPABLE) N(PR_SET_IO_FLUSHER)
	N(PR_SET_KEEPCAPS) N(PR_SET_MM) N(PR_SET_MM_ARG_END) N(PR_SET_MM_ARG_START)
	N(PR_SET_MM_AUXV) N(PR_SET_MM_BRK) N(PR_SET_MM_END_CODE) N(PR_SET_MM_END_DATA)
	N(PR_SET_MM_ENV_END) N(PR_SET_MM_ENV_START) N(PR_SET_MM_EXE_FILE) N(PR_SET_MM_MAP)
	N(PR_SET_MM_MAP_SIZE) N(PR_SET_MM_START_BRK) N(PR_SET_MM_START_CODE)
	N(PR_SET_MM_START_DATA) N(PR_SET_MM_START_STACK) N(PR_SET_NAME) N(PR_SET_NO_NEW_PRIVS)
	N(PR_SET_PDEATHSIG) N(PR_SET_PTRACER) N(PR_SET_PTRACER_ANY) N(PR_SET_SECCOMP)
	N(PR_SET_SECUREBITS) N(PR_SET_SPECULATION_CTRL) N(PR_SET_SYSCALL_USER_DISPATCH)
	N(PR_SET_THP_DISABLE) N(PR_SET_TIMERSLACK) N(PR_SET_TIMING) N(PR_SET_TSC) N(PR_SET_VMA)
	N(PR_SET_VMA_ANON_NAME) N(PR_TASK_PERF_EVENTS_DISABLE) N(PR_TASK_PERF_EVENTS_ENABLE)
	/* clone(2), clone3(2), unshare(2), setns(2) */
	N(CLONE_CHILD_CLEARTID) N(CLONE_CHILD_SETTID) N(CLONE_CLEAR_SIGHAND) N(CLONE_FILES)
	N(CLONE_FS) N(CLONE_INTO_CGROUP) N(CLONE_IO) N(CLONE_NEWCGROUP) N(CLONE_NEWIPC)
	N(CLONE_NEWNET) N(CLONE_NEWNS) N(CLONE_NEWPID) N(CLONE_NEWTIME) N(CLONE_NEWUSER)
	N(CLONE_NEWUTS) N(CLONE_PARENT) N(CLONE_PARENT_SETTID) N(CLONE_PIDFD) N(CLONE_PTRACE)
	N(CLONE_SETTLS) N(CLONE_SIGHAND) N(CLONE_SYSVSEM) N(CLONE_THREAD) N(CLONE_UNTRACED)
	N(CLONE_VFORK) N(CLONE_VM)
	/* mount(2) */
	N(MS_BIND) N(MS_DIRSYNC) N(MS_LAZYTIME) N(MS_MANDLOCK) N(MS_MGC_MSK) N(MS_MGC_VAL)
	N(MS_MOVE) N(MS_NOATIME) N(MS_NODEV) N(MS_NODIRATIME) N(MS_NOEXEC) N(MS_NOSUID)
	N(MS_NOSYMFOLLOW) N(MS_POSIXACL) N(MS_PRIVATE) N(MS_RDONLY) N(MS_REC) N(MS_RELATIME)
	N(MS_REMOUNT) N(MS_SHARED) N(MS_SILENT) N(MS_SLAVE) N(MS_STRICTATIME) N(MS_SYNCHRONOUS)
	N(MS_UNBINDABLE)
	/* the file-descriptor mount calls */
	N(FSMOUNT_CLOEXEC) N(FSOPEN_CLOEXEC) N(MOUNT_ATTR_IDMAP) N(MOUNT_ATTR_NOATIME)
	N(MOUNT_ATTR_NODEV) N(MOUNT_ATTR_NODIRATIME) N(MOUNT_ATTR_NOEXEC) N(MOUNT_ATTR_NOSUID)
	N(MOUNT_ATTR_NOSYMFOLLOW) N(MOUNT_ATTR_RDONLY) N(MOUNT_ATTR_RELATIME)
	N(MOUNT_ATTR_STRICTATIME) N(MOVE_MOUNT_F_AUTOMOUNTS) N(MOVE_MOUNT_F_EMPTY_PATH)
	N(MOVE_MOUNT_F_SYMLINKS) N(MOVE_MOUNT_SET_GROUP) N(MOVE_MOUNT_T_AUTOMOUNTS)
	N(MOVE_MOUNT_T_EMPTY_PATH) N(MOVE_MOUNT_T_SYMLINKS) N(OPEN_TREE_CLOEXEC) N(OPEN_TREE_CLONE)
	/* openat2(2) */
	N(RESOLVE_BENEATH) N(RESOLVE_CACHED) N(RESOLVE_IN_ROOT) N(RESOLVE_NO_MAGICLINKS)
	N(RESOLVE_NO_SYMLINKS) N(RESOLVE_NO_XDEV)
	/* open(2) */
	N(O_ACCMODE) N(O_APPEND) N(O_ASYNC) N(O_CLOEXEC) N(O_CREAT) N(O_DIRECT) N(O_DIRECTORY)
	N(O_DSYNC) N(O_EXCL) N(O_NOATIME) N(O_NOCTTY) N(O_NOFOLLOW) N(O_NONBLOCK) N(O_PATH)
	N(O_RDONLY) N(O_RDWR) N(O_SYNC) N(O_TMPFILE) N(O_TRUNC) N(O_WRONLY)
	/* what takes a dirfd */
	N(AT_EACCESS) N(AT_EMPTY_PATH) N(AT_FDCWD) N(AT_NO_AUTOMOUNT) N(AT_RECURSIVE)
	N(AT_REMOVEDIR) N(AT_STATX_DONT_SYNC) N(AT_STATX_FORCE_SYNC) N(AT_STATX_SYNC_AS_STAT)
	N(AT_STATX_SYNC_TYPE) N(AT_SYMLINK_FOLLOW) N(AT_SYMLINK_NOFOLLOW) N(RENAME_EXCHANGE)
	N(RENAME_NOREPLACE) N(RENAME_WHITEOUT)
	/* file types and modes */
	N(S_IFBLK) N(S_IFCHR) N(S_IFDIR) N(S_IFIFO) N(S_IFLNK) N(S_IFMT) N(S_IFREG) N(S_IFSOCK)
	N(S_IRGRP) N(S_IROTH) N(S_IRUSR) N(S_IRWXG) N(S_IRWXO) N(S_IRWXU) N(S_ISGID) N(S_ISUID)
	N(S_ISVTX) N(S_IWGRP) N(S_IWOTH) N(S_IWUSR) N(S_IXGRP) N(S_IXOTH) N(S_IXUSR)
	/* fcntl(2) */
	N(F_ADD_SEALS) N(F_DUPFD) N(F_DUPFD_CLOEXEC) N(F_GETFD) N(F_GETFL) N(F_GETLEASE) N(F_GETLK)
	N(F_GETOWN) N(F_GETOWN_EX) N(F_GETPIPE_SZ) N(F_GETSIG) N(F_GET_RW_HINT) N(F_GET_SEALS)
	N(F_NOTIFY) N(F_OFD_GETLK) N(F_OFD_SETLK) N(F_OFD_SETLKW) N(F_SETFD) N(F_SETFL)
	N(F_SETLEASE) N(F_SETLK) N(F_SETLKW) N(F_SETOWN) N(F_SETOWN_EX) N(F_SETPIPE_SZ) N(F_SETSIG)
	N(F_SET_RW_HINT)
	/* statfs(2): f_type */
	N(AFS_FS_MAGIC) N(AFS_SUPER_MAGIC) N(ANON_INODE_FS_MAGIC) N(AUTOFS_SUPER_MAGIC)
	N(BDEVFS_MAGIC) N(BINDERFS_SUPER_MAGIC) N(BINFMTFS_MAGIC) N(BPF_FS_MAGIC)
	N(BTRFS_SUPER_MAGIC) N(CEPH_SUPER_MAGIC) N(CGROUP2_SUPER_MAGIC) N(CGROUP_SUPER_MAGIC)
	N(CIFS_SUPER_MAGIC) N(CRAMFS_MAGIC) N(DEBUGFS_MAGIC) N(DEVPTS_SUPER_MAGIC) N(DMA_BUF_MAGIC)
	N(ECRYPTFS_SUPER_MAGIC) N(EFIVARFS_MAGIC) N(EROFS_SUPER_MAGIC_V1) N(EXFAT_SUPER_MAGIC)
	N(EXT2_SUPER_MAGIC) N(EXT3_SUPER_MAGIC) N(EXT4_SUPER_MAGIC) N(F2FS_SUPER_MAGIC)
	N(FUSE_SUPER_MAGIC) N(FUTEXFS_SUPER_MAGIC) N(HOSTFS_SUPER_MAGIC) N(HUGETLBFS_MAGIC)
	N(ISOFS_SUPER_MAGIC) N(JFFS2_SUPER_MAGIC) N(MSDOS_SUPER_MAGIC) N(NFS_SUPER_MAGIC)
	N(NSFS_MAGIC) N(OCFS2_SUPER_MAGIC) N(OVERLAYFS_SUPER_MAGIC) N(PIPEFS_MAGIC)
	N(PROC_SUPER_MAGIC) N(PSTOREFS_MAGIC) N(RAMFS_MAGIC) N(REISERFS_SUPER_MAGIC)
	N(SECRETMEM_MAGIC) N(SECURITYFS_MAGIC) N(SELINUX_MAGIC) N(SMACK_MAGIC) N(SMB2_SUPER_MAGIC)
	N(SMB_SUPER_MAGIC) N(SOCKFS_MAGIC) N(SQUASHFS_MAGIC) N(SYSFS_MAGIC) N(TMPFS_MAGIC)
	N(TRACEFS_MAGIC) N(UDF_SUPER_MAGIC) N(USBDEVICE_SUPER_MAGIC) N(V9FS_MAGIC)
	N(XENFS_SUPER_MAGIC) N(XFS_SUPER_MAGIC) N(ZONEFS_MAGIC)
	/* ioctl(2): terminals and files */
	N(FIOASYNC) N(FIOCLEX) N(FIONBIO) N(FIONCLEX) N(FIONREAD) N(TCFLSH) N(TCGETA) N(TCGETS)
	N(TCGETS2) N(TCSBRK) N(TCSBRKP) N(TCSETA) N(TCSETAF) N(TCSETAW) N(TCSETS) N(TCSETS2)
	N(TCSETSF) N(TCSETSF2) N(TCSETSW) N(TCSETSW2) N(TCXONC) N(TIOCCBRK) N(TIOCEXCL) N(TIOCGDEV)
	N(TIOCGETD) N(TIOCGEXCL) N(TIOCGPGRP) N(TIOCGPKT) N(TIOCGPTLCK) N(TIOCGPTN) N(TIOCGPTPEER)
	N(TIOCGSID) N(TIOCGWINSZ) N(TIOCINQ) N(TIOCMBIC) N(TIOCMBIS) N(TIOCMGET) N(TIOCMSET)
	N(TIOCNOTTY) N(TIOCNXCL) N(TIOCOUTQ) N(TIOCPKT) N(TIOCSBRK) N(TIOCSCTTY) N(TIOCSETD)
	N(TIOCSIG) N(TIOCSPGRP) N(TIOCSPTLCK) N(TIOCSTI) N(TIOCSWINSZ) N(TIOCVHANGUP)
	/* ioctl(2): sockets and interfaces */
	N(SIOCADDMULTI) N(SIOCADDRT) N(SIOCATMARK) N(SIOCBRADDBR) N(SIOCBRADDIF) N(SIOCBRDELBR)
	N(SIOCBRDELIF) N(SIOCDARP) N(SIOCDELMULTI) N(SIOCDELRT) N(SIOCDIFADDR) N(SIOCDRARP)
	N(SIOCETHTOOL) N(SIOCGARP) N(SIOCGIFADDR) N(SIOCGIFBR) N(SIOCGIFBRDADDR) N(SIOCGIFCONF)
	N(SIOCGIFCOUNT) N(SIOCGIFDSTADDR) N(SIOCGIFFLAGS) N(SIOCGIFHWADDR) N(SIOCGIFINDEX)
	N(SIOCGIFMAP) N(SIOCGIFMETRIC) N(SIOCGIFMTU) N(SIOCGIFNAME) N(SIOCGIFNETMASK)
	N(SIOCGIFTXQLEN) N(SIOCGIFVLAN) N(SIOCGPGRP) N(SIOCGRARP) N(SIOCGSKNS) N(SIOCOUTQNSD)
	N(SIOCSARP) N(SIOCSIFADDR) N(SIOCSIFBR) N(SIOCSIFBRDADDR) N(SIOCSIFDSTADDR) N(SIOCSIFFLAGS)
	N(SIOCSIFHWADDR) N(SIOCSIFHWBROADCAST) N(SIOCSIFMAP) N(SIOCSIFMETRIC) N(SIOCSIFMTU)
	N(SIOCSIFNAME) N(SIOCSIFNETMASK) N(SIOCSIFTXQLEN) N(SIOCSIFVLAN) N(SIOCSPGRP) N(SIOCSRARP)
	/* socket(2), setsockopt(2) */
	N(AF_ALG) N(AF_BLUETOOTH) N(AF_INET) N(AF_INET6) N(AF_LOCAL) N(AF_NETLINK) N(AF_PACKET)
	N(AF_UNIX) N(AF_UNSPEC) N(AF_VSOCK) N(AF_XDP) N(NETLINK_AUDIT) N(NETLINK_GENERIC)
	N(NETLINK_KOBJECT_UEVENT) N(NETLINK_NETFILTER) N(NETLINK_ROUTE) N(NETLINK_SOCK_DIAG)
	N(SOCK_CLOEXEC) N(SOCK_DGRAM) N(SOCK_NONBLOCK) N(SOCK_RAW) N(SOCK_RDM) N(SOCK_SEQPACKET)
	N(SOCK_STREAM) N(SOL_NETLINK) N(SOL_PACKET) N(SOL_SOCKET) N(SO_ATTACH_FILTER)
	N(SO_BINDTODEVICE) N(SO_BROADCAST) N(SO_DETACH_FILTER) N(SO_DOMAIN) N(SO_ERROR)
	N(SO_KEEPALIVE) N(SO_LINGER) N(SO_MARK) N(SO_PASSCRED) N(SO_PEERCRED) N(SO_PEERGROUPS)
	N(SO_PRIORITY) N(SO_PROTOCOL) N(SO_RCVBUF) N(SO_RCVBUFFORCE) N(SO_RCVTIMEO) N(SO_REUSEADDR)
	N(SO_REUSEPORT) N(SO_SNDBUF) N(SO_SNDBUFFORCE) N(SO_SNDTIMEO) N(SO_TIMESTAMP) N(SO_TYPE)
	/* seccomp(2) */
	N(SECCOMP_FILTER_FLAG_LOG) N(SECCOMP_FILTER_FLAG_NEW_LISTENER) N(SECCOMP_FILTER_FLAG_TSYNC)
	N(SECCOMP_GET_ACTION_AVAIL) N(SECCOMP_GET_NOTIF_SIZES) N(SECCOMP_SET_MODE_FILTER)
	N(SECCOMP_SET_MODE_STRICT)
	/* in no header of the kernel's, or there for programs of another width */
	{ "MNT_FORCE", 1 }, { "MNT_DETACH", 2 }, { "MNT_EXPIRE", 4 }, { "UMOUNT_NOFOLLOW", 8 },
	{ "O_LARGEFILE", 0100000 }, { "MQUEUE_MAGIC", 0x19800202 },
};

static const struct constant errors[] = {
	N(EPERM) N(ENOENT) N(ESRCH) N(EINTR) N(EIO) N(ENXIO) N(E2BIG) N(ENOEXEC) N(EBADF) N(ECHILD)
	N(EAGAIN) N(ENOMEM) N(EACCES) N(EFAULT) N(ENOTBLK) N(EBUSY) N(EEXIST) N(EXDEV) N(ENODEV)
	N(ENOTDIR) N(EISDIR) N(EINVAL) N(ENFILE) N(EMFILE) N(ENOTTY) N(ETXTBSY) N(EFBIG) N(ENOSPC)
	N(ESPIPE) N(EROFS) N(EMLINK) N(EPIPE) N(EDOM) N(ERANGE) N(EDEADLK) N(ENAMETOOLONG)
	N(ENOLCK) N(ENOSYS) N(ENOTEMPTY) N(ELOOP) N(ENOMSG) N(EIDRM) N(ECHRNG) N(EL2NSYNC)
	N(EL3HLT) N(EL3RST) N(ELNRNG) N(EUNATCH) N(ENOCSI) N(EL2HLT) N(EBADE) N(EBADR) N(EXFULL)
	N(ENOANO) N(EBADRQC) N(EBADSLT) N(EBFONT) N(ENOSTR) N(ENODATA) N(ETIME) N(ENOSR) N(ENONET)
	N(ENOPKG) N(EREMOTE) N(ENOLINK) N(EADV) N(ESRMNT) N(ECOMM) N(EPROTO) N(EMULTIHOP)
	N(EDOTDOT) N(EBADMSG) N(EOVERFLOW) N(ENOTUNIQ) N(EBADFD) N(EREMCHG) N(ELIBACC) N(ELIBBAD)
	N(ELIBSCN) N(ELIBMAX) N(ELIBEXEC) N(EILSEQ) N(ERESTART) N(ESTRPIPE) N(EUSERS) N(ENOTSOCK)
	N(EDESTADDRREQ) N(EMSGSIZE) N(EPROTOTYPE) N(ENOPROTOOPT) N(EPROTONOSUPPORT)
	N(ESOCKTNOSUPPORT) N(EOPNOTSUPP) N(EPFNOSUPPORT) N(EAFNOSUPPORT) N(EADDRINUSE)
	N(EADDRNOTAVAIL) N(ENETDOWN) N(ENETUNREACH) N(ENETRESET) N(ECONNABORTED) N(ECONNRESET)
	N(ENOBUFS) N(EISCONN) N(ENOTCONN) N(ESHUTDOWN) N(ETOOMANYREFS) N(ETIMEDOUT) N(ECONNREFUSED)
	N(EHOSTDOWN) N(EHOSTUNREACH) N(EALREADY) N(EINPROGRESS) N(ESTALE) N(EUCLEAN) N(ENOTNAM)
	N(ENAVAIL) N(EISNAM) N(EREMOTEIO) N(EDQUOT) N(ENOMEDIUM) N(EMEDIUMTYPE) N(ECANCELED)
	N(ENOKEY) N(EKEYEXPIRED) N(EKEYREVOKED) N(EKEYREJECTED) N(EOWNERDEAD) N(ENOTRECOVERABLE)
	N(ERFKILL) N(EHWPOISON)
	/* other names of the same numbers */
	N(EWOULDBLOCK) N(EDEADLOCK) N(ENOTSUP)
};
/* clang-format on */

/* Results inside the kernel that only a tracer sees, at exit stops. From linux/errno.h of its source. */
static const struct constant kernel_errors[] = {
	{ "ERESTARTSYS", 512 },
	{ "ERESTARTNOINTR", 513 },
	{ "ERESTARTNOHAND", 514 },
	{ "ENOIOCTLCMD", 515 },
	{ "ERESTART_RESTARTBLOCK", 516 },
};

static const struct constant *find(
	const struct constant *table, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(table[i].name, name, length) == 0 && table[i].name[length] == '\0')
			return &table[i];
	}
	return NULL;
}

static const char *nearest(
	const struct constant *table, size_t count, const char *word, size_t length)
{
	struct suggestion suggestion;

	suggest_begin(&suggestion, word, length);
	for (size_t i = 0; i < count; i++)
		suggest_offer(&suggestion, table[i].name);
	return suggestion.best;
}

static int digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : 16;
}

static int parse_number(const char *text, size_t length, uint64_t *ret_value)
{
	bool negative = *text == '-';
	uint64_t value = 0;
	unsigned base = 10;
	size_t i = negative;

	if (i + 1 < length && text[i] == '0') {
		base = text[i + 1] == 'x' || text[i + 1] == 'X' ? 16 : 8;
		i += base == 16 ? 2 : 1;
	}
	if (i == length)
		return -EINVAL;
	for (; i < length; i++) {
		unsigned d = (unsigned)digit(text[i]);

		if (d >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, base, &value) ||
			__builtin_add_overflow(value, d, &value))
			return -ERANGE;
	}
	if (negative && value > UINT64_C(1) << 63)
		return -ERANGE;
	*ret_value = negative ? -value : value;
	return 0;
}

static int parse_word(const char *word, size_t length, uint64_t *ret_value)
{
	const struct constant *constant;

	if (length == 0)
		return -EINVAL;
	if (*word == '-' || isdigit((unsigned char)*word))
		return parse_number(word, length, ret_value);
	constant = find(constants, ARRAY_SIZE(constants), word, length);
	if (constant == NULL)
		return -EINVAL;
	*ret_value = constant->value;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int constant_parse(const char *text, size_t length, uint64_t *ret_value, size_t *ret_offset,
	size_t *ret_length)
{
	uint64_t value = 0;

	for (size_t start = 0, end; start <= length; start = end + 1) {
		uint64_t part = 0;
		size_t word_end;
		int r;

		for (end = start; end < length && text[end] != '|';)
			end++;
		word_end = end;
		while (start < end && is_blank(text[start]))
			start++;
		while (word_end > start && is_blank(text[word_end - 1]))
			word_end--;
		r = parse_word(text + start, word_end - start, &part);
		if (r < 0) {
			*ret_offset = start;
			*ret_length = word_end - start;
			return r;
		}
		value |= part;
	}
	*ret_value = value;
	return 0;
}

int constant_value(const char *text, uint64_t *ret_value)
{
	size_t offset, length;

	return constant_parse(text, strlen(text), ret_value, &offset, &length);
}

const char *constant_suggest(const char *word, size_t length)
{
	return nearest(constants, ARRAY_SIZE(constants), word, length);
}

int errno_number(const char *name)
{
	const struct constant *error = find(errors, ARRAY_SIZE(errors), name, strlen(name));

	return error == NULL ? -1 : (int)error->value;
}

static const char *name_of(const struct constant *table, size_t count, uint64_t value)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].value == value)
			return table[i].name;
	}
	return NULL;
}

const char *errno_name(int number)
{
	const char *name;

	if (number <= 0)
		return NULL;
	name = name_of(errors, ARRAY_SIZE(errors), (uint64_t)number);
	return name != NULL ? name
			    : name_of(kernel_errors, ARRAY_SIZE(kernel_errors), (uint64_t)number);
}

const char *errno_suggest(const char *name)
{
	return nearest(errors, ARRAY_SIZE(errors), name, strlen(name));
}

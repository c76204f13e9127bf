/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounts of /proc, or of a folder or file of it, that are nowhere in the tree: the same file is found below them as by its
 * path, whoever has the descriptor.
 */
#include "value.h"

#include <dirent.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { CLONE = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC };
static const char *self;

static int open_tree_of(int fd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, fd, path, flags);
}

static int mount_of_proc(void)
{
	int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);

	if (context < 0 && errno == ENOSYS)
		skip("no fsopen(2) here");
	CHECK(context >= 0);
	CHECK(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	int fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	CHECK(fd >= 0);
	close(context);
	return fd;
}

static void by_path_of_descriptor(int fd, const char *name)
{
	static const char *const ways[] = { "/proc/self/fd/%d/%s", "/proc/thread-self/fd/%d/%s",
		"/dev/fd/%d/./%s" };
	char path[128];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), ways[i], fd, name);
#pragma GCC diagnostic pop
		CHECK(is_value(open(path, O_RDONLY)));
	}
}

/* From a folder whose child "name" is the file, or whose child "vm" has it. */
static void list(int fd, const char *name)
{
	int folder = openat(fd, strchr(name, '/') ? "vm" : ".", O_RDONLY | O_DIRECTORY);
	DIR *stream = fdopendir(folder);
	bool found = false;

	CHECK(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		found |= strcmp(entry->d_name, "swappiness") == 0;
	CHECK(found);
	closedir(stream);
}

static void writes(int fd, const char *name)
{
	const char *others = getenv("GVTRACED") ? "118\n" : value;
	char before[64];
	int writer = openat(fd, name, O_WRONLY | O_TRUNC);

	strcpy(before, value);
	CHECK(writer >= 0);
	CHECK(write(writer, others, strlen(others)) == (ssize_t)strlen(others));
	CHECK(close(writer) == 0);
	strcpy(value, others);
	CHECK(is_value(open(FAKE, O_RDONLY)));
	CHECK(is_value(openat(fd, name, O_RDONLY)));
	writer = open(FAKE, O_WRONLY);
	CHECK(write(writer, before, strlen(before)) == (ssize_t)strlen(before));
	CHECK(close(writer) == 0);
	strcpy(value, before);
}

/* In a child that has been sent the descriptor, not inherited it. */
static void sent(int fd, const char *name)
{
	int pair[2];
	char byte = 0;
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd);
		CHECK(recvmsg(pair[1], &message, 0) == 1);
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
		CHECK(is_value(openat(fd, name, O_RDONLY)));
		_exit(0);
	}
	control.header = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	CHECK(sendmsg(pair[0], &message, 0) == 1);
	CHECK_EXITS(pid, 0);
	close(pair[0]);
	close(pair[1]);
}

static void inherited(int fd, const char *name)
{
	char number[16];
	int copy = dup(fd);

	CHECK(is_value(openat(copy, name, O_RDONLY)));
	snprintf(number, sizeof(number), "%d", copy);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(is_value(openat(copy, name, O_RDONLY)));
		CHECK(fchdir(copy) == 0);
		CHECK(is_value(open(name, O_RDONLY)));
		execl(self, self, number, name, (char *)NULL);
		_exit(1);
	}
	CHECK_EXITS(pid, 0);
	close(copy);
}

/* One such mount, in which the file has this name. It is closed. */
static void look(const char *what, int fd, const char *name)
{
	struct stat here, there;
	char climbing[64];

	if (fd < 0)
		printf("%s\n", what);
	CHECK(fd >= 0);
	CHECK(is_value(openat(fd, name, O_RDONLY)));
	CHECK(fstatat(fd, name, &here, 0) == 0 && stat(FAKE, &there) == 0);
	CHECK(here.st_mode == there.st_mode && here.st_size == there.st_size);
	CHECK(faccessat(fd, name, W_OK, 0) == 0);
	/* Its root is a root. */
	snprintf(climbing, sizeof(climbing), "../%s", name);
	CHECK(is_value(openat(fd, climbing, O_RDONLY)));
	int found = openat(fd, name, O_PATH);
	snprintf(climbing, sizeof(climbing), "/proc/self/fd/%d", found);
	CHECK(is_value(open(climbing, O_RDONLY)));
	close(found);
	by_path_of_descriptor(fd, name);
	if (strncmp(name, "sys/", 4) != 0)
		list(fd, name);
	writes(fd, name);
	inherited(fd, name);
	sent(fd, name);
	close(fd);
}

int main(int argc, char **argv)
{
	char path[64];

	self = argv[0];
	int fd = open(FAKE, O_RDONLY);
	CHECK(fd >= 0);
	strcpy(value, text_of(fd));
	close(fd);
	if (getenv("GVTRACED"))
		CHECK(strcmp(value, FAKE_VALUE) == 0);
	if (argc == 3) { /* after exec */
		CHECK(is_value(openat(atoi(argv[1]), argv[2], O_RDONLY)));
		CHECK(is_value(open(argv[2], O_RDONLY)));
		return 0;
	}

	int proc = mount_of_proc();
	look("clone of /proc", open_tree_of(AT_FDCWD, "/proc", CLONE), "sys/vm/swappiness");
	look("clone of /proc/sys", open_tree_of(AT_FDCWD, "/proc/sys", CLONE), "vm/swappiness");
	look("of /proc/sys/vm", open_tree_of(AT_FDCWD, "/proc/sys/vm", CLONE), "swappiness");
	look("with all below", open_tree_of(AT_FDCWD, "/proc/sys", CLONE | AT_RECURSIVE),
		"vm/swappiness");

	/* Of what the call's path is relative to, and of a link. */
	fd = open("/proc/sys/kernel", O_PATH);
	look("by descriptor", open_tree_of(fd, "../vm", CLONE), "swappiness");
	close(fd);
	fd = open("/proc/sys/vm", O_PATH);
	look("itself", open_tree_of(fd, "", CLONE | AT_EMPTY_PATH), "swappiness");
	close(fd);
	CHECK(symlink("/proc/sys", "link") == 0 && symlink("link/vm", "link2") == 0);
	look("by a link", open_tree_of(AT_FDCWD, "link2", CLONE), "swappiness");
	look("below a link", open_tree_of(AT_FDCWD, "link/vm", CLONE), "swappiness");

	/* A clone of what is nowhere itself. Linux has that since 6.15. */
	fd = open_tree_of(proc, "sys", CLONE);
	if (fd >= 0 || errno != EINVAL)
		look("of what fsmount made", fd, "vm/swappiness");
	fd = open_tree_of(AT_FDCWD, "/proc/sys", CLONE);
	int again = open_tree_of(fd, "vm", CLONE);
	if (again >= 0 || errno != EINVAL)
		look("of a clone", again, "swappiness");
	close(fd);

	/* A mount that is the file. */
	fd = open_tree_of(AT_FDCWD, FAKE, CLONE);
	if (fd >= 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		CHECK(is_value(open(path, O_RDONLY)));
		close(fd);
	} else {
		/* gVisor 2026 clones folders only, or has no such file. */
		CHECK(in_sandbox());
	}

	/* In its place it is what its path says, and taken away again what it was. */
	fd = open_tree_of(AT_FDCWD, "/proc/sys/vm", CLONE);
	CHECK(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "/proc/sys/vm", MOVE_MOUNT_F_EMPTY_PATH) ==
		0);
	CHECK(is_value(openat(fd, "swappiness", O_RDONLY)));
	CHECK(is_value(openat(fd, "../vm/swappiness", O_RDONLY)));
	CHECK(is_value(open(FAKE, O_RDONLY)));
	CHECK(umount2("/proc/sys/vm", MNT_DETACH) == 0);
	CHECK(is_value(openat(fd, "swappiness", O_RDONLY)));
	close(fd);

	/* The last, as numbers of mounts may be used again: where there was a clone, and is another mount. */
	look("fsmount", proc, "sys/vm/swappiness");
	for (int i = 0; i < 40; i++) {
		fd = open_tree_of(AT_FDCWD, i % 2 ? "/proc/sys" : "/proc", CLONE);
		CHECK(fd >= 0);
		CHECK(is_value(
			openat(fd, i % 2 ? "vm/swappiness" : "sys/vm/swappiness", O_RDONLY)));
		close(fd);
	}
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A FUSE mount whose server answers nothing that matters: whoever asks it waits for ever, and nobody else does.
 *   dead-fuse                   processes wait in each way that the rules look at, while others go on
 *   dead-fuse new-mount         the same, mounted by fsopen(2) and its kin
 *   dead-fuse leave SERVER      leaves two that wait, for --kill-on-exit. A deaf server reads no request, and whoever
 *                               waits can be killed; a mute one reads each, and those who wait then live until it ends
 *   dead-fuse outside GVTRACE... the same where the server is no tracee
 *   dead-fuse may-mount         whether there can be such a mount
 */
#include "case.h"
#include "loops.h"
#include "others.h"

#include <linux/fuse.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define MOUNT "/mnt/dead"
#define LINK "/mnt/link" /* to MOUNT/sub */

enum { FOREVER_S = 1000000, LINK_NODE = 2, FOLDER_NODE, TEXT_NODE, TEXT_BYTES = 4096 };

static void answer(int fd, uint64_t unique, int error, const void *data, size_t length)
{
	char out[512];
	struct fuse_out_header header = { (uint32_t)(sizeof(header) + length), error, unique };

	memcpy(out, &header, sizeof(header));
	if (length)
		memcpy(out + sizeof(header), data, length);
	(void)!write(fd, out, header.len);
}

static struct fuse_attr attributes_of(uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .nlink = 1, .mode = S_IFDIR | 0755 };

	if (node == LINK_NODE)
		attr.mode = S_IFLNK | 0777;
	if (node == TEXT_NODE) {
		attr.mode = S_IFREG | 0644;
		attr.size = TEXT_BYTES;
	}
	return attr;
}

/* Whether that was the last one that is answered. */
static bool answer_lookup(int fd, const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out entry = { .entry_valid = FOREVER_S, .attr_valid = FOREVER_S };

	if (strcmp(name, "link") == 0)
		entry.nodeid = LINK_NODE;
	else if (strcmp(name, "text") == 0)
		entry.nodeid = TEXT_NODE;
	else if (strcmp(name, "folder") == 0)
		entry.nodeid = FOLDER_NODE;
	else
		return false;
	entry.attr = attributes_of(entry.nodeid);
	answer(fd, in->unique, 0, &entry, sizeof(entry));
	return entry.nodeid == FOLDER_NODE;
}

/* gVisor asks them before it looks for a name. */
static void answer_attributes(int fd, const struct fuse_in_header *in)
{
	struct fuse_attr_out out = { .attr_valid = FOREVER_S, .attr = attributes_of(in->nodeid) };

	answer(fd, in->unique, 0, &out, sizeof(out));
}

/* MOUNT/link, MOUNT/text and MOUNT/folder are known, and the second can be opened; nothing is told of what is in them, nor of any other name. */
static _Noreturn void serve(int fd, bool is_deaf)
{
	static char request[1 << 20];
	bool is_mute = false;

	for (;;) {
		const struct fuse_in_header *in = (void *)request;
		struct fuse_open_out opened = { .fh = 1 };
		struct fuse_init_out init = {
			.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096
		};

		ssize_t length = read(fd, request, sizeof(request));
		if (length < 0 && errno != EINTR)
			_exit(0);
		if (length < (ssize_t)sizeof(*in))
			continue;
		if (in->opcode == FUSE_INIT)
			answer(fd, in->unique, 0, &init, sizeof(init));
		else if (in->opcode == FUSE_LOOKUP)
			is_mute |= answer_lookup(fd, in, request + sizeof(*in));
		else if (in->opcode == FUSE_GETATTR && (!is_mute || in->nodeid > FUSE_ROOT_ID))
			answer_attributes(fd, in);
		else if (in->opcode == FUSE_OPEN && in->nodeid == TEXT_NODE)
			answer(fd, in->unique, 0, &opened, sizeof(opened));
		else if (in->opcode == FUSE_ACCESS)
			answer(fd, in->unique, 0, NULL, 0);
		else if (in->opcode == FUSE_RMDIR)
			answer(fd, in->unique, -ENOTEMPTY, NULL, 0);
		while (is_deaf && in->opcode == FUSE_INIT)
			pause();
	}
}

static bool by_fsopen;

static int set(int context, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
}

static int mount_by_fsopen(int fd)
{
	char number[16];
	int context = (int)syscall(SYS_fsopen, "fuse", FSOPEN_CLOEXEC);

	snprintf(number, sizeof(number), "%d", fd);
	if (context < 0 || set(context, "fd", number) || set(context, "rootmode", "40000") ||
		set(context, "user_id", "0") || set(context, "group_id", "0") ||
		syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	int mount = (int)syscall(
		SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	close(context);
	if (mount < 0 ||
		syscall(SYS_move_mount, mount, "", AT_FDCWD, MOUNT, MOVE_MOUNT_F_EMPTY_PATH))
		return -1;
	return close(mount);
}

static int mount_by_mount(int fd)
{
	char options[64];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	return mount("dead", MOUNT, "fuse", MS_NOSUID | MS_NODEV, options);
}

/* Nobody else sees these mounts. */
static pid_t mount_dead(bool is_deaf)
{
	struct stat st;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespaces here");
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		skip("no /dev/fuse: %s", strerror(errno));
	CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") == 0);
	CHECK(mkdir(MOUNT, 0755) == 0 && symlink("dead/sub", LINK) == 0);
	if (by_fsopen ? mount_by_fsopen(fd) : mount_by_mount(fd))
		skip("no FUSE mounts here: %s", strerror(errno));
	pid_t server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, is_deaf);
	}
	close(fd);
	CHECK(server > 0);
	/* What is known by now need not be asked. */
	if (!is_deaf)
		CHECK(lstat(MOUNT "/link", &st) == 0 && S_ISLNK(st.st_mode) &&
			lstat(MOUNT "/text", &st) == 0 && lstat(MOUNT "/folder", &st) == 0);
	return server;
}

static void open_path(const char *path)
{
	open(path, O_RDONLY | O_CLOEXEC);
}

static void absolute(void)
{
	open_path(MOUNT "/sub/swappiness");
}

static void relative(void)
{
	if (chdir(MOUNT))
		return;
	open_path("sub/swappiness");
}

static void by_descriptor(void)
{
	int fd = open(MOUNT, O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	openat(fd, "sub/swappiness", O_RDONLY | O_CLOEXEC);
}

static void symlink_in_it(void)
{
	open_path(MOUNT "/link/swappiness");
}

static void symlink_to_it(void)
{
	struct stat st;

	stat(LINK "/swappiness", &st);
}

static void out_of_it(void)
{
	open_path(MOUNT "/sub/../../.." FAKE);
}

static void relative_out_of_it(void)
{
	if (chdir(MOUNT "/folder"))
		return;
	access("sub/../../../../proc/sys/vm/swappiness", R_OK);
}

static void last_name(void)
{
	open_path(MOUNT "/sub");
}

static void last_link(void)
{
	open_path(MOUNT "/link");
}

static void given_file(void)
{
	open_path(MOUNT "/folder/given");
}

static void kmsg(void)
{
	open_path(MOUNT "/folder/kmsg");
}

static void group_file(void)
{
	open_path(MOUNT "/folder/memory.stat");
}

/* gVisor (2024) holds a lock of the mount meanwhile, for which whoever reads the link of a descriptor in it waits. */
static void group_removal(void)
{
	struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_CACHED };

	/* EAGAIN: what Linux says. */
	if (syscall(SYS_openat2, AT_FDCWD, "/proc/self/root", &how, sizeof(how)) < 0 &&
		errno == EAGAIN)
		rmdir(MOUNT "/folder");
}

static void attributes(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOEXEC };
	int fd = open(MOUNT, O_PATH | O_DIRECTORY | O_CLOEXEC);

	syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

static void open_in_root(int place, const char *path)
{
	struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_IN_ROOT };

	syscall(SYS_openat2, place, path, &how, sizeof(how));
}

static void scope(void)
{
	open_in_root(open(MOUNT, O_PATH | O_DIRECTORY | O_CLOEXEC), "sub/../link");
}

static void scope_of_folder(void)
{
	CHECK(chdir("/mnt") == 0);
	open_in_root(AT_FDCWD, "dead/link/sub");
}

/* What rules answer of /proc/sys agrees with the file system that is there. */
static void over_proc(void)
{
	struct stat st;
	struct statfs fs;

	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(MOUNT, "/proc/sys", NULL, MS_BIND, NULL) == 0);
	stat(FAKE, &st);
	statfs(FAKE, &fs);
}

/* The path itself is in a file of it. */
static void path_in_mapping(void)
{
	int fd = open(MOUNT "/text", O_RDONLY | O_CLOEXEC);
	const char *text = mmap(NULL, TEXT_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);

	/* gVisor (2024, 2026) does not map files of FUSE. */
	if (text != MAP_FAILED)
		open_path(text);
}

static const struct {
	const char *name;
	void (*ask)(void);
} ways[] = {
	{ "an absolute path", absolute },
	{ "a relative path", relative },
	{ "a path below a descriptor", by_descriptor },
	{ "a symbolic link in it", symlink_in_it },
	{ "a symbolic link to it", symlink_to_it },
	{ "a path out of it", out_of_it },
	{ "a relative path out of it", relative_out_of_it },
	{ "a last name", last_name },
	{ "a last name that is a link", last_link },
	{ "do = file", given_file },
	{ "do = kmsg", kmsg },
	{ "do = cgroup-file", group_file },
	{ "do = cgroup-removal", group_removal },
	{ "do = mount-setattr", attributes },
	{ "do = openat2 in a folder of it", scope },
	{ "do = openat2 above it", scope_of_folder },
	{ "a mount on /proc/sys", over_proc },
	{ "a path in a mapping", path_in_mapping },
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

static pid_t start(void (*ask)(void))
{
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ask();
		_exit(0);
	}
	return child;
}

static int all_ways(void)
{
	pid_t children[WAYS * 2], server = mount_dead(false);

	for (int round = 0; round < 2 * loops(); round++)
		for (int i = 0; i < WAYS; i++) {
			int at = round % 2 * WAYS + i;

			if (round >= 2)
				kill(children[at], SIGKILL);
			children[at] = start(ways[i].ask);
			others_go_on(ways[i].name);
		}
	for (int i = 0; i < WAYS * 2; i++)
		kill(children[i], SIGKILL);
	others_go_on("killed");
	kill(server, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	others_go_on("without a server");
	return success();
}

static int leave(bool is_deaf)
{
	mount_dead(is_deaf);
	start(absolute);
	start(relative);
	others_go_on("left");
	return 0;
}

/* Until all are gone that were ours: gvtrace, too. */
static void check_nothing_is_left(void)
{
	double give_up = seconds_now() + 5;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		CHECK(seconds_now() < give_up);
		if (pid == 0)
			usleep(10000);
	}
}

static int outside(char **argv, int argc)
{
	char *arguments[64], again[] = "use";
	int n = 0;

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	pid_t server = mount_dead(true);
	for (int i = 2; i < argc && n < 60; i++)
		arguments[n++] = argv[i];
	arguments[n++] = argv[0];
	arguments[n++] = again;
	arguments[n] = NULL;
	fflush(stdout);
	pid_t command = fork();
	if (command == 0) {
		execv(arguments[0], arguments);
		_exit(9);
	}
	CHECK_EXITS(command, 0);
	/* The server lives: nobody is helped by its end. */
	double give_up = seconds_now() + 5;
	pid_t pid;
	while ((pid = waitpid(-1, NULL, WNOHANG)) == 0 && seconds_now() < give_up) {
		char text[64];
		int n_children = 0;
		int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
		ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text));
		for (ssize_t i = 0; i < length; i++)
			n_children += text[i] == ' ';
		close(fd);
		if (fd < 0 || n_children == 1)
			break;
		usleep(10000);
	}
	CHECK(seconds_now() < give_up);
	kill(server, SIGKILL);
	check_nothing_is_left();
	return success();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "may-mount") == 0) {
		kill(mount_dead(true), SIGKILL);
		return 0;
	}
	by_fsopen = strcmp(what, "new-mount") == 0;
	if (strcmp(what, "leave") == 0)
		return leave(argc > 2 && strcmp(argv[2], "deaf") == 0);
	if (strcmp(what, "outside") == 0)
		return outside(argv, argc);
	if (strcmp(what, "use") == 0) {
		start(absolute);
		others_go_on("outside");
		return 0;
	}
	return all_ways();
}

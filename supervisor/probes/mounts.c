/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be mounted. */
#include "experiments.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "child.h"

enum { MOUNT_LINE_MAX = 1024 };

/* Makes two mounts, one after the other: 0 or -errno of each. What is mounted on the folder is taken away afterwards, once. */
typedef void try_mounts(const char *folder, int *ret_first, int *ret_second);

/* Both, in a mount namespace of their own: false where there is no folder to mount on, with *evidence. */
static bool try_both(
	try_mounts *try, int *ret_first, int *ret_second, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[PROBE_FOLDER_MAX];
	bool changed;
	int error = probe_folder_make(folder);

	if (error < 0) {
		probe_say(evidence, 0, "not asked: no folder to mount on: %s",
			probe_errno_name(-error));
		return false;
	}
	*ret_first = *ret_second = probe_enter_mount_namespace(&changed);
	if (*ret_first == 0)
		try(folder, ret_first, ret_second);
	probe_folder_take_away(folder);
	return true;
}

static int mount_tmpfs(const char *folder, const char *options)
{
	return mount("tmpfs", folder, "tmpfs", 0, options) < 0 ? -errno : 0;
}

static void try_tmpfs(const char *folder, int *ret_plain, int *ret_sized)
{
	*ret_plain = mount_tmpfs(folder, "mode=0755");
	if (*ret_plain == 0)
		umount2(folder, MNT_DETACH);
	*ret_sized = mount_tmpfs(folder, "nr_blocks=1,nr_inodes=1");
}

/* One that is mounted nowhere: as good, and there in a tenth of the time that a mount namespace takes. */
static bool makes_sized_tmpfs(void)
{
	cleanup_close int fd = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

	return fd >= 0 &&
	       syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "nr_blocks", "1", 0) == 0 &&
	       syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) == 0 &&
	       syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

int ask_tmpfs_nr_inodes(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int plain, sized;

	if (makes_sized_tmpfs())
		return probe_say(evidence, 0, "fsconfig(tmpfs) takes nr_blocks=1 and nr_inodes=1");
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	if (!try_both(try_tmpfs, &plain, &sized, evidence))
		return 0;
	if (plain < 0)
		return probe_say(evidence, 0, "not asked: no mount of tmpfs at all: %s",
			probe_errno_name(-plain));
	if (sized == 0)
		return probe_say(evidence, 0, "mount(tmpfs, \"nr_blocks=1,nr_inodes=1\") works");
	return probe_say(evidence, sized == -EINVAL,
		"mount(tmpfs, \"nr_blocks=1,nr_inodes=1\") = %s, \"mode=0755\" works",
		probe_errno_name(-sized));
}

static int bind_namespace(const char *target, unsigned long flags)
{
	if (mount("/proc/self/ns/net", target, "none", MS_BIND | flags, NULL) < 0)
		return -errno;
	umount2(target, MNT_DETACH);
	return 0;
}

/* On a file in a tmpfs. */
static void try_binds_of_namespace(const char *folder, int *ret_plain, int *ret_recursive)
{
	char target[PROBE_FOLDER_MAX + 8];

	*ret_plain = *ret_recursive = mount_tmpfs(folder, NULL);
	if (*ret_plain)
		return;
	snprintf(target, sizeof(target), "%s/ns", folder);
	cleanup_close int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0) {
		*ret_plain = *ret_recursive = -errno;
		return;
	}
	*ret_plain = bind_namespace(target, 0);
	*ret_recursive = bind_namespace(target, MS_REC);
}

/* The same by a clone that is mounted nowhere. */
static bool clones_namespace(void)
{
	cleanup_close int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/ns/net",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	return fd >= 0;
}

int ask_namespace_bind_not_recursive(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int plain, recursive;

	if (clones_namespace())
		return probe_say(evidence, 0,
			"open_tree(\"/proc/self/ns/net\", OPEN_TREE_CLONE | AT_RECURSIVE) works");
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	if (!try_both(try_binds_of_namespace, &plain, &recursive, evidence))
		return 0;
	if (plain < 0)
		return probe_say(evidence, 0,
			"not asked: no bind mount of /proc/self/ns/net at all: %s",
			probe_errno_name(-plain));
	if (recursive == 0)
		return probe_say(
			evidence, 0, "mount(\"/proc/self/ns/net\", MS_BIND | MS_REC) works");
	return probe_say(evidence, recursive == -EINVAL,
		"mount(\"/proc/self/ns/net\", MS_BIND | MS_REC) = %s, MS_BIND alone works",
		probe_errno_name(-recursive));
}

/* Of a process in another mount namespace, with this one's memory and descriptors. */
struct elsewhere {
	const char *folder; /* to mount on */
	int error; /* of the mount; 0 or -errno */
	int namespace_fd; /* by which the namespace stays */
};

static int mount_elsewhere(void *data)
{
	struct elsewhere *elsewhere = data;

	elsewhere->error = mount_tmpfs(elsewhere->folder, NULL);
	elsewhere->namespace_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return 0;
}

/* A folder in a tmpfs on folder is made a mount point in another namespace, and then unmounted here: 0 or -errno of each. */
static void try_umount_of_elsewhere(const char *folder, int *ret_elsewhere, int *ret_umount)
{
	char inside[PROBE_FOLDER_MAX + 8];
	struct elsewhere elsewhere = { .folder = inside, .error = -ECHILD, .namespace_fd = -1 };
	void *stack = child_stack_map();
	int status;

	snprintf(inside, sizeof(inside), "%s/inside", folder);
	*ret_elsewhere = stack ? mount_tmpfs(folder, NULL) : -ENOMEM;
	if (*ret_elsewhere == 0 && mkdir(inside, 0700) < 0)
		*ret_elsewhere = -errno;
	if (*ret_elsewhere == 0) {
		pid_t child = child_start(stack, CLONE_VFORK | CLONE_FILES | CLONE_NEWNS,
			mount_elsewhere, &elsewhere);
		while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		*ret_elsewhere = child < 0 ? child : elsewhere.error;
	}
	*ret_umount = umount2(inside, MNT_DETACH) < 0 ? -errno : 0;
	/* gVisor 2022 makes no other mount namespace: it was mounted here. */
	if (*ret_umount == 0 && access(inside, F_OK) == 0)
		*ret_umount = -EEXIST;
	if (elsewhere.namespace_fd >= 0)
		close(elsewhere.namespace_fd);
	child_stack_unmap(stack);
}

int ask_umount_not_here(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int elsewhere, here;

	if (!try_both(try_umount_of_elsewhere, &elsewhere, &here, evidence))
		return 0;
	if (elsewhere < 0)
		return probe_say(evidence, 0, "not asked: no mount in a mount namespace: %s",
			probe_errno_name(-elsewhere));
	if (here == -EEXIST)
		return probe_say(evidence, 0,
			"not asked: what is mounted in another mount namespace is seen here, too");
	return probe_say(evidence, here == 0,
		"umount2 of a folder that is a mount point in another mount namespace = %s",
		here == 0 ? "0" : probe_errno_name(-here));
}

/* The line of /proc/self/mountinfo about what is mounted on point, the last if there are more. */
static bool read_mount_line(const char *point, char ret_line[MOUNT_LINE_MAX])
{
	char line[MOUNT_LINE_MAX], found[64];
	bool is_found = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %*s %*s %63s", found) != 1 || strcmp(found, point) != 0)
			continue;
		strcpy(ret_line, line);
		is_found = true;
	}
	if (file)
		fclose(file);
	return is_found;
}

enum { LINUX_DEVPTS_MODE = 0755 };

/* Linux tells the mode that a devpts was mounted with, and gives its folder another: whether the one in /dev/pts is so. */
static bool devpts_tells_other_mode(mode_t *ret_told)
{
	char line[MOUNT_LINE_MAX];
	struct stat st;

	/* mountinfo takes gVisor a third of a millisecond, and tells no mode there */
	if (stat("/dev/pts", &st) < 0 || (st.st_mode & 07777) != LINUX_DEVPTS_MODE ||
		!read_mount_line("/dev/pts", line))
		return false;
	const char *type = strstr(line, " - devpts "), *mode = type ? strstr(type, ",mode=") : NULL;
	return mode && sscanf(mode, ",mode=%o", ret_told) == 1 && *ret_told != LINUX_DEVPTS_MODE;
}

/* By mount(2): of one that is mounted nowhere (fsmount(2)) gVisor 2026 does not tell the mode. *ret_mode: the folder's, or -errno. */
static void try_devpts(const char *folder, int *ret_mount, int *ret_mode)
{
	struct stat st;

	*ret_mount = mount("devpts", folder, "devpts", 0, "newinstance,mode=0600") < 0 ? -errno : 0;
	if (*ret_mount == 0)
		*ret_mode = stat(folder, &st) < 0 ? -errno : (int)(st.st_mode & 07777);
}

int ask_devpts_mode(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	mode_t told;
	int error, mode;

	if (devpts_tells_other_mode(&told))
		return probe_say(evidence, 0,
			"/dev/pts is mounted with mode=%o, and the folder's is 0%o", told,
			LINUX_DEVPTS_MODE);
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	if (!try_both(try_devpts, &error, &mode, evidence))
		return 0;
	if (error < 0 || mode < 0)
		return probe_say(evidence, 0, "not asked: no mount of devpts: %s",
			probe_errno_name(error < 0 ? -error : -mode));
	return probe_say(evidence, mode == 0600,
		"mount(devpts, \"mode=0600\"): the folder's mode is 0%o", mode);
}

/* Whoever knows the flag looks for the places first. */
int ask_mount_move_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	mount("", "", NULL, MS_MOVE, NULL);
	return probe_say(evidence, errno == EINVAL, "mount(\"\", \"\", MS_MOVE) = %s",
		probe_errno_name(errno));
}

int ask_root_is_9p(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct statfs fs;
	if (statfs("/", &fs) < 0)
		return probe_say(evidence, 0, "statfs(\"/\") = %s", probe_errno_name(errno));
	return probe_say(evidence, fs.f_type == V9FS_MAGIC, "statfs(\"/\"): f_type 0x%lx",
		(unsigned long)fs.f_type);
}

/* Linux tells the layers of every overlay; gVisor those of no overlay, and its root is one of its own making. */
static bool root_is_the_sandbox_s(void)
{
	char line[MOUNT_LINE_MAX];

	return read_mount_line("/", line) && strstr(line, " - overlay ") &&
	       !strstr(line, "lowerdir");
}

/* An overlay on folder/in, its upper folder in folder/of, its lower one folder/lower: 0 or -errno. */
static int mount_overlay(const char *folder, const char *of, const char *in)
{
	char options[256], name[PROBE_FOLDER_MAX + 32];
	const char *const parts[] = { "upper", "work" };
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		snprintf(name, sizeof(name), "%s/%s/%s", folder, of, parts[i]);
		if (mkdir(name, 0700) < 0)
			return -errno;
	}
	snprintf(options, sizeof(options),
		"lowerdir=%s/lower,upperdir=%s/%s/upper,workdir=%s/%s/work", folder, folder, of,
		folder, of);
	snprintf(name, sizeof(name), "%s/%s", folder, in);
	return mount("overlay", name, "overlay", 0, options) < 0 ? -errno : 0;
}

/* An overlay whose upper folder is in another one: 0 or -errno; *ret_first: of the other one. */
static int try_overlay_on_overlay(const char *folder, int *ret_first)
{
	static const char *const names[] = { "lower", "tmpfs", "overlay", "second" };
	char name[PROBE_FOLDER_MAX + 32];
	int error = 0;
	*ret_first = mount("tmpfs", folder, "tmpfs", 0, NULL) < 0 ? -errno : 0;
	for (size_t i = 0; i < ARRAY_SIZE(names) && *ret_first == 0; i++) {
		snprintf(name, sizeof(name), "%s/%s", folder, names[i]);
		*ret_first = mkdir(name, 0700) < 0 ? -errno : 0;
	}
	if (*ret_first == 0)
		*ret_first = mount_overlay(folder, "tmpfs", "overlay");
	if (*ret_first == 0)
		error = mount_overlay(folder, "overlay", "second");
	return error;
}

int ask_root_holds_no_upper(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!root_is_the_sandbox_s())
		return probe_say(
			evidence, 0, "the root folder is no overlay, or one that names its layers");
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	char folder[PROBE_FOLDER_MAX];
	int error = probe_folder_make(folder);
	if (error < 0)
		return probe_say(evidence, 0, "not asked: no folder to mount on: %s",
			probe_errno_name(-error));
	bool changed;
	int first = probe_enter_mount_namespace(&changed), second = 0;
	/* where the mounts would be everybody's there are no containers anyhow */
	if (first == 0 && changed)
		second = try_overlay_on_overlay(folder, &first);
	probe_folder_take_away(folder);
	if (first < 0 || !changed)
		return probe_say(evidence, 0, "not asked: no overlay at all: %s",
			first < 0 ? probe_errno_name(-first) : "no mount namespace");
	if (second == 0)
		return probe_say(evidence, 0, "an overlay's upper folder in an overlay works");
	return probe_say(evidence, second == -EINVAL,
		"the root folder is an overlay, and one with its upper folder in another: %s",
		probe_errno_name(-second));
}

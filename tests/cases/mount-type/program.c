/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-type: no way of asking tells of the old type, all tell the same, and other types are left alone. */
#include "case.h"

#include <linux/magic.h>
#include <mntent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { MOUNTS_MAX = 4096, SYS_STATMOUNT = 457, SYS_LISTMOUNT = 458 };

struct mount {
	unsigned major, minor;
	char point[512], type[64], options[1024];
};
static struct mount mounts[MOUNTS_MAX];
static int n_mounts;

static void read_mountinfo(const char *path)
{
	FILE *file = fopen(path, "re");
	static char line[8192];
	char own[512];

	CHECK(file);
	n_mounts = 0;
	while (fgets(line, sizeof(line), file) && n_mounts < MOUNTS_MAX) {
		struct mount *mount = &mounts[n_mounts++];
		const char *dash = strstr(line, " - ");
		CHECK(dash && strchr(line, '\n'));
		CHECK(sscanf(line, "%*d %*d %u:%u %*s %511s %511s", &mount->major, &mount->minor,
			      mount->point, own) == 4);
		CHECK(sscanf(dash, " - %63s %*s %1023s", mount->type, mount->options) == 2);
		CHECK(strcmp(mount->type, "tmpfs") != 0);
	}
	CHECK(n_mounts > 0 && fclose(file) == 0);
}

static const struct mount *mount_of(const char *point)
{
	const struct mount *found = NULL;

	for (int i = 0; i < n_mounts; i++)
		if (strcmp(mounts[i].point, point) == 0)
			found = &mounts[i]; /* the last one covers others */
	return found;
}

/* The mounts' list by getmntent(3) has as many, of the same types. */
static void check_mounts(const char *path)
{
	FILE *file = setmntent(path, "re");
	const struct mntent *entry;
	int n = 0;

	CHECK(file);
	while ((entry = getmntent(file))) {
		CHECK(strcmp(entry->mnt_type, "tmpfs") != 0);
		if (strcmp(entry->mnt_type, "xfs") == 0)
			CHECK(!strstr(entry->mnt_opts, "size=") &&
				!strstr(entry->mnt_opts, "mode="));
		CHECK(strncmp(entry->mnt_opts, "rw", 2) == 0 ||
			strncmp(entry->mnt_opts, "ro", 2) == 0);
		n++;
	}
	endmntent(file);
	CHECK(n == n_mounts);
}

static long type_by_fd(const char *path)
{
	struct statfs fs;
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	CHECK(fd >= 0 && fstatfs(fd, &fs) == 0 && close(fd) == 0);
	return fs.f_type;
}

static bool is_in_filesystems(const char *type)
{
	char line[128], name[64] = "";
	bool found = false;
	FILE *file = fopen("/proc/filesystems", "re");

	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		const char *tab = strchr(line, '\t');
		found |= tab && sscanf(tab, " %63s", name) == 1 && strcmp(name, type) == 0;
	}
	CHECK(fclose(file) == 0);
	return found;
}

/* Who asks by name, opens and asks of the descriptor gets one answer, without a trace of how it came about. */
static void check_stat(void)
{
	struct stat by_name, by_fd;
	struct statx stx;
	sigset_t blocked;

	CHECK(stat("/proc/mounts", &by_name) == 0);
	int fd = open("/proc/mounts", O_RDONLY);
	CHECK(fd >= 0);
	/* Of a link no more is left than of the text that it has led to. */
	CHECK(statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stx) == 0);
	CHECK(S_ISREG(stx.stx_mode));
	CHECK(fstat(fd, &by_fd) == 0 && by_fd.st_ino == by_name.st_ino &&
		by_fd.st_dev == by_name.st_dev);
	close(fd);
	/* With as many calls between as come to be looked at, and some more. */
	for (int between = 0; between < 8; between++) {
		CHECK(stat("/proc/self/mounts", &by_name) == 0);
		fd = open("/proc/self/mounts", O_RDONLY);
		for (int i = 0; i < between; i++)
			syscall(SYS_getppid);
		CHECK(fd >= 0 && fstat(fd, &by_fd) == 0);
		CHECK(between > 2 || by_fd.st_ino == by_name.st_ino);
		CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && sigisemptyset(&blocked));
		close(fd);
	}
}

int main(void)
{
	char path[64];
	struct statfs fs;
	struct stat st;
	int n_changed = 0;

	read_mountinfo("/proc/self/mountinfo");
	int n = n_mounts;
	read_mountinfo("/proc/thread-self/mountinfo");
	CHECK(n_mounts == n);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/mountinfo", getpid(), getpid());
	read_mountinfo(path);
	CHECK(n_mounts == n);
	check_mounts("/proc/mounts");
	check_mounts("/proc/self/mounts");
	CHECK(chdir("/proc/self") == 0);
	check_mounts("mounts");
	CHECK(is_in_filesystems("xfs") && is_in_filesystems("proc"));

	for (int i = 0; i < n_mounts; i++) {
		const struct mount *mount = mount_of(mounts[i].point);
		if (statfs(mount->point, &fs) || stat(mount->point, &st) || !S_ISDIR(st.st_mode) ||
			st.st_dev != makedev(mount->major, mount->minor))
			continue;
		CHECK(fs.f_type != TMPFS_MAGIC);
		if (strcmp(mount->type, "xfs") != 0)
			continue;
		n_changed++;
		CHECK(fs.f_type == XFS_SUPER_MAGIC);
		CHECK(type_by_fd(mount->point) == XFS_SUPER_MAGIC);
	}
	if (n_changed == 0)
		skip("no tmpfs is mounted here");
	CHECK(statfs("/proc", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC);
	CHECK(type_by_fd("/proc/self") == PROC_SUPER_MAGIC);
	/* The edited text itself is a file of procfs. */
	int fd = open("/proc/self/mountinfo", O_RDONLY);
	CHECK(fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC);
	/* As before Linux 6.8: type, magic number and options are what these would tell. */
	struct {
		uint32_t size, spare;
		uint64_t mount, mask;
	} request = { sizeof(request), 0, UINT64_MAX, 0x21 };
	uint64_t answer[512];
	CHECK_FAILS(syscall(SYS_STATMOUNT, &request, answer, sizeof(answer), 0), ENOSYS);
	CHECK_FAILS(syscall(SYS_LISTMOUNT, &request, answer, 1, 0), ENOSYS);
	check_stat();
	CHECK_FAILS(statfs("/no/such/place", &fs), ENOENT);
	CHECK_FAILS(fstatfs(-1, &fs), EBADF);
	CHECK_FAILS(statfs("/", nowhere), EFAULT);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process joins a pid namespace and executes a program: whether it is really in there or not, /proc/self is its
 * own, in all forms, nothing of the outside is to be had, and it ends with the namespace.
 */
#include "case.h"

#include <dirent.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

static const char *program;

static const char *link_at(int dirfd, const char *path)
{
	static __thread char text[PATH_MAX];
	ssize_t n = readlinkat(dirfd, path, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *content(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	const char *text = text_of(fd);
	close(fd);
	return text;
}

static const char *own(const char *below)
{
	static __thread char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d%s", getpid(), below);
	return path;
}

static bool lists(DIR *folder, const char *name)
{
	bool found = false;

	rewinddir(folder);
	for (const struct dirent *entry; (entry = readdir(folder));)
		found |= strcmp(entry->d_name, name) == 0;
	return found;
}

static void check_names(void)
{
	char text[64], line[64];

	snprintf(text, sizeof(text), "%d", getpid());
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self"), text) == 0);
	snprintf(text, sizeof(text), "%d/task/%ld", getpid(), syscall(SYS_gettid));
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/thread-self"), text) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/exe"), program) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, own("/exe")), program) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/root"), "/") == 0);
	CHECK(strncmp(link_at(AT_FDCWD, "/proc/self/ns/pid"), "pid:[", 5) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/mounts"), "self/mounts") == 0);
	snprintf(line, sizeof(line), "\nPid:\t%d\n", getpid());
	CHECK(strstr(content(AT_FDCWD, "/proc/self/status"), line));
	snprintf(line, sizeof(line), "\nPid:\t%ld\n", syscall(SYS_gettid));
	CHECK(strstr(content(AT_FDCWD, "/proc/thread-self/status"), line));
	CHECK(strstr(content(AT_FDCWD, own("/status")), "\nTracerPid:\t0\n"));
	CHECK(strstr(content(AT_FDCWD, "/proc/thread-self/status"), "\nState:\tR"));
	snprintf(line, sizeof(line), "%d (", getpid());
	CHECK(strncmp(content(AT_FDCWD, "/proc/self/stat"), line, strlen(line)) == 0);
	CHECK(strstr(content(AT_FDCWD, "/proc/mounts"), " /proc proc "));
	CHECK(strstr(content(AT_FDCWD, "/proc/net/dev"), "lo:"));
	CHECK(strstr(content(AT_FDCWD, "/proc/self/maps"), program));
	CHECK_FAILS(open("/proc/self/nothing", O_RDONLY), ENOENT);
	CHECK_FAILS(open("/proc/self/status/x", O_RDONLY), ENOTDIR);
	CHECK_FAILS(open("/proc/self/fd/99", O_RDONLY), ENOENT);
	CHECK_FAILS(readlink("/proc/self/status", text, sizeof(text)), EINVAL);
	CHECK_FAILS(open("/proc/self", O_WRONLY), EISDIR);
	CHECK_FAILS(open("/proc/self/fd", O_RDONLY | O_CREAT, 0600), EISDIR);
	CHECK_FAILS(open("/proc/self/status", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_FAILS(open("/proc/self/status", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK(access("/proc/self/status", R_OK) == 0);
	CHECK_FAILS(getxattr("/proc/self/status", "security.none", text, sizeof(text)), EOPNOTSUPP);
	CHECK(access("/proc/self/fd", R_OK | X_OK) == 0);
	CHECK_FAILS(access("/proc/self/none", F_OK), ENOENT);
}

static void same(const struct stat *a, const struct stat *b)
{
	CHECK(a->st_dev == b->st_dev);
	CHECK(a->st_ino == b->st_ino);
	CHECK(a->st_mode == b->st_mode);
	CHECK(a->st_uid == b->st_uid);
	CHECK(a->st_size == b->st_size);
}

static void check_stat(const char *path)
{
	struct stat by_path, by_fd, proc;
	struct statx by_statx;
	struct statfs fs;
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	CHECK(stat(path, &by_path) == 0);
	CHECK(fstat(fd, &by_fd) == 0);
	same(&by_path, &by_fd);
	CHECK(fstatat(fd, "", &by_fd, AT_EMPTY_PATH) == 0);
	same(&by_path, &by_fd);
	CHECK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &by_statx) == 0);
	CHECK(by_statx.stx_ino == by_path.st_ino && by_statx.stx_mode == by_path.st_mode);
	CHECK(stat("/proc", &proc) == 0);
	CHECK(proc.st_dev == by_path.st_dev);
	CHECK(fstatfs(fd, &fs) == 0 && fs.f_type == 0x9fa0);
	CHECK(statfs(path, &fs) == 0 && fs.f_type == 0x9fa0);
	close(fd);
}

static void check_folders(void)
{
	char name[32];
	struct stat a, b;

	DIR *folder = opendir("/proc/self/fd");
	CHECK(folder);
	snprintf(name, sizeof(name), "%d", dirfd(folder));
	CHECK(lists(folder, name) && lists(folder, "0") && lists(folder, "..") &&
		!lists(folder, "99"));
	CHECK(strcmp(link_at(AT_FDCWD, own("/fd/0")), link_at(dirfd(folder), "0")) == 0);
	CHECK(strcmp(link_at(dirfd(folder), name), own("/fd")) == 0);
	/* a copy is the same folder */
	int copy = fcntl(dirfd(folder), F_DUPFD_CLOEXEC, 3);
	CHECK(copy >= 0);
	CHECK(fstatat(copy, "0", &a, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(a.st_mode));
	CHECK(fstat(copy, &a) == 0 && stat("/proc/self/fd", &b) == 0);
	same(&a, &b);
	close(copy);
	/* so it is for a child */
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(fstatat(dirfd(folder), "0", &a, AT_SYMLINK_NOFOLLOW) == 0);
		CHECK(lists(folder, name));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	closedir(folder);

	folder = opendir("/proc/self/");
	CHECK(folder);
	CHECK(lists(folder, "status") && lists(folder, "task") && lists(folder, "fd"));
	CHECK(strstr(content(dirfd(folder), "status"), "\nPid:"));
	CHECK(strstr(content(dirfd(folder), "task/../status"), "\nPid:"));
	closedir(folder);
	/* the same number is another folder now */
	folder = opendir("/proc");
	CHECK(folder);
	CHECK(lists(folder, "1") && lists(folder, "self") && !lists(folder, "status"));
	closedir(folder);

	folder = opendir("/proc/thread-self/../");
	CHECK(folder);
	snprintf(name, sizeof(name), "%d", getpid());
	CHECK(lists(folder, name));
	closedir(folder);

	char cwd[PATH_MAX];
	CHECK(chdir("/proc/self/fd") == 0);
	CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, own("/fd")) == 0);
	CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/cwd"), own("/fd")) == 0);
	CHECK(lstat("0", &a) == 0 && S_ISLNK(a.st_mode));
	CHECK(strstr(content(AT_FDCWD, "../status"), "\nPid:"));
	CHECK(strstr(content(AT_FDCWD, "/proc/self/cwd/../status"), "\nPid:"));
	CHECK(chdir("..") == 0);
	CHECK(strstr(content(AT_FDCWD, "status"), "\nPid:"));
	CHECK(chdir("..") == 0);
	CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/proc") == 0);
	CHECK(access("status", F_OK) != 0);
	CHECK(chdir("/") == 0);
	check_stat("/proc/self");
	check_stat("/proc/self/fd");
	check_stat("/proc/self/status");
	check_stat(own("/task"));
}

/* What a descriptor is, opened anew. */
static void check_descriptors(void)
{
	char path[64], byte;
	int ends[2], fd, again;
	struct stat a, b;

	CHECK(pipe(ends) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0666);
	CHECK(fd >= 0);
	CHECK(write(fd, "x", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'x');
	CHECK((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_WRONLY);
	CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0);
	CHECK(stat(path, &a) == 0 && fstat(ends[1], &b) == 0);
	CHECK(S_ISFIFO(a.st_mode) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	CHECK(lstat(path, &a) == 0 && S_ISLNK(a.st_mode));
	close(fd);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	CHECK(write(ends[1], "y", 1) == 1 && read(fd, &byte, 1) == 1 && byte == 'y');
	close(fd);
	CHECK_FAILS(open(path, O_WRONLY | O_NOFOLLOW), ELOOP);
	CHECK_FAILS(open(path, O_RDONLY | O_DIRECTORY), ENOTDIR);
	fd = open(path, O_PATH | O_NOFOLLOW);
	CHECK(fd >= 0);
	CHECK(strncmp(link_at(fd, ""), "pipe:[", 6) == 0);
	close(fd);
	close(ends[0]);
	close(ends[1]);

	/* by a link of one's own, as /dev/stdout is one */
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	if (fd < 0) {
		fd = open("deleted", O_RDWR | O_CREAT | O_EXCL, 0600);
		CHECK(fd >= 0 && unlink("deleted") == 0);
	}
	CHECK(write(fd, "content", 7) == 7);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(symlink(path, "link") == 0);
	again = open("link", O_RDONLY);
	CHECK(again >= 0);
	CHECK(strcmp(text_of(again), "content") == 0 && lseek(again, 0, SEEK_CUR) == 0);
	CHECK_FAILS(write(again, "x", 1), EBADF);
	close(again);
	again = open("link", O_WRONLY | O_TRUNC);
	CHECK(again >= 0 && fstat(fd, &a) == 0 && a.st_size == 0);
	close(again);
	close(fd);
	CHECK_FAILS(open("link", O_RDONLY), ENOENT);
	CHECK(unlink("link") == 0);

	fd = open("file", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && write(fd, "named", 5) == 5);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(strcmp(content(AT_FDCWD, path), "named") == 0);
	CHECK(strcmp(content(AT_FDCWD, "/proc/self/cwd/file"), "named") == 0);
	close(fd);
	CHECK(unlink("file") == 0);

	fd = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	again = openat(fd, "file", O_WRONLY | O_CREAT, 0600);
	CHECK(again >= 0);
	close(again);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/file", fd);
	CHECK(access(path, F_OK) == 0);
	close(fd);
	CHECK(unlink("file") == 0);

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK_FAILS(open(path, O_RDWR), ENXIO);
	close(fd);

	fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(write(fd, "17", 2) == 2);
	CHECK_FAILS(write(fd, "many", 4), EINVAL);
	close(fd);
	CHECK(strcmp(content(AT_FDCWD, "/proc/self/oom_score_adj"), "17\n") == 0);
}

/* Where it may make no sockets, a pipe can be opened all the same. */
static void check_without_sockets(void)
{
	struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, refuse };
	int ends[2];
	char path[64], byte;

	pid_t pid = fork();
	if (pid == 0) {
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
		CHECK_FAILS(socket(AF_UNIX, SOCK_DGRAM, 0), EPERM);
		CHECK(pipe(ends) == 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		CHECK(fd > ends[1] && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
		CHECK(write(fd, "x", 1) == 1 && read(ends[0], &byte, 1) == 1);
		CHECK(strstr(content(AT_FDCWD, "/proc/self/status"), "\nPid:"));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
}

/* Rights are those of the file, not of who opens it for us. */
static void check_rights(void)
{
	char path[64];
	int read_only = open("mine", O_RDONLY | O_CREAT, 0600);

	CHECK(read_only >= 0 && fchown(read_only, 0, 0) == 0 && fchmod(read_only, 0644) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", read_only);
	CHECK(unlink("mine") == 0);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		CHECK(open(path, O_RDONLY) >= 0);
		CHECK_FAILS(open(path, O_RDWR), EACCES);
		CHECK_FAILS(open(path, O_WRONLY | O_TRUNC), EACCES);
		CHECK_FAILS(open("/proc/self/fd/77", O_RDONLY), ENOENT);
		CHECK(strstr(content(AT_FDCWD, "/proc/self/status"), "\nUid:\t1000\t1000"));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	CHECK(open(path, O_RDWR) >= 0);
	close(read_only);
}

/* No way leads out: who waits for us outside has no number in here. */
static void check_outside(pid_t outside)
{
	static const char *const folders[] = { "/proc/self", "/proc/self/fd", "/proc/self/task",
		"/proc/self/ns", "/proc/self/fdinfo", "/proc/thread-self", "/proc/self/net" };
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d", outside);
	CHECK_FAILS(access(name, F_OK), ENOENT);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int fd = open(folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(fd >= 0);
		for (int up = 0; up < 6; up++) {
			snprintf(name, sizeof(name), "%d", outside);
			CHECK(faccessat(fd, name, F_OK, 0) != 0);
			snprintf(name, sizeof(name), "../%d/root", outside);
			CHECK(faccessat(fd, name, F_OK, 0) != 0);
			int above = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			CHECK(above >= 0);
			close(fd);
			fd = above;
		}
		CHECK(strcmp(link_at(AT_FDCWD, own("/root")), "/") == 0);
		CHECK(faccessat(fd, "proc/self/status", F_OK, 0) == 0);
		close(fd);
	}
	/* what is open already: nothing that leads to another /proc */
	for (int fd = 0; fd < 1100; fd++) {
		snprintf(name, sizeof(name), "%d", outside);
		CHECK(faccessat(fd, name, F_OK, 0) != 0);
		snprintf(name, sizeof(name), "../%d", outside);
		CHECK(faccessat(fd, name, F_OK, 0) != 0);
	}
}

static void *in_thread(void *unused)
{
	check_names();
	return NULL;
}

static void run(const char *path, const char *argument)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		execl(path, program, argument, program, NULL);
		_exit(99);
	}
	CHECK_EXITS(pid, 42);
}

static void check_exec(void)
{
	char path[64];
	struct stat st;
	off_t offset = 0;

	run("/proc/self/exe", "exec");
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK(from >= 0 && fstat(from, &st) == 0 && st.st_size > 1000);
	int memfd = memfd_create("program", 0);
	CHECK(memfd >= 0);
	while (offset < st.st_size)
		CHECK(sendfile(memfd, from, &offset, (size_t)(st.st_size - offset)) > 0);
	close(from);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memfd);
	run(path, "exec-memfd");
	close(memfd);
	CHECK_FAILS(execl("/proc/self/status", "x", NULL), EACCES);
	CHECK_FAILS(execl("/proc/self/fd", "x", NULL), EACCES);
}

static void check_child(void)
{
	int ends[2];
	char path[64], byte;

	CHECK(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		CHECK(read(ends[0], &byte, 1) == 0);
		check_names();
		_exit(0);
	}
	close(ends[0]);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	CHECK(strstr(content(AT_FDCWD, path), "\nTracerPid:\t0\n"));
	close(ends[1]);
	CHECK_EXITS(pid, 0);
}

static int session(pid_t outside)
{
	pthread_t thread;

	check_names();
	check_outside(outside);
	check_folders();
	CHECK(chdir("/tmp") == 0);
	char folder[] = "/tmp/outsider.XXXXXX";
	CHECK(mkdtemp(folder) && chdir(folder) == 0);
	check_descriptors();
	check_without_sockets();
	check_rights();
	CHECK(chdir("/") == 0 && rmdir(folder) == 0);
	check_child();
	CHECK(pthread_create(&thread, NULL, in_thread, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	check_exec();
	return success();
}

/* The first process of a pid namespace, with a /proc of it. */
static pid_t make_namespace(int *ret_keep)
{
	int ready[2], keep[2];
	char byte;

	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(keep, O_CLOEXEC) == 0);
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		skip("no pid or mount namespaces here");
	if (pid == 0) {
		close(keep[1]);
		CHECK(getpid() == 1);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			_exit(77);
		CHECK(mount("proc", "/proc", "proc", 0, NULL) == 0);
		CHECK(write(ready[1], "x", 1) == 1);
		_exit(read(keep[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		skip("no mount namespaces here");
	close(ready[0]);
	close(keep[0]);
	*ret_keep = keep[1];
	return pid;
}

/* A child of ours has joined what init is in, made a child, and that executes the program with argument. */
static pid_t enter(pid_t init, int keep, const char *argument)
{
	char path[64], outside[16];

	snprintf(outside, sizeof(outside), "%d", getpid());
	fflush(stdout);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid > 0)
		return pid;
	close(keep);
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", init);
	int pid_ns = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", init);
	int mnt_ns = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(pid_ns >= 0 && mnt_ns >= 0);
	CHECK(setns(mnt_ns, CLONE_NEWNS) == 0);
	CHECK(setns(pid_ns, CLONE_NEWPID) == 0);
	pid = fork();
	if (pid == 0) {
		execl(program, program, argument, program, outside, NULL);
		CHECK(false);
	}
	int status;
	CHECK(waitpid(pid, &status, 0) == pid);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status));
}

int main(int argc, char *argv[])
{
	static char path[PATH_MAX];
	char byte;
	int keep, alive[2];

	if (argc > 2) {
		program = argv[2];
		if (strcmp(argv[1], "exec") == 0)
			CHECK(strcmp(link_at(AT_FDCWD, "/proc/self/exe"), program) == 0);
		if (strncmp(argv[1], "exec", 4) == 0)
			return 42;
		if (strcmp(argv[1], "wait") == 0) {
			fork();
			puts("waits");
			fflush(stdout);
			for (;;)
				pause();
		}
		/* for tests/e2e/exec, in a real container */
		if (strcmp(argv[1], "escape") == 0) {
			check_outside(atoi(argv[3]));
			return success();
		}
		return session(atoi(argv[3]));
	}
	CHECK(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	program = path;
	pid_t init = make_namespace(&keep);
	pid_t joined = enter(init, keep, "session");
	CHECK_EXITS(joined, 0);

	/* with the namespace ends who has joined it, and a child */
	CHECK(pipe(alive) == 0);
	int out = dup(1);
	CHECK(out > 1 && dup2(alive[1], 1) == 1);
	joined = enter(init, keep, "wait");
	CHECK(dup2(out, 1) == 1);
	close(out);
	close(alive[1]);
	for (int lines = 0; lines < 2;) {
		CHECK(read(alive[0], &byte, 1) == 1);
		lines += byte == '\n';
	}
	close(keep);
	CHECK_EXITS(init, 0);
	CHECK(read(alive[0], &byte, 1) == 0);
	CHECK_EXITS(joined, 100 + SIGKILL);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process joins a pid namespace and executes a program: whether it is really in there or not, /proc/self is its
 * own, in all forms, nothing of the outside is to be had, and it ends with the namespace.
 */
#include "case.h"
#include "look.h"

#include <limits.h>
#include <linux/filter.h>
#include <linux/openat2.h>
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

/* openat2, where the kernel or a rule has it. */
static void check_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(proc >= 0);
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		return;
	close(fd);
	fd = (int)syscall(SYS_openat2, proc, "self/status", &how, sizeof(how));
	CHECK(fd >= 0 && strstr(text_of(fd), "\nPid:"));
	close(fd);
	fd = (int)syscall(SYS_openat2, AT_FDCWD, "/proc/self/../1/status", &how, sizeof(how));
	CHECK(fd >= 0 && strstr(text_of(fd), "\nPid:\t1\n"));
	close(fd);
	how.resolve = RESOLVE_BENEATH;
	CHECK_FAILS(syscall(SYS_openat2, proc, "../etc", &how, sizeof(how)), EXDEV);
	how.resolve = RESOLVE_NO_MAGICLINKS;
	CHECK_FAILS(syscall(SYS_openat2, proc, "self/fd/0", &how, sizeof(how)), ELOOP);
	close(proc);
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

/* What another process of the session has open is for those who may look into it. */
static void check_others_descriptors(void)
{
	char path[64];
	int fd = memfd_create("readable", 0);

	CHECK(fd >= 0 && fchmod(fd, 0644) == 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	pid_t pid = fork();
	if (pid == 0) {
		int own = open(path, O_RDONLY);
		CHECK(own >= 0);
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK_FAILS(open(path, O_RDONLY), EACCES);
		CHECK_FAILS(open(path, O_PATH), EACCES);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	close(fd);
}

/* By the container's own number, another one than the first. */
static void check_second(void)
{
	enum { SECOND = 2, PATIENCE = 500 };

	CHECK(kill(SECOND, SIGTERM) == 0);
	for (int i = 0; kill(SECOND, 0) == 0; i++) {
		CHECK(i < PATIENCE);
		usleep(10000);
	}
	CHECK(errno == ESRCH);
	CHECK(kill(1, 0) == 0);
}

static void check_signals(pid_t outside)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	signal(SIGUSR1, SIG_IGN);
	CHECK(raise(SIGUSR1) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(kill(1, 0) == 0);
	CHECK_FAILS(kill(outside, 0), ESRCH);
	CHECK_FAILS(kill(-outside, 0), ESRCH);
	CHECK_FAILS(syscall(SYS_tkill, outside, 0), ESRCH);
	CHECK_FAILS(syscall(SYS_tgkill, outside, outside, 0), ESRCH);
	CHECK_FAILS(syscall(SYS_rt_sigqueueinfo, outside, 0, &info), ESRCH);
	CHECK_FAILS(syscall(SYS_rt_tgsigqueueinfo, outside, outside, 0, &info), ESRCH);
	/* All, and a group in which there are others: of one that has not really joined some are outside. */
	if (getenv("GVTRACED")) {
		CHECK_FAILS(kill(-1, 0), EPERM);
		CHECK_FAILS(kill(-getpgrp(), 0), ESRCH);
	}
	check_second();
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(setpgid(0, 0) == 0);
		CHECK(kill(-getpid(), 0) == 0);
		for (;;)
			pause();
	}
	CHECK(kill(pid, SIGKILL) == 0);
	int status;
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static int session(pid_t outside)
{
	pthread_t thread;

	check_names();
	check_outside(outside);
	check_signals(outside);
	check_folders();
	check_openat2();
	CHECK(chdir("/tmp") == 0);
	char folder[] = "/tmp/outsider.XXXXXX";
	CHECK(mkdtemp(folder) && chdir(folder) == 0);
	check_descriptors();
	check_without_sockets();
	check_rights();
	check_others_descriptors();
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
		signal(SIGCHLD, SIG_IGN);
		pid_t second = fork();
		if (second == 0)
			for (;;)
				pause();
		CHECK(second == 2);
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

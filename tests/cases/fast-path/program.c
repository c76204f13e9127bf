/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that match no rule soon pass without a stop, from places of the program that are led through code of gvtrace's. From the
 * same places rules go on to act, bad pointers to fail, and no signal handler sees that code; children have it, and
 * it is no system call that a filter of the program's own would not let pass.
 */
#include "case.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/ucontext.h>

enum { ENOUGH = 50, THREADS = 8 };

static const char exists[] = "/dev/null", none[] = "/no-such-file";

/* A place of its own, as C libraries have them. */
#define PLACE(name, number)                                                         \
	__attribute__((noinline, unused)) static long name(                         \
		const void *first, const void *second, long third)                  \
	{                                                                           \
		register long result __asm__("rax");                                \
		__asm__ volatile("mov %1, %%eax\n\tsyscall"                         \
				 : "=a"(result)                                     \
				 : "i"(number), "D"(first), "S"(second), "d"(third) \
				 : "rcx", "r11", "memory", "cc");                   \
		return result;                                                      \
	}
PLACE(place_open, SYS_open)
PLACE(place_openat, SYS_openat)
PLACE(place_access, SYS_access)
PLACE(place_race, SYS_access)
PLACE(place_readlink, SYS_readlink)
PLACE(place_late, SYS_access)
PLACE(place_vfork, SYS_access)

/* Of newfstatat, whose fourth argument matters. */
__attribute__((noinline)) static long place_stat(
	int fd, const char *path, struct stat *ret_status, long flags)
{
	register long r10 __asm__("r10") = flags;
	long result;

	__asm__ volatile("mov %1, %%eax\n\tsyscall"
			 : "=a"(result)
			 : "i"(SYS_newfstatat), "D"((long)fd), "S"(path), "d"(ret_status), "r"(r10)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

#define CWD ((void *)(long)AT_FDCWD)

/* Whether the place has been led elsewhere: its first instruction is not what was written here any more. */
static bool is_led(const void *place)
{
	const unsigned char *code = place;

	for (int i = 0; i < 32; i++)
		if (code[i] == 0xe9)
			return true;
	return false;
}

static void warm(void)
{
	struct stat status;

	for (int i = 0; i < ENOUGH; i++) {
		long fd = place_open(exists, NULL, 0);
		CHECK(fd >= 0 && close((int)fd) == 0);
		fd = place_openat(CWD, exists, 0);
		CHECK(fd >= 0 && close((int)fd) == 0);
		CHECK(place_access(exists, NULL, 0) == 0);
		CHECK(place_access(none, NULL, 0) == -ENOENT);
		CHECK(place_readlink(exists, "", 1) == -EINVAL);
		CHECK(place_stat(AT_FDCWD, exists, &status, 0) == 0);
		CHECK(place_stat(AT_FDCWD, "", &status, 0) == -ENOENT);
	}
}

static bool is_fake(long fd)
{
	bool is = fd >= 0 && strcmp(text_of((int)fd), FAKE_VALUE) == 0;

	if (fd >= 0)
		close((int)fd);
	return is;
}

static void rules_act(void)
{
	static const char *const names[] = { FAKE, "//proc/sys/vm/swappiness",
		"/proc/../proc/sys/vm/swappiness", "/./proc/sys/vm/swappiness",
		"/proc/sys/vm//swappiness", "/proc/self/root" FAKE,
		"/dev/../proc/sys/vm/swappiness" };
	char folder[] = "/tmp/fast-path.XXXXXX", link[64], path[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		CHECK(is_fake(place_open(names[i], NULL, 0)));
		CHECK(is_fake(place_openat(CWD, names[i], 0)));
	}
	CHECK(mkdtemp(folder));
	snprintf(link, sizeof(link), "%s/link", folder);
	CHECK(symlink("/proc/sys/vm", link) == 0);
	snprintf(path, sizeof(path), "%s/swappiness", link);
	CHECK(is_fake(place_open(path, NULL, 0)));
	CHECK(unlink(link) == 0 && rmdir(folder) == 0);
	int dir = open("/proc/sys", O_PATH);
	CHECK(is_fake(place_openat((void *)(long)dir, "vm/swappiness", 0)));
	CHECK(close(dir) == 0);
	CHECK(place_access(FAKE, NULL, 0) == 0);

	/* By a descriptor: of a fake file, and of one whose inode a rule changes. */
	int fd = open(FAKE, O_RDONLY);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	long again = place_open(path, (void *)(long)O_RDWR, 0);
	CHECK(again >= 0 && write((int)again, FAKE_VALUE, sizeof(FAKE_VALUE) - 1) > 0);
	CHECK(close((int)again) == 0 && close(fd) == 0);
	struct stat status;
	fd = open("/dev/full", O_RDONLY);
	CHECK(place_stat(fd, "", &status, AT_EMPTY_PATH) == 0 && status.st_ino == 4711);
	CHECK(place_stat(AT_FDCWD, "/dev/full", &status, 0) == 0 && status.st_ino == 4711);
	CHECK(close(fd) == 0);
}

static volatile int n_faults, n_signals;
static volatile uint64_t strange;

static void fault(int signal)
{
	n_faults++;
	_exit(9);
}

static void bad_pointers(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(signal(SIGSEGV, fault) == SIG_DFL && signal(SIGBUS, fault) == SIG_DFL);
	CHECK(mprotect(page + 4096, 4096, PROT_NONE) == 0);
	strcpy(page + 4096 - sizeof(exists), exists);
	memcpy(page + 2000, "/xyz", 4);
	for (int i = 0; i < ENOUGH; i++) {
		CHECK(place_access(nowhere, NULL, 0) == -EFAULT);
		CHECK(place_access(NULL, NULL, 0) == -EFAULT);
		CHECK(place_open((void *)(1L << 62), NULL, 0) == -EFAULT);
		CHECK(place_openat(CWD, page + 4096, 0) == -EFAULT);
		CHECK(place_access(page + 4096 - sizeof(exists), NULL, 0) == 0);
	}
	memset(page + 4096 - 8, '/', 1);
	memset(page + 4096 - 7, 'a', 7); /* goes on where there is no memory */
	CHECK(place_access(page + 4096 - 8, NULL, 0) == -EFAULT);
	CHECK(signal(SIGSEGV, SIG_DFL) == fault && signal(SIGBUS, SIG_DFL) == fault);
	CHECK(munmap(page, 8192) == 0);
}

/* All code of this program, static, is between these two. */
extern char __executable_start, etext;

static void tick(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	uint64_t ip = (uint64_t)user->uc_mcontext.gregs[REG_RIP];

	n_signals++;
	if ((ip < (uint64_t)&__executable_start || ip >= (uint64_t)&etext) && !is_systraps(ip))
		strange = ip;
}

static void signals(void)
{
	struct sigaction action = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < 200000 && n_signals < 200; i++) {
		CHECK(place_access(none, NULL, 0) == -ENOENT);
		CHECK(place_access(i % 64 ? exists : FAKE, NULL, 0) == 0);
	}
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	if (strange)
		printf("a handler has seen an instruction at %#lx\n", (long)strange);
	CHECK(!strange && n_signals > 0);
}

/* An open that waits is made again after the handler, or ends by it, as ever. */
static void *writer(void *fifo)
{
	usleep(20000);
	pthread_kill(*(pthread_t *)((char **)fifo)[1], SIGALRM);
	usleep(20000);
	int fd = open(*(char **)fifo, O_WRONLY);
	CHECK(fd >= 0);
	return (void *)(long)fd;
}

static void waiting_calls(void)
{
	char folder[] = "/tmp/fast-path.XXXXXX", fifo[64];
	pthread_t self = pthread_self(), thread;
	void *data[2] = { fifo, &self }, *fd;

	CHECK(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	CHECK(mkfifo(fifo, 0600) == 0);
	n_signals = 0;
	CHECK(pthread_create(&thread, NULL, writer, data) == 0);
	long r = place_open(fifo, NULL, 0);
	CHECK(n_signals > 0);
	/* gVisor (2022 to 2026) itself does not make it again. */
	if (r == -EINTR && in_sandbox())
		r = place_open(fifo, NULL, 0);
	CHECK(r >= 0);
	CHECK(pthread_join(thread, &fd) == 0);
	CHECK(close((int)r) == 0 && close((int)(long)fd) == 0);
	CHECK(unlink(fifo) == 0 && rmdir(folder) == 0);
	if (strange)
		printf("a handler has seen an instruction at %#lx\n", (long)strange);
	CHECK(!strange);
}

static pthread_barrier_t barrier;

static void *racer(void *data)
{
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 2000; i++) {
		CHECK(place_race(exists, NULL, 0) == 0);
		CHECK(place_race(none, NULL, 0) == -ENOENT);
		if (i % 100 == 0)
			CHECK(place_race(FAKE, NULL, 0) == 0);
	}
	return NULL;
}

/* All at once at a place that is not led yet, under a timer. */
static void race(void)
{
	struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };
	pthread_t threads[THREADS];

	CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, racer, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(!strange);
}

static int as_before(void *data)
{
	warm();
	rules_act();
	bad_pointers();
	_exit(0);
}

static int late(void *data)
{
	for (int i = 0; i < ENOUGH; i++)
		CHECK(place_vfork(exists, NULL, 0) == 0);
	_exit(0);
}

static void wait_for(pid_t pid)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, __WALL) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void children(void)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	char *arguments[] = { (char *)"/proc/self/exe", (char *)"again", NULL };
	pid_t pid = fork();

	if (pid == 0)
		as_before(NULL);
	wait_for(pid);
	wait_for(clone(as_before, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
	wait_for(clone(as_before, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL));
	/* Led by the child, in the parent's memory. */
	wait_for(clone(late, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
	CHECK(signal(SIGSEGV, fault) == SIG_DFL);
	CHECK(place_vfork(nowhere, NULL, 0) == -EFAULT);
	CHECK(signal(SIGSEGV, SIG_DFL) == fault);
	CHECK(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environ) == 0);
	wait_for(pid);
}

/* A filter that kills for mappings: gvtrace makes none, at a place that it would else lead now. */
static void own_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	for (int i = 0; i < ENOUGH; i++)
		CHECK(place_late(exists, NULL, 0) == 0);
}

/* As libseccomp asks for what the kernel knows: nothing is loaded. */
static void ask_for_filters(void)
{
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL) == -1);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL) == -1);
}

int main(int argc, char **argv)
{
	const char *way = getenv("WAY");
	bool is_fast = !way || strcmp(way, "plain") == 0 || strcmp(way, "no-process-vm") == 0 ||
		       strcmp(way, "sandbox") == 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1 && strcmp(argv[1], "filter") == 0) {
		own_filter();
		return 0;
	}
	ask_for_filters();
	warm();
	if (argc == 1 && getenv("GVTRACED"))
		CHECK(is_led(place_access) == is_fast);
	rules_act();
	bad_pointers();
	if (argc > 1)
		return 0;
	signals();
	waiting_calls();
	race();
	children();
	char *arguments[] = { (char *)"/proc/self/exe", (char *)"filter", NULL };
	pid_t pid;
	CHECK(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environ) == 0);
	wait_for(pid);
	return success();
}

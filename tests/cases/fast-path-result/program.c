/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that are told by their result: the open of a folder by one name, and the reading of a descriptor's link. From places that are
 * led they pass without a stop if the kernel's answer stands; rules act on them as ever; and whatever signal comes at whatever moment, a call
 * is made once, and no handler sees code of gvtrace's.
 */
#define PLACES_CALL "257" /* openat */
#define PLACES_WHOLE_GO
#include "case.h"
#include "places.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/ucontext.h>

enum { ENOUGH = 50, MANY = 400, STORM = 3000, STORM_IN_SANDBOX = 1000, PROC_INODE = 4711 };
enum { GO_MOVES = 9 /* bytes before what is replaced */ };

static char work[] = "/tmp/fast-path-result.XXXXXX";

typedef long call_t(long first, const void *second, long third, long fourth);

static long openat_go(long first, const void *second, long third, long fourth)
{
	return call_go(SYS_openat, first, second, third, fourth);
}

static long read_link(int fd, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	long n = call_go(SYS_readlinkat, AT_FDCWD, path, (long)text, (long)size - 1);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* -1: the kernel does not count. */
static long n_switches(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	long n = -1;

	while (fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %ld", &n);
	fclose(file);
	return in_sandbox() ? -1 : n;
}

static void open_and_close(call_t *call, int folder, const char *name, int n)
{
	for (int i = 0; i < n; i++) {
		long fd = call(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		CHECK(fd >= 0 && close((int)fd) == 0);
	}
}

static void read_links(int fd, int n)
{
	char text[64];

	for (int i = 0; i < n; i++) {
		CHECK(read_link(fd, text, sizeof(text)) == strlen("/dev/null"));
		CHECK(strcmp(text, "/dev/null") == 0);
	}
}

/* Each stop is a voluntary switch. */
static void does_not_stop(call_t *call, int root)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	long before = n_switches();

	open_and_close(call, root, "dev", MANY);
	if (call == openat_go)
		read_links(null, MANY);
	CHECK(close(null) == 0);
	long between = n_switches();
	CHECK(between - before < MANY / 4);
	/* What is not told so does stop. */
	for (int i = 0; i < MANY; i++)
		CHECK(call(root, "no-such-folder", O_DIRECTORY, 0) == -ENOENT);
	CHECK(before < 0 || n_switches() - between >= MANY);
}

/* Also folders that only the rule has. */
static void fake_folders_are_there(call_t *call)
{
	static const char *const names[] = { "abi", "debug", "dev", "fs", "kernel", "net", "user",
		"vm" };
	int folder = open("/proc/sys", O_PATH | O_CLOEXEC);

	CHECK(folder >= 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64];
		struct stat by_path, by_fd;

		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		int r = stat(path, &by_path);
		long fd = call(folder, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		CHECK(r == 0 ? fd >= 0 : fd == -ENOENT);
		if (r)
			continue;
		CHECK(fstat((int)fd, &by_fd) == 0);
		CHECK(S_ISDIR(by_fd.st_mode));
		/* In a folder that the kernel lacks, another call is made elsewhere. */
		CHECK(call(fd, "no-such-folder", O_DIRECTORY, 0) == -ENOENT);
		CHECK(call(fd, "vm", O_DIRECTORY, 0) == -ENOENT);
		CHECK(close((int)fd) == 0);
	}
	CHECK(close(folder) == 0);
}

static void rules_act(call_t *call, int root)
{
	struct stat status;
	int folder = open(work, O_PATH | O_CLOEXEC);
	long fd = call(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	CHECK(fd >= 0 && fstat((int)fd, &status) == 0 && status.st_ino == PROC_INODE);
	CHECK(close((int)fd) == 0);
	CHECK(call(folder, "given", O_DIRECTORY, 0) == -ENOTDIR);
	fd = call(folder, "given", O_RDONLY | O_CLOEXEC, 0);
	CHECK(fd >= 0 && strcmp(text_of((int)fd), "a file\n") == 0);
	CHECK(close((int)fd) == 0 && close(folder) == 0);
	fake_folders_are_there(call);
}

static void errors_are_the_kernels(call_t *call, int root)
{
	CHECK(call(root, "no-such-folder", O_DIRECTORY, 0) == -ENOENT);
	CHECK(call(-1, "dev", O_DIRECTORY, 0) == -EBADF);
	CHECK(call(root, (const void *)1, O_DIRECTORY, 0) == -EFAULT);
	CHECK(call(root, "", O_DIRECTORY, 0) == -ENOENT);
	int dev = open("/dev", O_PATH | O_CLOEXEC);
	CHECK(call(dev, "null", O_DIRECTORY, 0) == -ENOTDIR);
	CHECK(close(dev) == 0);
}

static void links_are_right(int root)
{
	int fake = open("/proc/sys/kernel/cap_last_cap", O_RDONLY | O_CLOEXEC), ends[2];
	char text[64], other[64], path[64];

	CHECK(read_link(root, text, sizeof(text)) == 1 && strcmp(text, "/") == 0);
	CHECK(read_link(fake, text, sizeof(text)) > 0);
	CHECK(strcmp(text, "/proc/sys/kernel/cap_last_cap") == 0);
	CHECK(close(fake) == 0);
	CHECK(read_link(fake, text, sizeof(text)) == -ENOENT);
	CHECK(pipe(ends) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	ssize_t n = readlink(path, other, sizeof(other) - 1);
	CHECK(n > 0 && read_link(ends[0], text, sizeof(text)) == n);
	CHECK(memcmp(text, other, (size_t)n) == 0);
	/* As much as there is room for. */
	CHECK(call_go(SYS_readlinkat, AT_FDCWD, path, (long)text, 4) == 4);
	CHECK(call_go(SYS_readlinkat, AT_FDCWD, path, 1, 4) == -EFAULT);
	CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

/* --- signals ------------------------------------------------------------------------------------ */

extern char __executable_start, etext;
static volatile uint64_t strange;
static volatile int n_signals;

static void handle(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	uint64_t ip = (uint64_t)user->uc_mcontext.gregs[REG_RIP];

	n_signals++;
	/* A C library's call that is in flight is not in our text; what gvtrace adds is all below it. */
	if (ip < (uint64_t)&__executable_start && !is_systraps(ip))
		strange = ip;
}

static int lowest_fd(void)
{
	int fd = dup(0);

	CHECK(fd >= 0 && close(fd) == 0);
	return fd;
}

static void is_made_once(call_t *call, int root)
{
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART };
	/* Where every call stops a signal may take longer than that: the next one comes when there was time for something else. */
	struct itimerval often = { { 0, 0 }, { 0, 150 } }, never = { 0 };
	int before = lowest_fd(), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int n = in_sandbox() ? STORM_IN_SANDBOX : STORM, n_seen = n_signals;

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < n; i++) {
		if (n_signals != n_seen) {
			n_seen = n_signals;
			CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
		}
		open_and_close(call, root, "dev", 1);
		if (call == openat_go)
			read_links(null, 1);
		if (i % 4 == 0)
			CHECK(call(root, "no-such-folder", O_DIRECTORY, 0) == -ENOENT);
	}
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(close(null) == 0 && n_signals > 0);
	if (strange)
		printf("a handler has seen %#lx\n", (long)strange);
	CHECK(!strange);
	CHECK(lowest_fd() == before);
}

/* --- a filter that raises SIGSYS --------------------------------------------------------------- */

enum { BROKERED = 33 };
/* Apart from what the timer before has left on its way. */
static volatile int n_brokered;

/* As browsers' sandboxes do, whose handlers make the call elsewhere. */
static void broker(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	greg_t *registers = user->uc_mcontext.gregs;

	n_brokered++;
	if ((uint64_t)registers[REG_RIP] < (uint64_t)&__executable_start ||
		(uint64_t)info->si_call_addr != (uint64_t)registers[REG_RIP])
		strange = (uint64_t)registers[REG_RIP];
	registers[REG_RAX] = info->si_syscall == SYS_openat ? BROKERED : -EXDEV;
}

static void is_brokered(int root)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_readlinkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };
	struct sigaction action = { .sa_sigaction = broker, .sa_flags = SA_SIGINFO };
	char text[64];

	CHECK(sigaction(SIGSYS, &action, NULL) == 0);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	for (int i = 0; i < ENOUGH; i++) {
		CHECK(call_c(root, "dev", O_DIRECTORY, 0) == BROKERED);
		CHECK(openat_go(root, "dev", O_DIRECTORY, 0) == BROKERED);
		CHECK(read_link(root, text, sizeof(text)) == -EXDEV);
	}
	CHECK(n_brokered == 3 * ENOUGH && !strange);
}

static void try(call_t *call, const char *place)
{
	const char *way = getenv("WAY");
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(root >= 0);
	open_and_close(call, root, "dev", ENOUGH);
	CHECK(is_led(place) || in_sandbox() || !way || strcmp(way, "plain") != 0);
	if (is_led(place))
		does_not_stop(call, root);
	errors_are_the_kernels(call, root);
	rules_act(call, root);
	links_are_right(root);
	is_made_once(call, root);
	CHECK(close(root) == 0);
}

int main(void)
{
	CHECK(mkdtemp(work));
	try(call_c, c_place);
	try(openat_go, go_place + GO_MOVES);
	CHECK(rmdir(work) == 0);
	is_brokered(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	return success();
}

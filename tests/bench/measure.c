/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tests/bench times: each command does one thing over and over, times itself, and prints one whole number.
 * Only the loop is timed, not the start of the program or of what traces it. A loop ends by the clock, so that
 * a native call and one that is a hundred times dearer take the same time to measure.
 *
 *	open PATH           open(2) and close(2): nanoseconds for both
 *	open-floor PATH     the same, traced by this program, which does nothing but wait for each stop and let go
 *	getppid             getppid(2): nanoseconds
 *	getppid-filtered    the same, with a seccomp filter of three instructions that allows everything
 *	spawn PROGRAM       fork, exec and wait: nanoseconds
 *	command WORD...     one run of a command, which must succeed: nanoseconds
 *	asleep COUNT PATH   as open, while COUNT threads of other processes sleep: nanoseconds
 *	memory COUNT PATH   resident memory of what traces this program, while COUNT processes sleep that have
 *	                    each opened PATH: KiB
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WARM_UP_NS = 50 * 1000 * 1000,
	LOOP_NS = 150 * 1000 * 1000,
	CALLS_PER_LOOK = 32, /* calls between two looks at the clock */
	SPAWNS_PER_LOOK = 2,
	STACK_BYTES = 64 * 1024,
	THREADS_PER_PROCESS = 1000,
};

static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fputs("measure: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, "%s%s\n", error ? ": " : "", error ? strerror(error) : "");
	va_end(args);
	_exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void open_once(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("%s", path);
	close(fd);
}

static void getppid_once(const char *unused)
{
	syscall(SYS_getppid);
}

static void load(const struct sock_fprog *program)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program))
		fail("seccomp");
}

/* The least that any filter costs: the price of seccomp(2) itself, with nobody tracing. */
static void load_filter(void)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(instructions) / sizeof(instructions[0]),
		instructions };

	load(&program);
}

/* Stops each call of the calling process, and of what it starts, that is among these. */
static void load_tracing_filter(const int *calls, unsigned n)
{
	enum { CALLS_MAX = 32 };
	struct sock_filter instructions[CALLS_MAX + 3] = { BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	struct sock_fprog program = { (unsigned short)(n + 3), instructions };

	for (unsigned i = 0; i < n; i++)
		instructions[i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], (uint8_t)(n - i), 0);
	instructions[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	instructions[n + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	load(&program);
}

static void wait_for(pid_t child, const char *name)
{
	int status;

	if (child < 0)
		fail("fork");
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			fail("waitpid");
	if (status != 0) {
		errno = 0;
		fail("%s ended with status 0x%x", name, (unsigned)status);
	}
}

static void spawn_once(const char *program)
{
	pid_t child = fork();

	if (child == 0) {
		char *const argv[] = { (char *)program, NULL }, *const envp[] = { NULL };
		execve(program, argv, envp);
		_exit(127);
	}
	wait_for(child, program);
}

/* Runs for some time; nanoseconds for one call. */
static uint64_t run_for(
	uint64_t ns, void (*once)(const char *), const char *text, int calls_per_look)
{
	uint64_t calls = 0, start = now_ns(), now = start;

	while (now - start < ns) {
		for (int i = 0; i < calls_per_look; i++)
			once(text);
		calls += (uint64_t)calls_per_look;
		now = now_ns();
	}
	return (now - start) / calls;
}

/* Before the clock starts, caches fill, what is made once is made, and gVisor's systrap finds its pace. */
static uint64_t time_loop(void (*once)(const char *), const char *text, int calls_per_look)
{
	run_for(WARM_UP_NS, once, text, calls_per_look);
	return run_for(LOOP_NS, once, text, calls_per_look);
}

/* A child that this process traces before run(data) begins in it. */
static pid_t start_traced(long options, void (*run)(const void *data), const void *data)
{
	int go[2];
	char byte;

	if (pipe(go))
		fail("pipe");
	pid_t child = fork();
	if (child == 0) {
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		run(data);
		_exit(0);
	}
	if (child < 0)
		fail("fork");
	if (ptrace(PTRACE_SEIZE, child, 0, options | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL))
		fail("PTRACE_SEIZE");
	if (write(go[1], "", 1) != 1)
		fail("pipe");
	close(go[0]);
	close(go[1]);
	return child;
}

struct floor {
	const char *path;
	int result_fd;
};

static void run_floor(const void *data)
{
	const struct floor *floor = data;

	load_tracing_filter(&(int){ SYS_openat }, 1);
	uint64_t result = time_loop(open_once, floor->path, CALLS_PER_LOOK);
	if (write(floor->result_fd, &result, sizeof(result)) != sizeof(result))
		_exit(1);
}

/* The child times its loop, and this process is what traces it. */
static uint64_t time_floor(const char *path)
{
	int result_pipe[2], status;
	uint64_t result = 0;

	if (pipe(result_pipe))
		fail("pipe");
	pid_t child = start_traced(0, run_floor, &(struct floor){ path, result_pipe[1] });
	while (waitpid(-1, &status, __WALL) == child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, 0, 0);
	close(result_pipe[1]);
	if (read(result_pipe[0], &result, sizeof(result)) != sizeof(result))
		fail("the traced child ended with status 0x%x", (unsigned)status);
	return result;
}

static _Noreturn void execute(char *const words[])
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0)
		fail("/dev/null");
	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	execvp(words[0], words);
	fail("%s", words[0]);
}

static uint64_t time_command(char *const words[])
{
	uint64_t start = now_ns();
	pid_t child = fork();

	if (child == 0)
		execute(words);
	wait_for(child, words[0]);
	return now_ns() - start;
}

/* Lets a tracee go that is in this stop. */
static void let_go(pid_t tid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
		ptrace(PTRACE_LISTEN, tid, 0, 0);
	else
		ptrace(PTRACE_CONT, tid, 0, event ? 0 : signal);
}

/* Most of what takes a path stops. */
static void run_command_floor(const void *words)
{
	static const int calls[] = { SYS_openat, SYS_newfstatat, SYS_readlinkat, SYS_mkdirat,
		SYS_unlinkat, SYS_statfs, SYS_openat2, SYS_faccessat2, SYS_access, SYS_chdir,
		SYS_mount, SYS_execve };

	load_tracing_filter(calls, sizeof(calls) / sizeof(calls[0]));
	execute(words);
}

/* With this process as a tracer that follows all, and does nothing but let them go. */
static uint64_t time_command_floor(char *const words[])
{
	const long options =
		PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	uint64_t start = now_ns();
	pid_t child = start_traced(options, run_command_floor, words), tid;
	int status;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			let_go(tid, status);
		else if (tid == child)
			break;
	}
	uint64_t result = now_ns() - start;
	errno = 0;
	if (tid != child || status != 0)
		fail("%s ended with status 0x%x", words[0], (unsigned)status);
	return result;
}

static _Noreturn void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static void *sleeper(void *unused)
{
	sleep_for_ever();
}

static void start_sleeping_threads(int count)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (int i = 0; i < count; i++) {
		errno = pthread_create(&thread, &attributes, sleeper, NULL);
		if (errno)
			fail("thread %d of %d", i + 1, count);
	}
}

/* Says so through ready_fd, and sleeps until the parent ends. */
static _Noreturn void child_is_ready(pid_t parent, int ready_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || write(ready_fd, "", 1) != 1)
		_exit(1);
	sleep_for_ever();
}

static void wait_until_ready(int count, int ready[2])
{
	char byte;

	close(ready[1]);
	for (int i = 0; i < count; i++)
		if (read(ready[0], &byte, 1) != 1)
			fail("a child ended early");
}

/* In processes of 1,000 at most: gVisor's systrap ends the sandbox at 4,096 threads in one. */
static uint64_t time_with_sleepers(int count, const char *path)
{
	int ready[2], children = 0;
	pid_t self = getpid();

	if (pipe(ready))
		fail("pipe");
	for (; count > 0; count -= THREADS_PER_PROCESS, children++) {
		pid_t child = fork();
		if (child < 0)
			fail("fork");
		if (child > 0)
			continue;
		start_sleeping_threads(
			(count < THREADS_PER_PROCESS ? count : THREADS_PER_PROCESS) - 1);
		child_is_ready(self, ready[1]);
	}
	wait_until_ready(children, ready);
	/* The last threads may still be on their way to sleep. */
	nanosleep(&(struct timespec){ .tv_nsec = 300 * 1000 * 1000 }, NULL);
	return time_loop(open_once, path, CALLS_PER_LOOK);
}

/* The number after "\nNAME:" in /proc/PID/status. */
static uint64_t status_number(const char *pid, const char *name)
{
	char path[64], text[4096], wanted[64];

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		fail("%s", path);
	close(fd);
	text[n] = '\0';
	snprintf(wanted, sizeof(wanted), "\n%s:", name);
	const char *line = strstr(text, wanted);
	errno = 0;
	if (!line)
		fail("%s has no %s", path, name);
	return strtoull(line + strlen(wanted), NULL, 10);
}

/*
 * What traces this program, in a session of its own as gvtrace is, has a share of the processors of its own where
 * there is sched_autogroup (sched(7)): it has to come before other load as well.
 */
static void put_tracer_first(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/autogroup",
		(unsigned)status_number("self", "TracerPid"));
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "-20", 3) != 3)
		fprintf(stderr, "measure: the tracer runs at an ordinary priority\n");
	close(fd);
}

static uint64_t memory_of_tracer(int count, const char *path)
{
	char tracer[32];
	int ready[2];
	pid_t self = getpid();

	snprintf(tracer, sizeof(tracer), "%u", (unsigned)status_number("self", "TracerPid"));
	errno = 0;
	if (strcmp(tracer, "0") == 0)
		fail("nothing traces this program");
	if (pipe(ready))
		fail("pipe");
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child < 0)
			fail("process %d of %d", i + 1, count);
		if (child > 0)
			continue;
		open_once(path);
		child_is_ready(self, ready[1]);
	}
	wait_until_ready(count, ready);
	return status_number(tracer, "VmRSS");
}

static int usage(void)
{
	fputs("usage: measure open PATH | open-floor PATH | getppid | getppid-filtered | spawn PROGRAM |\n"
	      "       command WORD... | command-floor WORD... | asleep COUNT PATH | memory COUNT PATH\n",
		stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t result;

	put_tracer_first();
	if (argc == 3 && strcmp(what, "open") == 0)
		result = time_loop(open_once, argv[2], CALLS_PER_LOOK);
	else if (argc == 3 && strcmp(what, "open-floor") == 0)
		result = time_floor(argv[2]);
	else if (argc == 2 && strcmp(what, "getppid") == 0)
		result = time_loop(getppid_once, NULL, CALLS_PER_LOOK);
	else if (argc == 2 && strcmp(what, "getppid-filtered") == 0) {
		load_filter();
		result = time_loop(getppid_once, NULL, CALLS_PER_LOOK);
	} else if (argc == 3 && strcmp(what, "spawn") == 0)
		result = time_loop(spawn_once, argv[2], SPAWNS_PER_LOOK);
	else if (argc > 2 && strcmp(what, "command") == 0)
		result = time_command(argv + 2);
	else if (argc > 2 && strcmp(what, "command-floor") == 0)
		result = time_command_floor(argv + 2);
	else if (argc == 4 && strcmp(what, "asleep") == 0)
		result = time_with_sleepers(atoi(argv[2]), argv[3]);
	else if (argc == 4 && strcmp(what, "memory") == 0)
		result = memory_of_tracer(atoi(argv[2]), argv[3]);
	else
		return usage();
	printf("%llu\n", (unsigned long long)result);
	/* Sleepers end with the process. */
	fflush(stdout);
	_exit(0);
}

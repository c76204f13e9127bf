/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "launch.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "child.h"
#include "diag.h"
#include "proc_status.h"

/* Where only a loop closes them, and it must end, descriptors above it are left open. */
enum { FDS_CLOSED_MAX = 4096 };

/* 0 when it is known to have ended: the number may then be another's. */
static volatile pid_t command;
/* Its pidfd, which never is another's. -1: there is none (gVisor 2022 to 2026). */
static volatile int command_fd = -1;

/* What is sent to the supervisor itself is meant for the command. */
static void pass_on(int signal)
{
	int saved = errno;

	if (command_fd >= 0)
		syscall(SYS_pidfd_send_signal, command_fd, signal, NULL, 0);
	else if (command > 0)
		kill(command, signal);
	errno = saved;
}

void launch_command_ended(void)
{
	command = 0;
}

/* What the caller had for SIGXFSZ, for the command. */
static struct sigaction for_file_size;

void launch_ignore_file_size(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGXFSZ, &ignore, &for_file_size);
}

/* As high as may be: it is meant for the command, whose files and time are not those of the supervisor. */
static void raise_limit(int resource)
{
	static const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit limit;

	if (setrlimit(resource, &none) == 0 || getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

static const int passed_on[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };

void launch_pass_nothing_on(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		signal(passed_on[i], SIG_DFL);
}

/*
 * With the supervisor all that it traces would end, so that no stray signal may end it: what is sent to a program to end or to
 * prompt it goes to the command, and what nobody sends to one is ignored. What tells of a crash stays as it is.
 */
static void withstand_signals(void)
{
	/* SIGXFSZ: the write fails, which is enough. SIGALRM: until errand.c has its handler. SIGTSTP and its kin stop nobody in an
	 * orphaned process group, but in gVisor (2024) they do. */
	static const int ignored[] = { SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ, SIGXCPU, SIGALRM,
		SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGTSTP, SIGTTIN, SIGTTOU };
	const struct sigaction pass = { .sa_handler = pass_on, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaction(passed_on[i], &pass, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored would mean that waitpid tells nothing */
}

static void detach_from_caller(void)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* A reader of the command's output must see its end when the command has ended. */
	if (null_fd >= 0) {
		dup2(null_fd, STDIN_FILENO);
		dup2(null_fd, STDOUT_FILENO);
	}
	if (chdir("/")) /* not to keep a mount busy */
		diag("cannot change to /: %s", strerror(errno));
	sigemptyset(&none);
	withstand_signals();
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise_limit(RLIMIT_FSIZE);
	raise_limit(RLIMIT_CPU);
	prctl(PR_SET_NAME, "gvtrace");
}

/* False where close_range(2) is not there (Linux before 5.9). */
static bool close_ranges(const int kept[2])
{
	unsigned first = STDERR_FILENO + 1;

	for (int i = 0; i < 2; i++) {
		if (kept[i] < (int)first)
			continue;
		if (kept[i] > (int)first &&
			syscall(SYS_close_range, first, (unsigned)kept[i] - 1, 0))
			return false;
		first = (unsigned)kept[i] + 1;
	}
	/* Not ~0U, which gVisor (2022, 2024) takes for -1. */
	return syscall(SYS_close_range, first, (unsigned)INT_MAX, 0) == 0;
}

/* False where /proc does not show them. */
static bool close_listed(const int kept[2])
{
	DIR *folder = opendir("/proc/self/fd");

	if (!folder)
		return false;
	for (const struct dirent *entry; (entry = readdir(folder));) {
		int fd = atoi(entry->d_name);
		if (fd > STDERR_FILENO && fd != kept[0] && fd != kept[1] && fd != dirfd(folder))
			close(fd);
	}
	closedir(folder);
	return true;
}

/*
 * Closes what was inherited, but for the log, the answer pipe and standard error. keep: -1 for none. One by
 * one only at the last: 4096 calls take 30 ms and more in gVisor 2024.
 */
static void close_inherited(int keep_a, int keep_b)
{
	const int kept[] = { MIN(keep_a, keep_b), MAX(keep_a, keep_b) };
	struct rlimit limit;

	if (close_ranges(kept) || close_listed(kept))
		return;
	rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > FDS_CLOSED_MAX
			     ? FDS_CLOSED_MAX
			     : limit.rlim_cur;
	for (int fd = STDERR_FILENO + 1; fd < (int)end; fd++)
		if (fd != keep_a && fd != keep_b)
			close(fd);
}

struct start {
	struct supervise_options *options;
	int answer[2]; /* a pipe: the errno of PTRACE_SEIZE, or its end */
	void *stacks[2]; /* of the process in the middle, of the supervisor */
};

/* The command waits for the answer; from then on it is stopped whenever the supervisor does anything. */
static int become_supervisor(void *data)
{
	const struct start *start = data;
	struct supervise_options *options = start->options;
	int answer_fd = start->answer[1];
	const int trace = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
			  PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACESYSGOOD |
			  PTRACE_O_TRACESECCOMP;
	int error = 0;

	command = options->command;
	if (ptrace(PTRACE_SEIZE, command, 0, trace))
		error = errno;
	detach_from_caller();
	close_inherited(answer_fd, options->log_fd);
	command_fd = (int)syscall(SYS_pidfd_open, command, 0);
	if (error == 0)
		supervise_init(options);
	if (write(answer_fd, &error, sizeof(error)) != sizeof(error) || error)
		return EXIT_GVTRACE_FAILED;
	close(answer_fd);
	supervise();
	/* To return would end this thread only, and another may wait for ever: mem_thread.h. */
	syscall(SYS_exit_group, 0);
	return 0;
}

static int start_supervisor(void *data)
{
	struct start *start = data;

	setsid();
	return child_start(start->stacks[1], 0, become_supervisor, start) < 0 ? EXIT_GVTRACE_FAILED
									      : 0;
}

/* Where the caller closed standard input or output, new descriptors would take their numbers. */
static int above_standard(int fd)
{
	int moved = fd;

	if (fd >= 0 && fd <= STDERR_FILENO) {
		moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(fd);
	}
	return moved;
}

/* Yama's ptrace_scope as a digit; '0' where there is none. */
static char ptrace_scope(void)
{
	char scope = '0';
	cleanup_close int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &scope, 1) == 1 ? scope : '0';
}

_Noreturn void launch_cannot_seize(int error)
{
	char scope = ptrace_scope();
	long tracer = proc_status_number(getpid(), "TracerPid");

	if (error != EPERM)
		die("PTRACE_SEIZE: %s", strerror(error));
	if (tracer > 0)
		die("ptrace is not permitted: this process is traced already, by process %ld (a debugger, "
		    "strace, or another gvtrace), and there can be one tracer. Start gvtrace outside of it.",
			tracer);
	if (scope == '3') /* proc_sys_kernel(5): then it cannot be changed any more */
		die("ptrace is not permitted: kernel.yama.ptrace_scope is 3, so that nobody may use it, "
		    "root neither, until the machine starts anew.");
	if (scope == '2')
		die("ptrace is not permitted: kernel.yama.ptrace_scope is 2. Run gvtrace as root, or "
		    "set it to 1 or 0.");
	die("ptrace is not permitted: a seccomp profile (of a container, of a service) or missing "
	    "CAP_SYS_PTRACE forbids it (docker run has --cap-add SYS_PTRACE), or who traces this process "
	    "already is outside its pid namespace.");
}

_Noreturn void launch_cannot_filter(int error)
{
	die("the seccomp filter is refused: seccomp(SECCOMP_SET_MODE_FILTER): %s: %s. "
	    "gvtrace --no-filter may work here: it needs no filter, but every call stops, which is "
	    "slow.",
		strerror(error),
		error == EPERM || error == EACCES
			? "a seccomp profile (of a container, of a service) forbids it"
			: "the kernel has no seccomp filters, or a seccomp profile says so");
}

void launch(struct supervise_options *options, const struct sock_fprog *program)
{
	/* Not on this stack: it becomes the command's before the supervisor has ended. */
	static struct start start;
	int error = 0;
	bool no_new_privs;

	start.options = options;
	options->command = getpid();
	for (size_t i = 0; i < ARRAY_SIZE(start.stacks); i++)
		if (!(start.stacks[i] = child_stack_map()))
			die("out of memory");
	if (pipe2(start.answer, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(start.answer); i++)
		start.answer[i] = above_standard(start.answer[i]);
	/* Yama with ptrace_scope 1 lets only ancestors trace, and whom the process names. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);

	/* Twice: the supervisor must not be a child of the command, which would get its SIGCHLD. */
	pid_t child = child_start(start.stacks[0], CLONE_VFORK, start_supervisor, &start);
	if (child < 0)
		die("clone: %s", strerror(-child));
	close(start.answer[1]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	ssize_t n;
	do
		n = read(start.answer[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	close(start.answer[0]);
	if (n != sizeof(error))
		die("the supervisor did not start (out of memory or of processes?)");
	if (error)
		launch_cannot_seize(error);
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);

	if (!program)
		return;
	int r = filter_load(program, &no_new_privs);
	if (r)
		launch_cannot_filter(-r);
}

/* What a file says that has to run it: behind "#!", or as an ELF file's PT_INTERP. False: nothing. */
static bool interpreter_of(const char *file, char ret_name[PATH_MAX])
{
	cleanup_close int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	union {
		char text[PATH_MAX];
		Elf64_Ehdr elf;
	} head = { 0 };
	Elf64_Phdr segment;

	if (fd < 0 || read(fd, &head, sizeof(head) - 1) < 0)
		return false;
	if (strncmp(head.text, "#!", 2) == 0)
		return sscanf(head.text + 2, " %4095[^ \t\n]", ret_name) == 1;
	if (memcmp(head.elf.e_ident, ELFMAG, SELFMAG) != 0 ||
		head.elf.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (int i = 0; i < head.elf.e_phnum; i++) {
		off_t place = (off_t)head.elf.e_phoff + i * (off_t)sizeof(segment);
		if (pread(fd, &segment, sizeof(segment), place) != sizeof(segment))
			return false;
		if (segment.p_type != PT_INTERP)
			continue;
		ssize_t n = pread(fd, ret_name, MIN(segment.p_filesz, PATH_MAX - 1UL),
			(off_t)segment.p_offset);
		ret_name[MAX(n, 0)] = '\0';
		return n > 0;
	}
	return false;
}

static void say_why_not_executed(const char *file, int error)
{
	char interpreter[PATH_MAX];
	struct stat status;
	bool is_there = strchr(file, '/') && stat(file, &status) == 0;

	if (error == ENOENT && !strchr(file, '/'))
		diag("%s: command not found", file);
	else if (error == ENOENT && is_there && interpreter_of(file, interpreter))
		diag("%s: the file is there, but what it is to be run by is not: %s", file,
			interpreter);
	else if (error == EACCES && is_there && S_ISDIR(status.st_mode))
		diag("%s: a folder, not a program", file);
	else if (error == EACCES && is_there && !(status.st_mode & 0111))
		diag("%s: not executable (chmod +x)", file);
	else
		diag("%s: %s", file, strerror(error));
}

void launch_exec(char *const arguments[])
{
	sigaction(SIGXFSZ, &for_file_size, NULL);
	execvp(arguments[0], arguments);
	int error = errno;
	say_why_not_executed(arguments[0], error);
	/* _exit: nothing was printed that is still in a buffer. */
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unusual programs meet the fast path: with text of their own where the gate would be, or shared with others; that step
 * through their calls, or have a filter raise SIGSYS for them; that fork while a place is led.
 */
#include "case.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/ucontext.h>

enum { ENOUGH = 50, PAGE = 4096, GATE = 0x1f0000 };

static const char exists[] = "/dev/null", none[] = "/no-such-file";

/* mov $NUMBER, %eax; syscall; ret */
extern const char place[], other_place[], place_end[], no_path_place[];
__asm__(".pushsection .text\n"
	"place:\n\tmov $21, %eax\n\tsyscall\n\tret\n"
	"other_place:\n\tmov $21, %eax\n\tsyscall\n\tret\n"
	"place_end:\n"
	"no_path_place:\n\tmov $110, %eax\n\tsyscall\n\tret\n"
	".popsection");
/* Go's internal/runtime/syscall.Syscall6, and what is behind a function there: room for a jump. */
extern const char go_place[], go_end[];
enum { GO_PADDING = 32 };
__asm__(".pushsection .text\n.balign 32\n"
	"go_place:\n\tmov %rsi, %r10\n\tmov %rdi, %rdx\n\tmov %rcx, %rsi\n\tmov %rbx, %rdi\n"
	"\tsyscall\n\tcmp $-4095, %rax\n\tret\n"
	"go_end:\n\t.fill 32, 1, 0xcc\n"
	".popsection");

typedef long call_t(const char *path, long mode);

static call_t *at(const void *address)
{
	call_t *call;

	memcpy(&call, &address, sizeof(call));
	return call;
}

static void lead(call_t *call)
{
	for (int i = 0; i < ENOUGH; i++)
		CHECK(call(exists, 0) == 0);
}

extern char __executable_start, etext;

static bool is_text(uint64_t ip)
{
	return ip >= (uint64_t)&__executable_start && ip < (uint64_t)&etext &&
	       (ip < (uint64_t)go_end || ip >= (uint64_t)go_end + GO_PADDING);
}

static volatile int n_signals;
static volatile uint64_t strange;

static void on_signal(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	CHECK(sigaction(signal, &action, NULL) == 0);
}

/* --- a program whose own code is where the gate would be --------------------------------------- */

static void tick(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	uint64_t ip = (uint64_t)user->uc_mcontext.gregs[REG_RIP];

	n_signals++;
	if (!is_text(ip) && (ip < GATE || ip >= GATE + PAGE))
		strange = ip;
}

static void has_gates_address(void)
{
	/* xor %eax, %eax; 1: inc %rax; cmp $2000000000, %rax; jb 1b; ret, at several addresses */
	static const unsigned char spin[] = { 0x31, 0xc0, 0x48, 0xff, 0xc0, 0x48, 0x3d, 0x00, 0x94,
		0x35, 0x77, 0x72, 0xf5, 0xc3 };
	/* mov $SYS_open, %eax; syscall; ret */
	static const unsigned char opens[] = { 0xb8, 0x02, 0, 0, 0, 0x0f, 0x05, 0xc3 };
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	unsigned char *page = mmap((void *)GATE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	CHECK(page == (void *)GATE);
	memcpy(page + 16, opens, sizeof(opens));
	memcpy(page + 64 + 9, spin, sizeof(spin));
	lead(at(place));
	for (int i = 0; i < 2 * ENOUGH; i++) {
		long fd = at(page + 16)(i % 2 ? exists : FAKE, O_RDONLY);
		CHECK(fd >= 0);
		CHECK(i % 2 || strcmp(text_of((int)fd), FAKE_VALUE) == 0);
		CHECK(close((int)fd) == 0);
	}
	on_signal(SIGALRM, tick);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	CHECK(at(page + 64 + 9)(NULL, 0) == 2000000000);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(n_signals > 0 && !strange);
}

/* --- text that others see, too ----------------------------------------------------------------- */

/* gVisor's systrap writes there, too: another jump. */
static bool is_led(const void *address)
{
	return *(const unsigned char *)address == 0xe9;
}

static void shares_text(void)
{
	size_t length = (size_t)(place_end - place);
	char *text = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int ready[2], fd = memfd_create("text", MFD_CLOEXEC);
	char c = 0;

	CHECK(text != MAP_FAILED && pipe(ready) == 0);
	memcpy(text + 64, other_place, length / 2);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(read(ready[0], &c, 1) == 1);
		/* What systrap of gVisor 2024 writes there does not work in another process. */
		if (!in_sandbox())
			lead(at(text + 64));
		_exit(0);
	}
	lead(at(text + 64));
	CHECK(!is_led(text + 64));
	CHECK(write(ready[1], &c, 1) == 1);
	CHECK_EXITS(pid, 0);

	/* A file that may be written, but not here. */
	CHECK(pwrite(fd, other_place, length / 2, 64) == (ssize_t)length / 2);
	CHECK(ftruncate(fd, PAGE) == 0);
	char *view = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_32BIT, fd, 0);
	CHECK(view != MAP_FAILED);
	lead(at(view + 64));
	CHECK(!is_led(view + 64));
}

/* --- a program that takes the memory away ------------------------------------------------------- */

static void unmaps(void)
{
	enum { BYTES = 8 * PAGE }; /* gate and region */

	lead(at(place));
	CHECK(munmap((void *)GATE, BYTES) == 0);
	unsigned char *data = mmap((void *)GATE, BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(data == (void *)GATE);
	lead(at(other_place));
	CHECK(!is_led(other_place));
	for (int i = 0; i < BYTES; i++)
		CHECK(data[i] == 0);
}

/* --- a program that gets no memory any more ------------------------------------------------------ */

static void has_no_memory(void)
{
	struct rlimit nothing = { 0, 0 };

	CHECK(setrlimit(RLIMIT_AS, &nothing) == 0);
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	lead(at(place));
	CHECK(at(place)(none, 0) == -ENOENT);
	CHECK(page != MAP_FAILED || !is_led(place));
}

/* --- a child that was made while a place was led ------------------------------------------------- */

static void meets_trap(void)
{
	unsigned char *page = (unsigned char *)((uintptr_t)place & -(uintptr_t)PAGE);

	lead(at(place));
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(mprotect(page, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
		/* Until the other bytes are there, a place begins so. */
		if (is_led(place))
			*(unsigned char *)(uintptr_t)place = 0xcc;
		CHECK(mprotect(page, 2 * PAGE, PROT_READ | PROT_EXEC) == 0);
		lead(at(place));
		CHECK(at(place)(FAKE, 0) == 0);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
}

/* --- step by step ------------------------------------------------------------------------------ */

enum { TRAP_FLAG = 0x100, STEPS_MAX = 2000 };

static void step(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	uint64_t ip = (uint64_t)user->uc_mcontext.gregs[REG_RIP];

	if (!is_text(ip))
		strange = ip;
	if (++n_signals >= STEPS_MAX)
		user->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static long stepped(const char *path)
{
	long result;

	__asm__ volatile("pushf\n\torq $0x100, (%%rsp)\n\tpopf\n\t"
			 "call place\n\t"
			 "pushf\n\tandq $~0x100, (%%rsp)\n\tpopf"
			 : "=a"(result)
			 : "D"(path), "S"(0L)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

/* systrap of gVisor writes over a call's instructions. In 2024 a program that steps through that dies of SIGSEGV, traced or not. */
static bool dies_of_steps(void)
{
	static const unsigned char mov[] = { 0xb8, 110 };

	for (int i = 0; i < ENOUGH; i++)
		CHECK(at(no_path_place)(NULL, 0) == getppid());
	return memcmp(no_path_place, mov, sizeof(mov)) != 0;
}

static void steps(void)
{
	if (dies_of_steps())
		return;
	on_signal(SIGTRAP, step);
	lead(at(place));
	n_signals = 0;
	CHECK(stepped(exists) == 0);
	CHECK(stepped(none) == -ENOENT);
	CHECK(stepped(FAKE) == 0);
	CHECK(stepped(nowhere) == -EFAULT);
	CHECK(n_signals > 0 && n_signals < STEPS_MAX);
	if (strange)
		printf("a handler has seen an instruction at %#lx\n", (long)strange);
	CHECK(!strange);
}

static long go_call(const char *path)
{
	long result = SYS_access, mode = 0, none_third = 0;

	__asm__ volatile("push %%rbx\n\tmov %3, %%rbx\n\tcall go_place\n\tpop %%rbx"
			 : "+a"(result), "+c"(mode), "+D"(none_third)
			 : "r"(path)
			 : "rsi", "rdx", "r10", "r11", "memory", "cc");
	return result;
}

/* Go's runtime ends a program whose profiler meets an address that is in no function. */
static void steps_in_go(void)
{
	if (dies_of_steps())
		return;
	for (int i = 0; i < ENOUGH; i++)
		CHECK(go_call(exists) == 0);
	on_signal(SIGTRAP, step);
	n_signals = 0;
	__asm__ volatile("pushf\n\torq $0x100, (%%rsp)\n\tpopf" ::: "memory", "cc");
	long found = go_call(exists), missing = go_call(none), fake = go_call(FAKE);
	__asm__ volatile("pushf\n\tandq $~0x100, (%%rsp)\n\tpopf" ::: "memory", "cc");
	CHECK(found == 0 && missing == -ENOENT && fake == 0);
	CHECK(n_signals > 0 && n_signals < STEPS_MAX && !strange);
}

/* --- a filter that raises SIGSYS --------------------------------------------------------------- */

/* As browsers' sandboxes do, which compare the two addresses. */
static void refused(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	uint64_t ip = (uint64_t)user->uc_mcontext.gregs[REG_RIP];

	n_signals++;
	if (!is_text(ip) || (uint64_t)info->si_call_addr != ip || info->si_syscall != SYS_access)
		strange = ip;
	user->uc_mcontext.gregs[REG_RAX] = -EXDEV;
}

static void is_trapped(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_access, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	lead(at(place));
	on_signal(SIGSYS, refused);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	for (int i = 0; i < ENOUGH; i++) {
		CHECK(at(place)(exists, 0) == -EXDEV);
		CHECK(at(other_place)(exists, 0) == -EXDEV);
	}
	CHECK(n_signals == 2 * ENOUGH && !strange);
}

/* --- a thread that loads a filter for all, and ends --------------------------------------------- */

static void *loads_filter(void *data)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) ==
		0);
	return NULL;
}

static void has_filter(void)
{
	pthread_t thread;

	CHECK(at(other_place)(exists, 0) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(pthread_create(&thread, NULL, loads_filter, NULL) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
		lead(at(place));
		CHECK(!is_led(place));
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} programs[] = { { "has gate's address", has_gates_address },
		{ "shares text", shares_text }, { "unmaps", unmaps },
		{ "has no memory", has_no_memory }, { "meets a trap", meets_trap },
		{ "steps", steps }, { "steps in Go", steps_in_go }, { "is trapped", is_trapped },
		{ "has a filter", has_filter } };

	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (argc > 1 && strcmp(argv[1], programs[i].name) == 0) {
			programs[i].run();
			return 0;
		}
	lead(at(place));
	bool is_right = true;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		pid_t pid = fork();
		int status;
		if (pid == 0)
			execl("/proc/self/exe", argv[0], programs[i].name, NULL);
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (status != 0)
			printf("a program that %s: status %#x\n", programs[i].name, status);
		is_right = is_right && status == 0;
	}
	return is_right ? success() : 1;
}

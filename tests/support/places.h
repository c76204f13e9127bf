/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places from which a program makes its system calls, as the fast path knows them, in two kinds: c_place as C libraries have it, for
 * one call, access(2) if PLACES_CALL is not defined; and go_place as Go has it (internal/runtime/syscall.Syscall6), for the call of
 * rax, whose first argument is in rbx. Included behind case.h.
 */
#ifndef PLACES_H
#define PLACES_H

#include <stdbool.h>

#ifndef PLACES_CALL
#define PLACES_CALL "21"
#endif

extern const char c_place[], go_place[];
/* Before the instruction that is replaced by a jump, Syscall6 moves the other arguments of Go's to where the kernel wants them. */
#ifdef PLACES_WHOLE_GO
#define PLACES_MOVES "\tmov %rsi, %r10\n\tmov %rdi, %rdx\n\tmov %rcx, %rsi\n"
#else
#define PLACES_MOVES ""
#endif
__asm__(".pushsection .text\n"
	"c_place:\n\tmov $" PLACES_CALL ", %eax\n\tsyscall\n\tret\n"
	"go_place:\n" PLACES_MOVES
	"\tmov %rbx, %rdi\n\tsyscall\n\tcmp $0xfffffffffffff001, %rax\n\tret\n"
	"\tint3\n\tint3\n\tint3\n\tint3\n\tint3\n\tint3\n\tint3\n"
	".popsection");

/* Of one that begins with the instruction that is replaced. */
__attribute__((unused)) static bool is_led(const char *place)
{
	const unsigned char *code = (const unsigned char *)place;

	return code[0] == 0xe9 || code[0] == 0xeb;
}

/* A call with four arguments, made at c_place, whose number is its own. */
__attribute__((unused)) static long call_c(long first, const void *second, long third, long fourth)
{
	register long r10 __asm__("r10") = fourth;
	long rax;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[place]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(rax)
			 : [place] "r"(c_place), "D"(first), "S"(second), "d"(third), "r"(r10)
			 : "rcx", "r11", "memory", "cc");
	return rax;
}

#ifdef PLACES_WHOLE_GO
/* The same at go_place. The arguments are where Go's compiler has them: rbx, rcx, rdi, rsi. The first stays there. */
__attribute__((unused)) static long call_go(
	long nr, long first, const void *second, long third, long fourth)
{
	const void *rcx = second;
	long rax = nr, rbx = first, rdi = third, rsi = fourth;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[place]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(rax), "+b"(rbx), "+c"(rcx), "+D"(rdi), "+S"(rsi)
			 : [place] "r"(go_place)
			 : "rdx", "r10", "r11", "memory", "cc");
	CHECK(rbx == first);
	return rax;
}
#endif

#endif

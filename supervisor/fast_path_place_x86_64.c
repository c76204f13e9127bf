/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The places that are known, by the instructions around their system call instruction. */
#include "fast_path_code.h"

enum { CALL_BYTES = FAST_PATH_CALL_BYTES, MOV_BYTES = 5 };

/* mov $nr, %eax; syscall. */
static bool is_plain(const uint8_t *end, long nr)
{
	uint32_t number;

	memcpy(&number, end - CALL_BYTES - 4, sizeof(number));
	return end[-CALL_BYTES - MOV_BYTES] == 0xb8 && number == (uint32_t)nr && end[-2] == 0x0f &&
	       end[-1] == 0x05;
}

/* What gVisor's systrap (seen in 2024 and 2026) makes of these two: jmp *0x6xxxx, a table of its own. */
static bool is_systrap(const uint8_t *end)
{
	return end[-7] == 0xff && end[-6] == 0x24 && end[-5] == 0x25 && end[-2] == 0x06 &&
	       end[-1] == 0x00;
}

/* mov %rbx, %rdi; syscall; cmp $-4095, %rax */
static bool is_go(const uint8_t *end)
{
	static const uint8_t code[] = { 0x48, 0x89, 0xdf, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff,
		0xff };

	return memcmp(end - 5, code, sizeof(code)) == 0;
}

/* What Syscall6 has before that: mov %rsi, %r10; mov %rdi, %rdx; mov %rcx, %rsi. No other register of its caller lives on. */
static bool is_whole_go(const uint8_t *end)
{
	static const uint8_t code[] = { 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce };

	return memcmp(end - 14, code, sizeof(code)) == 0;
}

/* Where behind a ret there are traps enough that are never reached. 0: nowhere. */
static size_t find_padding(const uint8_t *end)
{
	for (size_t i = 1; i + FAST_PATH_PADDING_BYTES <= FAST_PATH_BEHIND; i++) {
		size_t n = 0;
		while (n < FAST_PATH_PADDING_BYTES && end[i + n] == FAST_PATH_TRAP)
			n++;
		if (n == FAST_PATH_PADDING_BYTES && end[i - 1] == 0xc3)
			return i;
	}
	return 0;
}

bool fast_path_find_place(
	const uint8_t *bytes, uint64_t ip, long nr, struct fast_path_place *ret_place)
{
	const uint8_t *end = bytes + FAST_PATH_BEFORE;

	*ret_place = (struct fast_path_place){ .call = ip - CALL_BYTES, .nr = nr };
	if (is_go(end)) {
		size_t padding = find_padding(end);
		ret_place->is_go = true;
		ret_place->forgets_args = is_whole_go(end);
		ret_place->length = 3;
		ret_place->padding = ip + padding;
		ret_place->address = ret_place->call - ret_place->length;
		return padding > 0;
	}
	bool plain = is_plain(end, nr);
	if (!plain && !is_systrap(end))
		return false;
	/* systrap wrote over the call: it is put back. */
	ret_place->length = plain ? MOV_BYTES : MOV_BYTES + CALL_BYTES;
	ret_place->address = ip - MOV_BYTES - CALL_BYTES;
	return true;
}

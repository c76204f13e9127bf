/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path_slot.h"

#include <string.h>
#include <sys/syscall.h>

#include "util.h"

/* The kernel makes the call again by itself, include/linux/errno.h. */
enum { RESTART_FIRST = 512, RESTART_LAST = 516 };
enum {
	SLOT_BACK = offsetof(struct fast_path_slot, back),
	SLOT_CALL = offsetof(struct fast_path_slot, call)
};

/* What is behind the call, from FAST_PATH_SLOT_RETURN on. The two addresses are reached by distances from the instruction's end. */
static const uint8_t to_program[] = {
	0xff, 0x25, SLOT_BACK - 13, 0, 0, 0, /* jmp *back */
};
static const uint8_t if_opened[] = {
	0x85, 0xc0, /* test %eax, %eax */
	0x78, 6, /* js anew */
	0xff, 0x25, SLOT_BACK - 17, 0, 0, 0, /* jmp *back */
	0xb8, SYS_openat & 0xff, SYS_openat >> 8, 0, 0, /* anew: mov $openat, %eax */
	0xff, 0x25, SLOT_CALL - 28, 0, 0, 0, /* jmp *call */
};
/* rdx is the buffer, whose first bytes have been written if the result says so. */
static const uint8_t if_plain_link[] = {
	0x83, 0xf8, 2, /* cmp $2, %eax */
	0x7c, 24, /* jl anew */
	0x0f, 0xb7, 0x0a, /* movzwl (%rdx), %ecx */
	0x80, 0xf9, '/', /* cmp $'/', %cl */
	0x75, 16, /* jne anew */
	0x80, 0xfd, 'm', /* cmp $'m', %ch */
	0x74, 11, /* je anew */
	0x80, 0xfd, 'p', /* cmp $'p', %ch */
	0x74, 6, /* je anew */
	0xff, 0x25, SLOT_BACK - 36, 0, 0, 0, /* jmp *back */
	0xb8, SYS_readlinkat & 0xff, SYS_readlinkat >> 8, 0, 0, /* anew: mov $readlinkat, %eax */
	0xff, 0x25, SLOT_CALL - 47, 0, 0, 0, /* jmp *call */
};

static const struct kind {
	long nr; /* 0: any */
	const uint8_t *code;
	size_t length;
} kinds[] = {
	{ 0, to_program, sizeof(to_program) },
	{ SYS_openat, if_opened, sizeof(if_opened) },
	{ SYS_readlinkat, if_plain_link, sizeof(if_plain_link) },
};

_Static_assert(FAST_PATH_SLOT_RETURN + sizeof(if_plain_link) <= SLOT_BACK, "it has to fit in");

/* The first two instructions as gVisor's systrap wants them, which then makes such a call without a trap. */
static void make(const struct kind *kind, long nr, uint64_t call, struct fast_path_slot *ret_slot)
{
	uint8_t begin[FAST_PATH_SLOT_RETURN] = { 0xb8, 0, 0, 0, 0, 0x0f,
		0x05 }; /* mov $nr, %eax; syscall */
	const uint32_t number = (uint32_t)nr;

	memcpy(begin + 1, &number, sizeof(number));
	memset(ret_slot->code, 0xcc, sizeof(ret_slot->code));
	memcpy(ret_slot->code, begin, sizeof(begin));
	memcpy(ret_slot->code + sizeof(begin), kind->code, kind->length);
	ret_slot->call = call;
	ret_slot->back = call + 2;
}

void fast_path_make_slot(long nr, uint64_t call, struct fast_path_slot *ret_slot)
{
	make(&kinds[0], nr, call, ret_slot);
}

void fast_path_make_result_slot(long nr, uint64_t call, struct fast_path_slot *ret_slot)
{
	make(&kinds[nr == SYS_openat ? 1 : 2], nr, call, ret_slot);
}

/* By what is behind the call, as systrap may have written over its begin. NULL: it is none. */
static const struct kind *kind_of(const struct fast_path_slot *slot)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slot->back == slot->call + 2 && memcmp(slot->code + FAST_PATH_SLOT_RETURN,
							    kinds[i].code, kinds[i].length) == 0)
			return &kinds[i];
	return NULL;
}

bool fast_path_is_slot(const struct fast_path_slot *slot)
{
	return kind_of(slot) != NULL;
}

enum fast_path_way fast_path_way(
	const struct fast_path_slot *slot, size_t offset, int64_t result, long *ret_nr)
{
	enum { JUMPS_ANEW = FAST_PATH_SLOT_RETURN + 15 /* if_opened: behind the number's mov */ };
	const struct kind *kind = kind_of(slot);

	*ret_nr = kind->nr;
	if (offset < FAST_PATH_SLOT_RETURN)
		return FAST_PATH_WAY_CALL;
	if (kind->nr == 0 || (result >= -RESTART_LAST && result <= -RESTART_FIRST))
		return FAST_PATH_WAY_BACK;
	/* To read a link once more does no harm; to open a folder would leave a descriptor. */
	return kind->nr == SYS_readlinkat || result < 0 || offset >= JUMPS_ANEW
		       ? FAST_PATH_WAY_ANEW
		       : FAST_PATH_WAY_BACK;
}

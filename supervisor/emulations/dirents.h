/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of getdents64(2), and of getdents(2): entries of ours behind the kernel's own. */
#ifndef GVTRACE_DIRENTS_H
#define GVTRACE_DIRENTS_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DIRENTS_NO_OFFSET = INT32_MAX };

struct dirent64_head {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
} __attribute__((packed));

/*
 * Puts a record at data; returns its bytes, or 0 when size is too small. offset: where the next one is, as lseek(2)
 * takes it, or DIRENTS_NO_OFFSET; type: DT_REG, DT_DIR ...
 */
static inline size_t dirents_put(
	char *data, size_t size, uint64_t inode, int64_t offset, uint8_t type, const char *name)
{
	size_t length = (sizeof(struct dirent64_head) + strlen(name) + 1 + 7) & ~(size_t)7;
	struct dirent64_head head = {
		.ino = inode,
		.off = offset,
		.reclen = (uint16_t)length,
		.type = type,
	};

	if (length > size)
		return 0;
	memset(data, 0, length);
	memcpy(data, &head, sizeof(head));
	strcpy(data + sizeof(head), name);
	return length;
}

/* The same for getdents(2), whose type stands at the end of a record. */
static inline size_t dirents_put_old(
	char *data, size_t size, uint64_t inode, int64_t offset, uint8_t type, const char *name)
{
	struct {
		uint64_t ino, off;
		uint16_t reclen;
	} __attribute__((packed)) head = { inode, (uint64_t)offset, 0 };
	size_t length = (sizeof(head) + strlen(name) + 2 + 7) & ~(size_t)7;

	if (length > size)
		return 0;
	head.reclen = (uint16_t)length;
	memset(data, 0, length);
	memcpy(data, &head, sizeof(head));
	strcpy(data + sizeof(head), name);
	data[length - 1] = (char)type;
	return length;
}

#endif

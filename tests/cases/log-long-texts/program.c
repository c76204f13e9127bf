/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths and strings of all lengths, for the log. */
#include "case.h"

#include <sys/mman.h>

enum { PAGE = 4096 };

static char text[3 * PAGE];

static const char *of_length(size_t length)
{
	memset(text, '/', length);
	text[length] = '\0';
	return text;
}

int main(void)
{
	static const size_t lengths[] = { 511, 512, 513, 600, 4000, 4095, 4096, 4097, 5000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		syscall(SYS_access, of_length(lengths[i]), R_OK);
	syscall(SYS_symlink, of_length(512), "/no/such/folder/link");
	syscall(SYS_symlink, of_length(800), "/no/such/folder/link");
	memset(text, '\n', sizeof(text) - 1);
	syscall(SYS_access, text, R_OK);

	/* With its stack, by a rule. */
	syscall(SYS_unlink, "/no/such/folder/link");

	/* Nothing ends it before its memory does. */
	char *pages =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED && munmap(pages + 2 * PAGE, PAGE) == 0);
	memset(pages, '/', 2 * PAGE);
	syscall(SYS_access, pages + 2 * PAGE - 600, R_OK);
	syscall(SYS_access, pages + 2 * PAGE - 5000, R_OK);
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls with arguments that are lists and addresses. None succeeds: the log is what is looked at. */
#include "case.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#define MISSING "/no/such/program"

enum { PAGE = 4096 };

static void execute(char *const *argv)
{
	CHECK(syscall(SYS_execve, MISSING, argv, NULL) == -1);
}

static void lists(void)
{
	static char long_text[3 * PAGE];
	static char *many[2000];

	execute(NULL);
	execute((char *[]){ NULL });
	execute((char *[]){ "sh", "-c", "echo \"$1\"\n", "", NULL });
	CHECK(syscall(SYS_execveat, -1, MISSING, (char *[]){ "a", NULL }, NULL, 0) == -1);
	memset(long_text, 'a', sizeof(long_text) - 1);
	execute((char *[]){ "x", long_text, "y", NULL });
	for (size_t i = 0; i < 1999; i++)
		many[i] = "1234";
	execute(many);
	execute((char *[]){ "x", nowhere, NULL });
	execute(nowhere);

	/* The list, or a text of it, goes on where there is no memory. */
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED && munmap(pages + PAGE, PAGE) == 0);
	char **last = (char **)(pages + PAGE) - 1;
	*last = "last";
	execute(last);
	memset(pages, 'b', PAGE);
	execute((char *[]){ pages + PAGE - 3, NULL });
}

static void addresses(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/no.sock" };
	struct sockaddr_un hidden = { .sun_family = AF_UNIX, .sun_path = "\0hidden" };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	in.sin_addr.s_addr = htonl(0xc0000201);
	in6.sin6_addr = in6addr_loopback;
	syscall(SYS_connect, -1, &un, sizeof(un));
	syscall(SYS_connect, -1, &hidden, offsetof(struct sockaddr_un, sun_path) + 7);
	syscall(SYS_connect, -1, &in, sizeof(in));
	syscall(SYS_bind, -1, &in6, sizeof(in6));
	syscall(SYS_bind, -1, &nl, sizeof(nl));
	syscall(SYS_sendto, -1, "", 0L, 0L, &in, sizeof(in));
	syscall(SYS_sendto, -1, "", 0L, 0L, NULL, 0L);
	syscall(SYS_connect, -1, &in, 1L);
	syscall(SYS_connect, -1, &in, -1L);
	syscall(SYS_connect, -1, nowhere, sizeof(in));
}

int main(void)
{
	lists();
	addresses();
	return success();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An outsider re-opens what a descriptor of its own is (/dev/stdout, /proc/self/fd/N): a pipe, a file from outside of
 * the container, a deleted one, a terminal in a folder that it may not search. We open it by our own /proc with the
 * flags asked for, and send that: the program makes a socket with a name that nobody can guess, we send the descriptor
 * there, it receives it, and puts it in the socket's place. Where its seccomp filter lets it make no socket, it gets
 * a copy of the descriptor.
 */
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "own_proc_parts.h"

enum { NAME_BYTES = 24 };

/* What the program's calls read and write, in memory of ours there. */
struct transfer {
	struct sockaddr_un name;
	struct msghdr message;
	struct iovec vector;
	uint64_t flags; /* of the open */
	char byte;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

enum { NAME_LENGTH = offsetof(struct sockaddr_un, sun_path) + 1 + NAME_BYTES };

/* A name in the abstract namespace, of letters: /proc/net/unix shows it. */
static int make_name(struct sockaddr_un *name)
{
	unsigned char bytes[NAME_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EAGAIN;
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	for (int i = 0; i < NAME_BYTES; i++)
		name->sun_path[1 + i] = (char)('a' + bytes[i] % 26);
	return 0;
}

static bool is_in_own_network(struct stop *stop, char link[64])
{
	char own[64];
	ssize_t n = readlink("/proc/self/ns/net", own, sizeof(own) - 1);

	own[n > 0 ? n : 0] = '\0';
	return stop_read_proc_link(stop, "ns/net", link, 64) > 0 && strcmp(own, link) == 0;
}

/* A socket in the program's network namespace, where its name is. */
static int make_socket(struct stop *stop)
{
	char link[64];

	if (is_in_own_network(stop, link))
		return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cleanup_close int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	cleanup_close int its = stop_open_proc(stop, "ns/net", O_RDONLY);
	if (own < 0 || its < 0 || setns(its, CLONE_NEWNET))
		return -1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (setns(own, CLONE_NEWNET))
		stop_note(stop, "left in another network namespace");
	return fd;
}

/* 0 or -errno. */
static int send_fd(struct stop *stop, struct sockaddr_un *name, int fd)
{
	cleanup_close int socket = make_socket(stop);
	char byte = 0;
	struct iovec vector = { &byte, 1 };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	const struct msghdr message = { .msg_name = name,
		.msg_namelen = NAME_LENGTH,
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (socket < 0 || sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -EIO;
	return 0;
}

/*
 * What path leads to, opened as the program asks, if it may. A descriptor, or -errno. Threads of the program may put
 * another file there at any time: what is asked for rights is what has been opened, and nothing is truncated before.
 */
static int open_target(struct stop *stop, const char *path, uint64_t flags, bool truncate)
{
	const int kept = O_ACCMODE | O_APPEND | O_PATH | O_DIRECTORY | O_NOATIME | O_SYNC;
	int mode = ((flags & O_ACCMODE) != O_WRONLY ? R_OK : 0) |
		   ((flags & O_ACCMODE) != O_RDONLY ? W_OK : 0);
	struct stat st;

	/* We may not wait for whoever opens the other end. */
	cleanup_close int fd = open(path, ((int)flags & kept) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	int r = flags & O_PATH ? 0 : own_proc_may(stop, &st, mode);
	if (r)
		return r;
	if (truncate && (flags & O_TRUNC) && (mode & W_OK) && S_ISREG(st.st_mode) &&
		ftruncate(fd, 0))
		return -errno;
	if (!(flags & (O_PATH | O_NONBLOCK)) &&
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		return -errno;
	return steal_fd(&fd);
}

enum verdict own_proc_send(struct stop *stop, const char *path, uint64_t flags)
{
	struct transfer transfer = { .flags = flags };
	char text[STOP_KEPT_TEXT];
	uint64_t address;

	/* An error is known before anything is made. */
	cleanup_close int fd = open_target(stop, path, flags, false);
	if (fd < 0)
		return stop_give(stop, fd);
	if (make_name(&transfer.name))
		return VERDICT_NEXT;
	int r = stop_push(stop, &transfer, sizeof(transfer), &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	/* Addresses are known only now. */
	transfer.message = (struct msghdr){
		.msg_iov = (void *)(address + offsetof(struct transfer, vector)),
		.msg_iovlen = 1,
		.msg_control = (void *)(address + offsetof(struct transfer, control)),
		.msg_controllen = sizeof(transfer.control),
	};
	transfer.vector = (struct iovec){ (void *)(address + offsetof(struct transfer, byte)), 1 };
	if (stop_write(stop, address, &transfer, sizeof(transfer)))
		return stop_give(stop, -EFAULT);
	stop_keep(stop, (int64_t)address);
	stop_send_syscall(stop, SYS_socket);
	stop_send_arg(stop, 0, AF_UNIX);
	stop_send_arg(stop, 1, SOCK_DGRAM | SOCK_CLOEXEC);
	stop_send_arg(stop, 2, 0);
	/* The name is kept here: in the program's memory its threads could make it another's. */
	snprintf(text, sizeof(text), "%.*s%s", NAME_BYTES, transfer.name.sun_path + 1, path);
	own_proc_act(stop, OWN_ACT_SEND, text);
	stop_note(stop, "%s, opened anew", path);
	return VERDICT_WATCH;
}

static enum exit_verdict run(struct stop *stop, long nr, uint64_t a, uint64_t b, uint64_t c)
{
	stop_run(stop, nr, (uint64_t[SYSCALL_ARGS]){ a, b, c });
	return EXIT_RUN;
}

static enum exit_verdict give_up(struct stop *stop, int64_t socket, int error)
{
	stop_keep(stop, error);
	return run(stop, SYS_close, (uint64_t)socket, 0, 0);
}

/* No socket can be had: a copy, if the descriptor is open in the way that is asked for. */
static enum exit_verdict copy_fd(struct stop *stop, const char *path, uint64_t flags)
{
	char name[40], text[256] = "";
	unsigned have = 0;
	int pid, fd, end = 0;

	if (sscanf(path, "/proc/%d/fd/%d%n", &pid, &fd, &end) != 2 || path[end] ||
		pid != stop_tgid(stop)) {
		stop_set_result(stop, -EACCES);
		return EXIT_DONE;
	}
	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	cleanup_close int info = stop_open_proc(stop, name, O_RDONLY);
	ssize_t n = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	const char *line = n > 0 ? strstr(text, "flags:") : NULL;
	if (!line || sscanf(line, "flags: %o", &have) != 1 ||
		((have & O_ACCMODE) != O_RDWR && (have & O_ACCMODE) != (flags & O_ACCMODE))) {
		stop_set_result(stop, -EACCES);
		return EXIT_DONE;
	}
	return run(stop, SYS_fcntl, (uint64_t)fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
}

static bool is_same_file(struct stop *stop, const char *path, int received)
{
	char name[48];
	struct stat wanted, have;

	snprintf(name, sizeof(name), "/proc/%d/fd/%d", stop_tid(stop), received);
	return stat(path, &wanted) == 0 && stat(name, &have) == 0 && wanted.st_dev == have.st_dev &&
	       wanted.st_ino == have.st_ino;
}

/* The socket has its name: the descriptor is sent there, and received. */
static enum exit_verdict bound(
	struct stop *stop, const char *name, const char *path, int64_t socket)
{
	uint64_t address = (uint64_t)stop_kept(stop);
	struct sockaddr_un its = { .sun_family = AF_UNIX };
	struct transfer transfer;

	if (stop_result(stop) < 0 || stop_read(stop, address, &transfer, sizeof(transfer)) ||
		path == name)
		return give_up(stop, socket, -EACCES);
	cleanup_close int fd = open_target(stop, path, transfer.flags, true);
	if (fd < 0)
		return give_up(stop, socket, fd);
	memcpy(its.sun_path + 1, name, NAME_BYTES);
	if (send_fd(stop, &its, fd))
		return give_up(stop, socket, -EIO);
	return run(stop, SYS_recvmsg, (uint64_t)socket,
		address + offsetof(struct transfer, message), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
}

/* A datagram has come: it must be ours. */
static enum exit_verdict received(struct stop *stop, const char *path, int64_t socket)
{
	struct transfer transfer;
	int fd;

	if (stop_result(stop) < 0 ||
		stop_read(stop, (uint64_t)stop_kept(stop), &transfer, sizeof(transfer)) ||
		transfer.control.align.cmsg_len != CMSG_LEN(sizeof(fd)) ||
		transfer.control.align.cmsg_type != SCM_RIGHTS)
		return give_up(stop, socket, -EIO);
	memcpy(&fd, CMSG_DATA(&transfer.control.align), sizeof(fd));
	if (fd < 0 || !is_same_file(stop, path, fd))
		return give_up(stop, socket, -EIO);
	stop_keep(stop, fd);
	return run(stop, SYS_dup3, (uint64_t)fd, (uint64_t)socket, transfer.flags & O_CLOEXEC);
}

/* text: the socket's name and the path. */
enum exit_verdict own_proc_sent(struct stop *stop, const char *text)
{
	const char *path = strlen(text) > NAME_BYTES ? text + NAME_BYTES : text;
	int64_t socket = stop_sent_result(stop), kept = stop_kept(stop);
	struct transfer transfer;

	if (stop_step(stop) == 0 && socket < 0)
		return stop_read(stop, (uint64_t)kept, &transfer, sizeof(transfer))
			       ? EXIT_DONE
			       : copy_fd(stop, path, transfer.flags);
	if (socket < 0)
		return EXIT_DONE;
	if (kept < 0) {
		stop_set_result(stop, kept);
		return EXIT_DONE;
	}
	switch (stop_step(stop)) {
	case 0:
		return run(stop, SYS_bind, (uint64_t)socket,
			(uint64_t)kept + offsetof(struct transfer, name), NAME_LENGTH);
	case 1:
		return bound(stop, text, path, socket);
	case 2:
		return received(stop, path, socket);
	case 3:
		return run(stop, SYS_close, (uint64_t)kept, 0, 0);
	default:
		stop_set_result(stop, socket);
		return EXIT_DONE;
	}
}

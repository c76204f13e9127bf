/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "netlink_reply.h"

#include <sys/param.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* Longer replies stay as they are. gVisor gives a dump as one datagram; libraries have buffers of 32 or 64 KiB. */
enum { REPLY_MAX = 65536, IOVECS_MAX = 16, PEEK_BYTES = 8000 };

/* Where the program wants it: the pieces of recvmsg(2), or one. */
struct buffers {
	struct iovec pieces[IOVECS_MAX];
	size_t n;
	size_t capacity;
	int flags;
};

/* One reply is edited at a time. */
static _Alignas(NLMSG_ALIGNTO) unsigned char received[REPLY_MAX];
static _Alignas(NLMSG_ALIGNTO) unsigned char edited[REPLY_MAX + REPLY_GROWTH_MAX];

static int find_buffers(struct stop *stop, struct buffers *ret)
{
	struct msghdr header;

	*ret = (struct buffers){ .n = 1 };
	switch (stop_syscall(stop)) {
	case SYS_recvmsg: {
		int r = stop_read(stop, stop_asked(stop, 1), &header, sizeof(header));
		if (r == 0 && header.msg_iovlen > IOVECS_MAX)
			r = -EMSGSIZE;
		if (r)
			return r;
		ret->n = header.msg_iovlen;
		ret->flags = (int)stop_asked(stop, 2);
		r = stop_read(stop, (uintptr_t)header.msg_iov, ret->pieces,
			ret->n * sizeof(ret->pieces[0]));
		if (r)
			return r;
		break;
	}
	case SYS_recvfrom:
		ret->flags = (int)stop_asked(stop, 3);
		/* fall through */
	default:
		ret->pieces[0] = (struct iovec){ (void *)stop_asked(stop, 1), stop_asked(stop, 2) };
		break;
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->capacity += MIN(ret->pieces[i].iov_len, REPLY_MAX * 2);
	return 0;
}

static int copy(struct stop *stop, const struct buffers *buffers, unsigned char *data,
	size_t length, bool to_program)
{
	int r = 0;

	for (size_t i = 0; i < buffers->n && length > 0 && r == 0; i++) {
		uint64_t address = (uintptr_t)buffers->pieces[i].iov_base;
		size_t bytes = MIN(buffers->pieces[i].iov_len, length);
		if (bytes > 0)
			r = to_program ? stop_write(stop, address, data, bytes)
				       : stop_read(stop, address, data, bytes);
		data += bytes;
		length -= bytes;
	}
	return r;
}

/*
 * Edits the whole messages among length bytes of received[] into edited[], which may become as long as capacity, at
 * most REPLY_MAX.
 * Returns the new length, and whether anything differs.
 */
static size_t edit_all(const struct netlink_socket *socket, size_t length, size_t capacity,
	bool is_last_look, reply_edit_fn *edit, bool *ret_changed)
{
	size_t in = 0, out = 0;

	*ret_changed = false;
	while (length - in >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr *message = (struct nlmsghdr *)(edited + out);
		memcpy(message, received + in, sizeof(*message));
		/* Any process may send one, with any length in it; and the last one may end where its padding would begin. */
		if (message->nlmsg_len < sizeof(*message) || message->nlmsg_len > length - in)
			break;
		size_t bytes = MIN(NLMSG_ALIGN((size_t)message->nlmsg_len), length - in);
		memcpy(message, received + in, bytes);
		enum reply_edit result = edit(socket, message, is_last_look);
		size_t now = result == REPLY_LEFT_OUT  ? 0
			     : result == REPLY_CHANGED ? NLMSG_ALIGN(message->nlmsg_len)
						       : bytes;
		size_t rest = length - in - bytes;
		if (result == REPLY_CHANGED && out + now + rest > capacity) {
			memcpy(message, received + in, bytes);
			now = bytes;
			result = REPLY_AS_IT_IS;
		}
		*ret_changed |= result != REPLY_AS_IT_IS;
		out += now;
		in += bytes;
	}
	if (out == 0 && *ret_changed) {
		*ret_changed = false;
		in = 0;
	}
	memcpy(edited + out, received + in, length - in);
	return out + length - in;
}

enum verdict netlink_reply_enter(struct stop *stop)
{
	static const unsigned char nothing[PEEK_BYTES];
	struct buffers buffers;
	uint64_t address;

	if (find_buffers(stop, &buffers))
		return VERDICT_NEXT;
	/* To tell how long the message that it looks at will be, all of it has to be seen. */
	if ((buffers.flags & (MSG_PEEK | MSG_TRUNC)) == (MSG_PEEK | MSG_TRUNC)) {
		int r = stop_push(stop, nothing, sizeof(nothing), &address);
		if (r == -EAGAIN)
			return VERDICT_AGAIN;
		if (r)
			return VERDICT_NEXT;
		stop_keep(stop, (int64_t)address);
	}
	return VERDICT_WATCH;
}

/* After another look, into memory of ours: the length that the message will have. */
static void give_length(struct stop *stop, const struct netlink_socket *socket, reply_edit_fn *edit)
{
	int64_t length = stop_sent_result(stop), seen = MIN(stop_result(stop), PEEK_BYTES);
	bool changed;

	stop_set_result(stop, length);
	if (seen <= 0 || stop_read(stop, (uint64_t)stop_kept(stop), received, (size_t)seen))
		return;
	int64_t now = (int64_t)edit_all(socket, (size_t)seen, REPLY_MAX, false, edit, &changed);
	/* Of the part that was not seen, the most that it can become. */
	int64_t unseen = MAX(length - seen, 0);
	if (changed)
		now += unseen / (int64_t)NLMSG_LENGTH(sizeof(struct ifinfomsg)) * REPLY_GROWTH_MAX;
	stop_set_result(stop, now + unseen);
}

enum exit_verdict netlink_reply_exit(struct stop *stop, reply_edit_fn *edit)
{
	const struct netlink_socket *socket = netlink_socket_of(stop);
	struct buffers buffers;
	int64_t result = stop_result(stop);
	bool changed;

	if (!socket)
		return EXIT_DONE;
	if (stop_step(stop) > 0) {
		give_length(stop, socket, edit);
		return EXIT_DONE;
	}
	if (result <= 0 || result > REPLY_MAX || find_buffers(stop, &buffers))
		return EXIT_DONE;
	size_t length = (size_t)result, there = MIN(length, buffers.capacity);
	bool peeks = buffers.flags & MSG_PEEK;
	if (peeks && (buffers.flags & MSG_TRUNC) && length > there) {
		stop_run(stop, SYS_recvfrom,
			(uint64_t[SYSCALL_ARGS]){ stop_asked(stop, 0), (uint64_t)stop_kept(stop),
				PEEK_BYTES, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC });
		return EXIT_RUN;
	}
	if (there == 0 || copy(stop, &buffers, received, there, false))
		return EXIT_DONE;
	size_t now =
		edit_all(socket, there, MIN(buffers.capacity, REPLY_MAX), !peeks, edit, &changed);
	if (changed && copy(stop, &buffers, edited, now, true) == 0) {
		stop_set_result(stop, (int64_t)(length - there + now));
		stop_note(stop, "%zu bytes became %zu", there, now);
	}
	return EXIT_DONE;
}

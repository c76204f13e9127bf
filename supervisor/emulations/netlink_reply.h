/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Replies of rtnetlink, on their way to the program: messages that grow or shrink. */
#ifndef GVTRACE_NETLINK_REPLY_H
#define GVTRACE_NETLINK_REPLY_H

#include "netlink.h"

/* The most that an edit may make one message longer. */
enum { REPLY_GROWTH_MAX = 64 };

enum reply_edit { REPLY_AS_IT_IS, REPLY_CHANGED, REPLY_LEFT_OUT };

/*
 * Changes one whole message, in place. is_last_look: the program takes the message out of the queue by this, it is
 * not MSG_PEEK.
 */
typedef enum reply_edit reply_edit_fn(
	const struct netlink_socket *socket, struct nlmsghdr *message, bool is_last_look);

enum verdict netlink_reply_enter(struct stop *stop);

/*
 * Edits what was received. Where the program's buffer is too small for all that edits add, the messages that do
 * not fit any more stay as the kernel gave them: nothing is cut that the kernel did not cut. Where all would be left
 * out, all stays: a datagram without a byte would be the end.
 */
enum exit_verdict netlink_reply_exit(struct stop *stop, reply_edit_fn *edit);

#endif

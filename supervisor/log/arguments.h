/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How arguments are written that are more than a number or one text: the `asked_text` and `sent_text` of an ARG_ARGV and an
 * ARG_SOCKADDR. In the caller's memory of `size` bytes, at least 1, cut where that ends.
 */
#ifndef GVTRACE_ARGUMENTS_H
#define GVTRACE_ARGUMENTS_H

#include <stddef.h>

enum {
	LOG_LIST_WIDTH = 512, /* bytes as written between the brackets; `...` stands for the rest */
	LOG_LIST_STRINGS = LOG_LIST_WIDTH / 4 + 1, /* no more than these make a difference */
	LOG_ARGUMENT_BYTES = LOG_LIST_WIDTH + 64, /* any of what is written here, with its NUL */
};

/* ["sh", "-c", "true"] */
void log_format_list(const char *const strings[], size_t n, char *ret_text, int size);

/* {sa_family=AF_UNIX, sun_path="/run/x"}. Of a family that is not known, or where length is too small for it, the family
 * alone. length: at least that of the family. */
void log_format_socket_address(const void *address, size_t length, char *ret_text, int size);

#endif

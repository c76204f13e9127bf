/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What arguments point to that are more than one text, for the log, as log/arguments.h writes it. */
#ifndef GVTRACE_RECORD_ARGS_H
#define GVTRACE_RECORD_ARGS_H

#include "arguments.h"
#include "stop.h"

/* An ARG_ARGV. False: it cannot be read, or is NULL. */
bool record_args_list(struct stop *stop, uint64_t address, char ret_text[LOG_ARGUMENT_BYTES]);

/* An ARG_SOCKADDR of length bytes. False: it cannot be read, is NULL, or of no length that the kernel takes. */
bool record_args_socket_address(
	struct stop *stop, uint64_t address, uint64_t length, char ret_text[LOG_ARGUMENT_BYTES]);

#endif

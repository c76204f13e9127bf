/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose folder below /proc a number names, to a thread: a number is one of the program's pid namespace. */
#ifndef GVTRACE_PROC_NUMBER_H
#define GVTRACE_PROC_NUMBER_H

#include "stop.h"

enum proc_number {
	PROC_NUMBER_OWN, /* its own process's, or its own */
	/* That of another process, by the same number to us, of the same owner, and which sees the same files at the same paths: its links
	 * mean to the thread what they say. */
	PROC_NUMBER_ALIKE,
	PROC_NUMBER_OTHER, /* anything else, which is left to the kernel */
};

/* digits: a text that begins with the number. */
enum proc_number proc_number_is(struct stop *stop, const char *digits);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a file is the same in whichever way it is asked for. */
#ifndef GVTRACE_VALUE_H
#define GVTRACE_VALUE_H

#include "case.h"

static char value[64]; /* of the file, as its path has it */

/* The file that has been opened so has that value. Closes fd. */
static bool is_value(int fd)
{
	bool same = fd >= 0 && strcmp(text_of(fd), value) == 0;

	if (fd >= 0 && !same)
		printf("read: %s", text_of(fd));
	if (fd >= 0)
		close(fd);
	return same;
}

#endif

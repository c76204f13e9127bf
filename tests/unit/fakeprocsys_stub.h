/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fake tree has tests of its own; for the probes' tests its answer is what the row says. One
 * includer per program. */
#ifndef GVTRACE_FAKEPROCSYS_STUB_H
#define GVTRACE_FAKEPROCSYS_STUB_H

#include "fakeprocsys.h"
#include <stdlib.h>

static const char *lacking_path;
static enum kernel_file lacking_how;

const char *fakeprocsys_first_lacking(enum kernel_file *ret_how)
{
	*ret_how = lacking_how;
	return lacking_path;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* First values that depend on the machine: "=word" in catalogue.def. */
#ifndef GVTRACE_FAKEPROCSYS_FIRST_VALUES_H
#define GVTRACE_FAKEPROCSYS_FIRST_VALUES_H

#include "fakeprocsys.h"

/*
 * What text stands for: itself, or what the word after "=" names, computed as Linux does at boot
 * from the size of memory, or asked from uname(2). False for a word that is not known.
 */
bool first_value(const char *text, char ret_value[SYSCTL_VALUE_MAX]);

#endif

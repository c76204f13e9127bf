/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a call by a path of the fake tree fails with because of its other arguments, as Linux 6.18 decides. */
#ifndef GVTRACE_FAKE_ARGUMENTS_H
#define GVTRACE_FAKE_ARGUMENTS_H

#include "emulation.h"

/* What is looked at before the path is: flags, a mode of access(2), a length, times. 0, or -EINVAL or -EFAULT. */
int fake_arguments_check(struct stop *stop);

/* What link(2) and rename(2), and the calls that are made of them, give: 0, or -errno. */
int fake_arguments_link(struct stop *stop, int new_arg);
int fake_arguments_rename(struct stop *stop, int old_arg, int new_arg);

#endif

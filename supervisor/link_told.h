/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What readlink(2) says of a link of /proc to a descriptor's file or the working directory, of the process itself or of another,
 * where a rule's doing would show: the memfd of a file that a rule has given, or the place that a rule has led to. Rules themselves
 * take such a link for what it is, a name of its own.
 */
#ifndef GVTRACE_LINK_TOLD_H
#define GVTRACE_LINK_TOLD_H

#include "stop.h"

/* For a call that no rule has answered. Whether it is a readlink of such a link: then what the link is to say is written for the
 * program, and the result set of a call that does not run. */
bool link_told(struct stop *stop);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values of the fake tree belong to namespaces, which the kernel numbers, and numbers again when one is gone.
 * Who makes a namespace is watched, so that it starts with first values; who is left is looked up then, so that
 * values of dead ones go. Nothing pins a namespace.
 */
#ifndef GVTRACE_NAMESPACES_H
#define GVTRACE_NAMESPACES_H

#include "stop.h"

/* The flags of clone(2) and unshare(2) for the kinds of namespaces that values belong to. */
extern const uint64_t namespaces_flags[];
enum { NAMESPACES_FLAGS = 4 };

/* At a call's begin: whether its exit has to be seen. */
bool namespaces_enter(struct stop *stop);
/* At its exit. */
void namespaces_exit(struct stop *stop);
/* A thread is there that was not before. */
void namespaces_new_tracee(struct tracee *tracee);
/* It is about to be forgotten; its call in flight, if there is one, has no exit. */
void namespaces_tracee_ended(struct tracee *tracee);
/* A thread has died before its first stop: it may be the one that a call was to bring. */
void namespaces_unknown_ended(void);

#endif

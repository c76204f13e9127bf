/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values by path and namespace. Bounded: a write past the bounds is -ENOMEM. */
#ifndef GVTRACE_FAKEPROCSYS_STORE_H
#define GVTRACE_FAKEPROCSYS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakeprocsys.h"

enum { STORE_VALUES_MAX = 65536, STORE_NAMESPACES_MAX = 4096 };

struct store;

struct store *store_create(void);
void store_destroy(struct store *store);

/* The value, borrowed until the next change; NULL if none was set. */
const char *store_get(
	const struct store *store, enum sysctl_scope scope, uint64_t identity, const char *path);

/* Copies path and value. 0 or -ENOMEM, and then nothing has changed. */
int store_set(struct store *store, enum sysctl_scope scope, uint64_t identity, const char *path,
	const char *value);

/* How many values the namespace has. */
size_t store_count(const struct store *store, enum sysctl_scope scope, uint64_t identity);

/* Forgets the values of a namespace whose path drop() says yes to; all of them if drop is NULL. */
void store_drop(struct store *store, enum sysctl_scope scope, uint64_t identity,
	bool (*drop)(const char *path, void *data), void *data);

/* Forgets the values of namespaces for which alive() says no. SCOPE_SYSTEM always lives. */
void store_collect(struct store *store,
	bool (*alive)(enum sysctl_scope scope, uint64_t identity, void *data), void *data);

#endif

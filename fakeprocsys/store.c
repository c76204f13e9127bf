/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store.h"

#include <string.h>

#include "util.h"

enum { N_BUCKETS = 4096, N_NAMESPACE_BUCKETS = 256 };

struct namespace
{
	struct namespace *next;
	enum sysctl_scope scope;
	uint64_t identity;
	size_t n_values; /* never 0: one without values is freed */
};

struct value {
	struct value *next;
	struct namespace *namespace;
	char *path, *text; /* owned */
};

struct store {
	struct value *values[N_BUCKETS];
	struct namespace *namespaces[N_NAMESPACE_BUCKETS];
	size_t n_values, n_namespaces;
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	for (const unsigned char *at = bytes; length > 0; at++, length--)
		hash = (hash ^ *at) * 1099511628211ULL;
	return hash ^ hash >> 32;
}

static size_t namespace_bucket(enum sysctl_scope scope, uint64_t identity)
{
	return hash_bytes(scope + 1, &identity, sizeof(identity)) % N_NAMESPACE_BUCKETS;
}

static size_t value_bucket(const struct namespace *namespace, const char *path)
{
	uint64_t hash = hash_bytes(namespace->scope + 1, &namespace->identity, sizeof(uint64_t));

	return hash_bytes(hash, path, strlen(path)) % N_BUCKETS;
}

struct store *store_create(void)
{
	return calloc(1, sizeof(struct store));
}

void store_destroy(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < N_BUCKETS; i++)
		while (store->values[i]) {
			struct value *value = store->values[i];

			store->values[i] = value->next;
			free(value->path);
			free(value->text);
			free(value);
		}
	for (size_t i = 0; i < N_NAMESPACE_BUCKETS; i++)
		while (store->namespaces[i]) {
			struct namespace *namespace = store->namespaces[i];

			store->namespaces[i] = namespace->next;
			free(namespace);
		}
	free(store);
}

static struct namespace *find_namespace(
	const struct store *store, enum sysctl_scope scope, uint64_t identity)
{
	struct namespace *at = store->namespaces[namespace_bucket(scope, identity)];

	while (at && (at->scope != scope || at->identity != identity))
		at = at->next;
	return at;
}

static struct value *find_value(
	const struct store *store, const struct namespace *namespace, const char *path)
{
	struct value *at = store->values[value_bucket(namespace, path)];

	while (at && (at->namespace != namespace || strcmp(at->path, path) != 0))
		at = at->next;
	return at;
}

const char *store_get(
	const struct store *store, enum sysctl_scope scope, uint64_t identity, const char *path)
{
	const struct namespace *namespace = find_namespace(store, scope, identity);
	const struct value *value = namespace ? find_value(store, namespace, path) : NULL;

	return value ? value->text : NULL;
}

size_t store_count(const struct store *store, enum sysctl_scope scope, uint64_t identity)
{
	const struct namespace *namespace = find_namespace(store, scope, identity);

	return namespace ? namespace->n_values : 0;
}

static void remove_namespace(struct store *store, struct namespace *namespace)
{
	struct namespace **at =
		&store->namespaces[namespace_bucket(namespace->scope, namespace->identity)];

	while (*at != namespace)
		at = &(*at)->next;
	*at = namespace->next;
	free(namespace);
	store->n_namespaces--;
}

static struct namespace *add_namespace(
	struct store *store, enum sysctl_scope scope, uint64_t identity)
{
	struct namespace **bucket = &store->namespaces[namespace_bucket(scope, identity)];
	struct namespace *namespace;

	if (store->n_namespaces >= STORE_NAMESPACES_MAX)
		return NULL;
	namespace = calloc(1, sizeof(*namespace));
	if (!namespace)
		return NULL;
	*namespace = (struct namespace){ *bucket, scope, identity, 0 };
	*bucket = namespace;
	store->n_namespaces++;
	return namespace;
}

static int add_value(struct store *store, struct namespace *namespace, const char *path, char *text)
{
	struct value **bucket = &store->values[value_bucket(namespace, path)];
	struct value *value;

	if (store->n_values >= STORE_VALUES_MAX)
		return -ENOMEM;
	value = calloc(1, sizeof(*value));
	if (!value)
		return -ENOMEM;
	*value = (struct value){ *bucket, namespace, strdup(path), text };
	if (!value->path) {
		free(value);
		return -ENOMEM;
	}
	*bucket = value;
	namespace->n_values++;
	store->n_values++;
	return 0;
}

int store_set(struct store *store, enum sysctl_scope scope, uint64_t identity, const char *path,
	const char *text)
{
	struct namespace *namespace = find_namespace(store, scope, identity);
	struct value *value = namespace ? find_value(store, namespace, path) : NULL;
	cleanup_free char *copy = strdup(text);
	int error;

	if (!copy)
		return -ENOMEM;
	if (value) {
		free(value->text);
		value->text = steal(&copy);
		return 0;
	}
	if (!namespace)
	namespace = add_namespace(store, scope, identity);
	if (!namespace)
		return -ENOMEM;
	error = add_value(store, namespace, path, copy);
	if (error == 0)
		steal(&copy);
	else if (namespace->n_values == 0)
		remove_namespace(store, namespace);
	return error;
}

void store_drop(struct store *store, enum sysctl_scope scope, uint64_t identity,
	bool (*drop)(const char *path, void *data), void *data)
{
	struct namespace *namespace = find_namespace(store, scope, identity);

	if (!namespace)
		return;
	for (size_t i = 0; i<N_BUCKETS &&namespace->n_values> 0; i++)
		for (struct value **at = &store->values[i]; *at;) {
			struct value *value = *at;

			if (value->namespace != namespace || (drop && !drop(value->path, data))) {
				at = &value->next;
				continue;
			}
			*at = value->next;
			namespace->n_values--;
			store->n_values--;
			free(value->path);
			free(value->text);
			free(value);
		}
	if (namespace->n_values == 0)
		remove_namespace(store, namespace);
}

void store_collect(struct store *store,
	bool (*alive)(enum sysctl_scope scope, uint64_t identity, void *data), void *data)
{
	for (size_t i = 0; i < N_NAMESPACE_BUCKETS; i++) {
		struct namespace *next;

		for (struct namespace *at = store->namespaces[i]; at; at = next) {
			next = at->next;
			if (at->scope != SCOPE_SYSTEM && !alive(at->scope, at->identity, data))
				store_drop(store, at->scope, at->identity, NULL, NULL);
		}
	}
}

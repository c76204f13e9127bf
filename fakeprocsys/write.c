/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setting values: by a write, and as first ones. */
#include <stdio.h>
#include <string.h>

#include "first_values.h"
#include "interfaces.h"
#include "tree.h"
#include "util.h"

/*
 * A write to all of these sets the same for every interface, and for "default"
 * (inet_forward_change, addrconf_fixup_forwarding, addrconf_disable_ipv6).
 */
static const struct {
	const char *path, *folder, *name;
} spreading[] = {
	{ "net/ipv4/ip_forward", "net/ipv4/conf", "forwarding" },
	{ "net/ipv4/conf/all/forwarding", "net/ipv4/conf", "forwarding" },
	{ "net/ipv6/conf/all/forwarding", "net/ipv6/conf", "forwarding" },
	{ "net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf", "disable_ipv6" },
};

struct spread {
	const char *folder, *name, *but;
};

static bool spread_over(const char *path, void *data)
{
	const struct spread *spread = data;
	const char *interface, *folder;
	size_t length;

	folder = catalogue_interface_folder(path, &interface, &length);
	return folder && strcmp(folder, spread->folder) == 0 && interface &&
	       interface[length] == '/' && strcmp(interface + length + 1, spread->name) == 0 &&
	       strcmp(path, spread->but) != 0;
}

static int set(struct store *store, enum sysctl_scope scope, uint64_t identity, const char *path,
	const char *value, bool different)
{
	int error = store_set(store, scope, identity, path, value);

	for (size_t i = 0; error == 0 && different && i < ARRAY_SIZE(spreading); i++) {
		struct spread spread = { spreading[i].folder, spreading[i].name,
			spreading[i].path };
		char default_path[SYSCTL_PATH_MAX];

		if (strcmp(path, spreading[i].path) != 0)
			continue;
		store_drop(store, scope, identity, spread_over, &spread);
		snprintf(default_path, sizeof(default_path), "%s/default/%s", spread.folder,
			spread.name);
		error = store_set(store, scope, identity, default_path, value);
	}
	return error;
}

struct gone {
	const char *interfaces;
};

static bool of_interface_gone(const char *path, void *data)
{
	const struct gone *gone = data;
	const char *interface;
	size_t length;

	if (!catalogue_interface_folder(path, &interface, &length) || !interface)
		return false;
	if ((length == 7 && memcmp(interface, "default", 7) == 0) ||
		(length == 3 && memcmp(interface, "all", 3) == 0))
		return false;
	return !interfaces_has(gone->interfaces, interface, length);
}

/*
 * A node makes an interface for each pod: their values go when there are many, and the interface
 * has.
 */
static void forget_gone_interfaces(
	struct fakeprocsys *tree, const struct place *place, const struct sysctl_viewer *viewer)
{
	enum { EVERY = 1024 };
	size_t count = store_count(tree->values, SCOPE_NET, place->identity);
	cleanup_free char *text = NULL;

	if (place->entry->scope != SCOPE_NET || count == 0 || count % EVERY != 0)
		return;
	text = interfaces_read(viewer->proc_fd);
	if (text)
		store_drop(tree->values, SCOPE_NET, place->identity, of_interface_gone,
			&(struct gone){ text });
}

/* The path of the value that this one is limited by; NULL if none. */
static const char *limiting_path(const struct entry *entry)
{
	if (entry->grammar.kind == GRAMMAR_PORT_RANGE)
		return "net/ipv4/ip_unprivileged_port_start";
	return entry->grammar.kind == GRAMMAR_PORT_START ? "net/ipv4/ip_local_port_range" : NULL;
}

ssize_t fakeprocsys_write(struct fakeprocsys *tree, const char *path,
	const struct sysctl_viewer *viewer, uint64_t *offset, const char *data, size_t length)
{
	char now[SYSCTL_VALUE_MAX], other[SYSCTL_VALUE_MAX], value[SYSCTL_VALUE_MAX];
	struct place place, limit;
	const char *limit_path;
	bool at_start = *offset == 0;
	int set_error = 0;

	if (fakeprocsys_lookup(tree, path, viewer).kind != SYSCTL_FILE ||
		place_find(tree, path, viewer, &place) < 0)
		return -ENOENT;
	if (!(place.entry->mode & 0222))
		return -EACCES;
	if (length == 0)
		return 0;
	limit_path = limiting_path(place.entry);
	if (limit_path && place_find(tree, limit_path, viewer, &limit) == 0)
		place_value(tree, &limit, limit_path, other);
	place_value(tree, &place, path, now);
	ssize_t taken = grammar_write(
		&place.entry->grammar, now, limit_path ? other : NULL, offset, data, length, value);

	/* A trigger, as vm/drop_caches, keeps nothing. */
	if (!(place.entry->mode & 0444))
		return taken;
	if ((taken >= 0 && at_start) || strcmp(value, now) != 0) {
		forget_gone_interfaces(tree, &place, viewer);
		set_error = set(tree->values, place.entry->scope, place.identity, place.path, value,
			strcmp(value, now) != 0);
	}
	return taken < 0 || !set_error ? taken : set_error;
}

/*
 * sysctl.conf(5): the first separator of a name is the one between its parts; the other one is then
 * part of an interface's name, written as the first.
 */
static int path_from_name(const char *name, char ret_path[SYSCTL_PATH_MAX])
{
	size_t first = strcspn(name, "./");

	if (strlen(name) >= SYSCTL_PATH_MAX)
		return -ENOENT;
	strcpy(ret_path, name);
	if (name[first] == '.')
		for (char *at = ret_path; *at != '\0'; at++)
			*at = *at == '.' ? '/' : *at == '/' ? '.' : *at;
	return 0;
}

int fakeprocsys_path_from_name(
	const char *name, char ret_path[SYSCTL_PATH_MAX], bool *ret_elsewhere)
{
	if (path_from_name(name, ret_path) < 0)
		return -ENOENT;
	*ret_elsewhere = catalogue_shows_elsewhere(ret_path);
	return 0;
}

static void name_from_path(const char *path, char ret_name[SYSCTL_PATH_MAX])
{
	snprintf(ret_name, SYSCTL_PATH_MAX, "%s", path);
	for (char *at = ret_name; *at != '\0'; at++)
		if (*at == '/')
			*at = '.';
}

static void first_value_now(
	const struct fakeprocsys *tree, const struct place *place, char ret_value[SYSCTL_VALUE_MAX])
{
	const char *value = tree ? store_get(tree->first, SCOPE_SYSTEM, 0, place->path) : NULL;

	if (value)
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", value);
	else if (!first_value(place->entry->first_value, ret_value))
		ret_value[0] = '\0';
}

int fakeprocsys_set_first(struct fakeprocsys *tree, const char *name, const char *value,
	char *ret_why, char *ret_near)
{
	char path[SYSCTL_PATH_MAX], now[SYSCTL_VALUE_MAX], other[SYSCTL_VALUE_MAX],
		set_to[SYSCTL_VALUE_MAX];
	const struct sysctl_viewer nobody = { .proc_fd = -1 };
	struct place place, limit;
	const char *limit_path, *near;
	int error;

	if (ret_why)
		ret_why[0] = '\0';
	if (ret_near)
		ret_near[0] = '\0';
	if (path_from_name(name, path) < 0)
		return -ENOENT;
	if (place_find(tree, path, &nobody, &place) < 0) {
		near = catalogue_nearest(path);
		if (near && ret_near)
			name_from_path(near, ret_near);
		return -ENOENT;
	}
	limit_path = limiting_path(place.entry);
	if (limit_path && place_find(tree, limit_path, &nobody, &limit) == 0)
		first_value_now(tree, &limit, other);
	first_value_now(tree, &place, now);
	error = grammar_check(&place.entry->grammar, now, limit_path ? other : NULL, value, set_to);
	if (error < 0) {
		if (ret_why)
			grammar_describe(&place.entry->grammar, ret_why, SYSCTL_PATH_MAX);
		return -EINVAL;
	}
	return tree ? set(tree->first, SCOPE_SYSTEM, 0, place.path, set_to, true) : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose value a path shows, and what it is. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "first_values.h"
#include "tree.h"
#include "util.h"

/*
 * The path that the value is kept under. Two names of one variable share it, but not where the
 * kernel has a working file of the one name and none of the other: what is written to the fake one
 * would hide the working one, as conf/all/forwarding would gVisor's ip_forward.
 */
static const char *value_path(struct fakeprocsys *tree, const char *path)
{
	const char *same = catalogue_same_value(path);

	if (same != path && tree &&
		fakeprocsys_kernel_file(tree, path, false) == KERNEL_FILE_MISSING &&
		fakeprocsys_kernel_file(tree, same, true) == KERNEL_FILE_WORKS)
		return path;
	return same;
}

int place_find(struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer,
	struct place *ret_place)
{
	struct entry_path found;
	const char *interface, *folder;
	size_t length;

	if (strlen(path) >= SYSCTL_PATH_MAX)
		return -ENOENT;
	found = catalogue_find(path);
	if (!found.entry)
		return -ENOENT;

	*ret_place = (struct place){ .entry = found.entry };
	if (found.entry->scope != SCOPE_SYSTEM)
		ret_place->identity = viewer->namespaces[found.entry->scope];
	strcpy(ret_place->path, value_path(tree, path));

	if (strcmp(found.interface, "") == 0 || strcmp(found.interface, "all") == 0 ||
		strcmp(found.interface, "default") == 0)
		return 0;
	folder = catalogue_interface_folder(path, &interface, &length);
	snprintf(ret_place->default_path, SYSCTL_PATH_MAX, "%s/default%s", folder,
		interface + length);
	return 0;
}

/* The value that was set, by whom ever; NULL if none was. */
static const char *set_value(const struct fakeprocsys *tree, const struct place *place)
{
	enum sysctl_scope scope = place->entry->scope;
	const char *value = store_get(tree->values, scope, place->identity, place->path);

	/* net/ipv4/devinet.c: interfaces that were not written themselves follow "default". */
	if (!value && place->default_path[0] != '\0')
		value = store_get(tree->values, scope, place->identity, place->default_path);
	if (!value)
		value = store_get(tree->first, SCOPE_SYSTEM, 0, place->path);
	if (!value && place->default_path[0] != '\0')
		value = store_get(tree->first, SCOPE_SYSTEM, 0, place->default_path);
	return value;
}

bool place_changed(const struct fakeprocsys *tree, const struct place *place)
{
	return set_value(tree, place) != NULL;
}

static void random_uuid(char ret_uuid[UUID_LENGTH + 1])
{
	unsigned char bytes[16] = { 0 };
	size_t length = 0;

	/* Without entropy the zeros stay: a UUID of the right form all the same. */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != (ssize_t)sizeof(bytes))
		memset(bytes, 0, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		length += snprintf(ret_uuid + length, UUID_LENGTH + 1 - length,
			i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
}

/* Values of a namespace that this process is not in are not to be seen through its /proc/sys. */
static bool kernel_shows_it(const struct fakeprocsys *tree, const struct place *place)
{
	uint64_t own = tree->own[place->entry->scope];

	return place->entry->scope == SCOPE_SYSTEM || own == 0 || place->identity == 0 ||
	       own == place->identity;
}

void place_value(struct fakeprocsys *tree, const struct place *place, const char *path,
	char ret_value[SYSCTL_VALUE_MAX])
{
	const char *value = set_value(tree, place);

	if (value) {
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", value);
		return;
	}
	if ((place->entry->mode & 0444) && kernel_shows_it(tree, place) &&
		(kernel_file_read(path, ret_value) >= 0 ||
			kernel_file_read(catalogue_same_value(path), ret_value) >= 0))
		return;
	if (place->entry->grammar.kind == GRAMMAR_UUID)
		random_uuid(ret_value);
	else if (place->entry->grammar.kind == GRAMMAR_BOOT_ID) {
		if (tree->boot_id[0] == '\0')
			random_uuid(tree->boot_id);
		snprintf(ret_value, SYSCTL_VALUE_MAX, "%s", tree->boot_id);
	} else if (!first_value(place->entry->first_value, ret_value))
		ret_value[0] = '\0';
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "interfaces.h"
#include "tree.h"
#include "util.h"

struct listing {
	struct fakeprocsys *tree;
	const char *path;
	const struct sysctl_viewer *viewer;
	int (*each)(const char *name, const struct sysctl_node *node, void *data);
	void *data;
};

static int list_name(const struct listing *listing, const char *name, size_t length)
{
	char path[SYSCTL_PATH_MAX * 2], short_name[SYSCTL_PATH_MAX];
	struct sysctl_node node;

	snprintf(short_name, sizeof(short_name), "%.*s", (int)length, name);
	snprintf(path, sizeof(path), "%s%s%s", listing->path, listing->path[0] ? "/" : "",
		short_name);
	node = fakeprocsys_lookup(listing->tree, path, listing->viewer);
	/* An interface may have gone since its name was read. */
	return node.kind == SYSCTL_NONE ? 0 : listing->each(short_name, &node, listing->data);
}

/* Every name right below prefix in the catalogue, but not those that are below but_not, too. */
static int list_below(const struct listing *listing, const char *prefix, const char *but_not)
{
	size_t prefix_length = strlen(prefix), last_length = 0;
	const char *last = "";

	for (size_t i = catalogue_first(prefix);
		i < catalogue_length && strncmp(catalogue[i].path, prefix, prefix_length) == 0;
		i++) {
		const char *name = catalogue[i].path + prefix_length;
		size_t length = strcspn(name, "/");
		char twin[SYSCTL_PATH_MAX * 2];
		size_t found;
		int result;

		if (length == last_length && memcmp(name, last, length) == 0)
			continue;
		last = name;
		last_length = length;
		if (but_not) {
			snprintf(twin, sizeof(twin), "%s%s", but_not, name);
			found = catalogue_first(twin);
			if (found < catalogue_length && strcmp(catalogue[found].path, twin) == 0)
				continue;
		}
		result = list_name(listing, name, length);
		if (result != 0)
			return result;
	}
	return 0;
}

static int list_interfaces(const struct listing *listing)
{
	cleanup_free char *text = interfaces_read(listing->viewer->proc_fd);
	const char *at = text, *name;
	size_t length;
	/* list_name leaves out "all" where there is no such folder. */
	int result = list_name(listing, "all", strlen("all"));

	if (result == 0)
		result = list_name(listing, "default", strlen("default"));
	while (result == 0 && text && (name = interfaces_next(&at, &length)))
		result = list_name(listing, name, length);
	return result;
}

int fakeprocsys_list(struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer,
	int (*each)(const char *name, const struct sysctl_node *node, void *data), void *data)
{
	const struct listing listing = { tree, path, viewer, each, data };
	char prefix[SYSCTL_PATH_MAX + 8], own[SYSCTL_PATH_MAX + 8];
	const char *interface = NULL, *folder;
	size_t length;
	int result;

	if (fakeprocsys_lookup(tree, path, viewer).kind != SYSCTL_FOLDER)
		return -ENOENT;
	folder = catalogue_interface_folder(path, &interface, &length);
	snprintf(own, sizeof(own), "%s%s", path, path[0] ? "/" : "");
	if (!folder)
		return list_below(&listing, own, NULL);
	if (!interface)
		return list_interfaces(&listing);
	snprintf(prefix, sizeof(prefix), "%s/<if>%s/", folder, interface + length);
	result = list_below(&listing, prefix, NULL);
	return result != 0 ? result : list_below(&listing, own, prefix);
}

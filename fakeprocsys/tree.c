/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree.h"

#include <stdio.h>
#include <string.h>

#include "interfaces.h"
#include "util.h"

static const char *const namespace_links[N_SCOPES] = { [SCOPE_NET] = "/proc/self/ns/net",
	[SCOPE_IPC] = "/proc/self/ns/ipc",
	[SCOPE_UTS] = "/proc/self/ns/uts",
	[SCOPE_USER] = "/proc/self/ns/user" };

static uint64_t link_identity(const char *link)
{
	char target[64];
	ssize_t length = link ? readlink(link, target, sizeof(target) - 1) : -1;
	const char *number;

	if (length < 0)
		return 0;
	target[length] = '\0';
	number = strchr(target, '[');
	return number ? strtoull(number + 1, NULL, 10) : 0;
}

struct fakeprocsys *fakeprocsys_create(void)
{
	struct fakeprocsys *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->values = store_create();
	tree->first = store_create();
	for (int i = 0; i < 2; i++)
		tree->kernel_files[i] = calloc(catalogue_length, 1);
	if (!tree->values || !tree->first || !tree->kernel_files[0] || !tree->kernel_files[1]) {
		fakeprocsys_destroy(tree);
		return NULL;
	}
	for (int scope = 0; scope < N_SCOPES; scope++)
		tree->own[scope] = link_identity(namespace_links[scope]);
	return tree;
}

void fakeprocsys_destroy(struct fakeprocsys *tree)
{
	if (!tree)
		return;
	store_destroy(tree->values);
	store_destroy(tree->first);
	free(tree->kernel_files[0]);
	free(tree->kernel_files[1]);
	free(tree);
}

struct sysctl_viewer tree_own_viewer(const struct fakeprocsys *tree)
{
	struct sysctl_viewer viewer = { .proc_fd = -1 };

	memcpy(viewer.namespaces, tree->own, sizeof(viewer.namespaces));
	return viewer;
}

static bool interface_there(
	const char *folder, const char *name, size_t length, const struct sysctl_viewer *viewer)
{
	cleanup_free char *text = NULL;

	if (length == strlen("default") && memcmp(name, "default", length) == 0)
		return true;
	if (length == strlen("all") && memcmp(name, "all", length) == 0)
		return strcmp(folder + strlen(folder) - strlen("conf"), "conf") == 0;
	if (!interface_name_valid(name, length))
		return false;
	text = interfaces_read(viewer->proc_fd);
	return interfaces_has(text, name, length);
}

static bool below(const char *path, const char *folder, size_t folder_length)
{
	return strncmp(path, folder, folder_length) == 0 &&
	       (folder_length == 0 || path[folder_length] == '/');
}

/* The folder with this path, as the catalogue spells it; its entries start at *ret_first. */
static bool folder_in_catalogue(const char *path, size_t *ret_first)
{
	char prefix[SYSCTL_PATH_MAX + 1];

	snprintf(prefix, sizeof(prefix), "%s%s", path, path[0] != '\0' ? "/" : "");
	*ret_first = catalogue_first(prefix);
	return *ret_first < catalogue_length;
}

static struct sysctl_node folder_node(const char *path, size_t first)
{
	struct sysctl_node node = { .kind = SYSCTL_FOLDER,
		.mode = 0555,
		.scope = catalogue[first].scope,
		.optional = true };

	for (size_t i = first; i < catalogue_length && below(catalogue[i].path, path, strlen(path));
		i++)
		node.optional &= (catalogue[i].flags & OPTIONAL) != 0;
	return node;
}

struct sysctl_node fakeprocsys_lookup(
	struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer)
{
	char general[SYSCTL_PATH_MAX];
	const char *interface = NULL, *folder;
	size_t length = 0, first;
	struct place place;

	if (strlen(path) >= sizeof(general))
		return (struct sysctl_node){ SYSCTL_NONE };
	strcpy(general, path);
	folder = catalogue_interface_folder(path, &interface, &length);
	if (interface) {
		if (!interface_there(folder, interface, length, viewer))
			return (struct sysctl_node){ SYSCTL_NONE };
		if (interface[length] == '\0')
			snprintf(general, sizeof(general), "%s/<if>", folder);
	}
	if (place_find(tree, path, viewer, &place) == 0)
		return (struct sysctl_node){ SYSCTL_FILE, place.entry->mode, place.entry->scope,
			place.entry->flags & OPTIONAL, grammar_reads_on(&place.entry->grammar),
			place_changed(tree, &place) };
	if (folder_in_catalogue(general, &first))
		return folder_node(general, first);
	return (struct sysctl_node){ SYSCTL_NONE };
}

bool fakeprocsys_may_end_in(const char *name, size_t length)
{
	const char *dot;

	if (catalogue_has_component(name, length))
		return true;
	if (!interface_name_valid(name, length))
		return false;
	dot = memrchr(name, '.', length);
	return !dot || dot + 1 == name + length || strchr("0123456789", dot[1]);
}

ssize_t fakeprocsys_read(struct fakeprocsys *tree, const char *path,
	const struct sysctl_viewer *viewer, char ret_content[SYSCTL_VALUE_MAX])
{
	struct place place;
	size_t length;

	if (fakeprocsys_lookup(tree, path, viewer).kind != SYSCTL_FILE ||
		place_find(tree, path, viewer, &place) < 0)
		return -ENOENT;
	if (!(place.entry->mode & 0444))
		return -EACCES;
	place_value(tree, &place, path, ret_content);
	length = strlen(ret_content);
	length = MIN(length, (size_t)SYSCTL_VALUE_MAX - 2);
	strcpy(ret_content + length, "\n");
	return length + 1;
}

void fakeprocsys_namespace_new(struct fakeprocsys *tree, enum sysctl_scope scope, uint64_t identity)
{
	if (scope != SCOPE_SYSTEM)
		store_drop(tree->values, scope, identity, NULL, NULL);
}

void fakeprocsys_collect(struct fakeprocsys *tree,
	bool (*alive)(enum sysctl_scope scope, uint64_t identity, void *data), void *data)
{
	store_collect(tree->values, alive, data);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "catalogue.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"
#include "util.h"

#define ENTRY(path, mode, first_value, grammar, scope, flags, used_by) \
	{ path, mode, first_value, grammar, SCOPE_##scope, flags, used_by },
const struct entry catalogue[] = {
#include "catalogue.def"
};
#undef ENTRY
const size_t catalogue_length = ARRAY_SIZE(catalogue);

static const char *const interface_folders[] = { "net/ipv4/conf", "net/ipv4/neigh", "net/ipv6/conf",
	"net/ipv6/neigh" };

/* One variable in the kernel, two names. */
static const struct {
	const char *path, *same;
} aliases[] = {
	{ "net/ipv4/conf/all/forwarding", "net/ipv4/ip_forward" },
	{ "net/nf_conntrack_max", "net/netfilter/nf_conntrack_max" },
};

const char *catalogue_same_value(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(aliases[i].path, path) == 0)
			return aliases[i].same;
	return path;
}

static int compare_prefix(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix));
}

size_t catalogue_first(const char *prefix)
{
	size_t low = 0, high = catalogue_length;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(catalogue[middle].path, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < catalogue_length && compare_prefix(catalogue[low].path, prefix) == 0)
		return low;
	return catalogue_length;
}

static const struct entry *find_exactly(const char *path)
{
	size_t i = catalogue_first(path);

	return i < catalogue_length && strcmp(catalogue[i].path, path) == 0 ? &catalogue[i] : NULL;
}

bool interface_name_valid(const char *name, size_t length)
{
	if (length == 0 || length > 15)
		return false;
	if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] == '/' || name[i] == ':' || isspace((unsigned char)name[i]))
			return false;
	return true;
}

const char *catalogue_interface_folder(
	const char *path, const char **ret_interface, size_t *ret_length)
{
	for (size_t i = 0; i < ARRAY_SIZE(interface_folders); i++) {
		size_t length = strlen(interface_folders[i]);

		if (strncmp(path, interface_folders[i], length) != 0)
			continue;
		if (path[length] == '\0') {
			*ret_interface = NULL;
			*ret_length = 0;
			return interface_folders[i];
		}
		if (path[length] == '/') {
			*ret_interface = path + length + 1;
			*ret_length = strcspn(*ret_interface, "/");
			return interface_folders[i];
		}
	}
	return NULL;
}

bool catalogue_shows_elsewhere(const char *path)
{
	static const char by_default[] = "default";
	const char *interface;
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(aliases[i].path, path) == 0 || strcmp(aliases[i].same, path) == 0)
			return true;
	return catalogue_interface_folder(path, &interface, &length) &&
	       length == strlen(by_default) && strncmp(interface, by_default, length) == 0;
}

struct entry_path catalogue_find(const char *path)
{
	struct entry_path found = { 0 };
	char general[SYSCTL_PATH_MAX];
	const char *interface;
	size_t length;
	const char *folder = catalogue_interface_folder(path, &interface, &length);

	found.entry = find_exactly(path);
	if (!folder)
		return found;
	if (!interface || !interface_name_valid(interface, length) || interface[0] == '<') {
		found.entry = NULL;
		return found;
	}
	memcpy(found.interface, interface, length);
	if (!found.entry) {
		int n = snprintf(general, sizeof(general), "%s/<if>%s", folder, interface + length);

		if (n >= 0 && (size_t)n < sizeof(general))
			found.entry = find_exactly(general);
	}
	return found;
}

bool catalogue_has_component(const char *name, size_t length)
{
	/* A bit for each length and first and last byte refuses most names without a search. */
	static uint64_t seen[256];
	static bool filled;

	if (!filled) {
		for (size_t i = 0; i < catalogue_length; i++)
			for (const char *at = catalogue[i].path; *at != '\0';) {
				size_t end = strcspn(at, "/");

				seen[(unsigned char)(at[0] * 31 + at[end - 1])] |= 1ULL
										   << (end & 63);
				at += end + (at[end] == '/');
			}
		filled = true;
	}
	if (length == 0 || length > 63 ||
		!(seen[(unsigned char)(name[0] * 31 + name[length - 1])] & 1ULL << length))
		return false;
	for (size_t i = 0; i < catalogue_length; i++)
		for (const char *at = catalogue[i].path; *at != '\0';) {
			size_t end = strcspn(at, "/");

			if (end == length && memcmp(at, name, length) == 0)
				return true;
			at += end + (at[end] == '/');
		}
	return false;
}

const char *catalogue_nearest(const char *path)
{
	size_t nearest = 4;
	const char *found = NULL;

	for (size_t i = 0; i < catalogue_length; i++) {
		const char *other = catalogue[i].path;
		size_t distance =
			suggest_distance(path, strlen(path), other, strlen(other), nearest - 1);

		if (distance < nearest) {
			nearest = distance;
			found = other;
		}
	}
	return found;
}

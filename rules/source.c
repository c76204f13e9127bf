/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "util.h"

/* Reads to the end; with a newline added if the last line lacks it. */
static int read_all(int fd, char **ret_text, size_t *ret_length)
{
	cleanup_free char *text = NULL;
	size_t size = 0, length = 0;

	for (;;) {
		ssize_t n;

		if (length + 2 >= size) {
			char *grown = realloc(text, size = MAX(size * 2, (size_t)4096));

			if (grown == NULL)
				return -ENOMEM;
			text = grown;
		}
		n = read(fd, text + length, size - length - 2);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
		if (length > SOURCE_MAX)
			return -EFBIG;
	}
	if (length > 0 && text[length - 1] != '\n')
		text[length++] = '\n';
	text[length] = '\0';
	*ret_text = steal(&text);
	*ret_length = length;
	return 0;
}

/* A rule decides what root's programs see: whoever may write it, may do what root may. */
static int check_owner(const struct stat *status, const char *file, struct rule_error *error)
{
	if (geteuid() != 0)
		return 0;
	if (status->st_uid != 0) {
		rule_error_at(error, file, 0, 0,
			"refused while running as root: it belongs to user %u, who may change it",
			(unsigned)status->st_uid);
		return -EPERM;
	}
	if (S_ISREG(status->st_mode) && (status->st_mode & 022) != 0) {
		rule_error_at(error, file, 0, 0,
			"refused while running as root: others may write it (mode %04o; chmod "
			"go-w)",
			(unsigned)status->st_mode & 07777);
		return -EPERM;
	}
	return 0;
}

int source_read(struct source *ret_source, const char *file, struct rule_error *error)
{
	cleanup_close int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct source source = { 0 };
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0) {
		r = -errno;
		rule_error_at(error, file, 0, 0, "%s", strerror(-r));
		return r;
	}
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
		rule_error_at(error, file, 0, 0, "%s, not a file",
			S_ISDIR(status.st_mode) ? "a folder" : "a device or a socket");
		return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	}
	r = check_owner(&status, file, error);
	if (r < 0)
		return r;
	r = read_all(fd, &source.text, &source.length);
	if (r < 0) {
		rule_error_at(error, file, 0, 0, "%s",
			r == -EFBIG ? "larger than 1 MiB, so hardly a rule file" : strerror(-r));
		return r;
	}
	source.regular = S_ISREG(status.st_mode);
	source.device = status.st_dev;
	source.inode = status.st_ino;
	*ret_source = source;
	return 0;
}

void source_finish(struct source *source)
{
	free(source->text);
	*source = (struct source){ 0 };
}

const struct profile *source_profile(const char *name)
{
	for (const struct profile *profile = profiles; profile->name != NULL; profile++) {
		size_t length = strlen(profile->name);

		if (strncmp(name, profile->name, length) == 0 &&
			(name[length] == '\0' || strcmp(name + length, ".ini") == 0))
			return profile;
	}
	return NULL;
}

int source_read_again(const char *file, char **ret_text, size_t *ret_length)
{
	struct stat status;

	if (strncmp(file, SOURCE_BUILT_IN, strlen(SOURCE_BUILT_IN)) == 0) {
		const struct profile *profile = source_profile(file + strlen(SOURCE_BUILT_IN));

		if (profile == NULL)
			return -ENOENT;
		*ret_text = strdup(profile->text);
		*ret_length = strlen(profile->text);
		return *ret_text == NULL ? -ENOMEM : 0;
	}
	if (stat(file, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;

	cleanup_close int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : read_all(fd, ret_text, ret_length);
}

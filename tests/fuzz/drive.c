/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a libFuzzer entry without libFuzzer: on each file, and on mutations of the files that are the same
 * in every run.  Usage: FUZZER MUTATIONS FILE_OR_FOLDER...
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 16 };

struct input {
	uint8_t *data;
	size_t size;
};

static struct input *inputs;
static size_t n_inputs;

static void *check(void *memory)
{
	if (memory == NULL) {
		perror("drive");
		exit(2);
	}
	return memory;
}

static void read_input(const char *path)
{
	uint8_t *data = check(malloc(INPUT_MAX));
	FILE *file = check(fopen(path, "r"));
	size_t size = fread(data, 1, INPUT_MAX, file);

	fclose(file);
	inputs = check(reallocarray(inputs, n_inputs + 1, sizeof(*inputs)));
	inputs[n_inputs++] = (struct input){ data, size };
}

static void read_folder(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char *name = NULL;

		if (asprintf(&name, "%s/%s", path, names[i]->d_name) > 0 &&
			names[i]->d_name[0] != '.')
			read_input(name);
		free(name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* Takes bytes out, puts bytes in, changes them, or puts a piece of another input in. */
static size_t mutate(uint8_t *data, size_t size)
{
	for (long steps = 1 + random() % 5; steps > 0; steps--) {
		size_t at = (size_t)random() % (size + 1), length = (size_t)random() % 8;
		const struct input *other = &inputs[(size_t)random() % n_inputs];
		size_t from = other->size > 0 ? (size_t)random() % other->size : 0;

		switch (random() % 4) {
		case 0:
			length = MIN(length, size - at);
			memmove(data + at, data + at + length, size - at - length);
			size -= length;
			break;
		case 1:
			if (at < size)
				data[at] = (uint8_t)random();
			break;
		case 2:
			if (at < size)
				data[at] = (uint8_t) "\n[]=;: \t&|!*\\0"[random() % 14];
			break;
		default:
			length = MIN((size_t)random() % 64, other->size - from);
			if (size + length > INPUT_MAX)
				break;
			memmove(data + at + length, data + at, size - at);
			memcpy(data + at, other->data + from, length);
			size += length;
		}
	}
	return size;
}

/* A copy of exactly its size, so that a sanitizer sees a read behind the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = check(malloc(size + (size == 0)));

	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int argc, char **argv)
{
	uint8_t *data = check(malloc(INPUT_MAX));
	long mutations = argc > 1 ? atol(argv[1]) : 0;

	for (int i = 2; i < argc; i++) {
		struct stat status;

		if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
			read_folder(argv[i]);
		else
			read_input(argv[i]);
	}
	if (n_inputs == 0) {
		fprintf(stderr, "usage: %s MUTATIONS FILE_OR_FOLDER...\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < n_inputs; i++)
		run(inputs[i].data, inputs[i].size);
	srandom(1);
	for (long i = 0; i < mutations; i++) {
		const struct input *input = &inputs[(size_t)i % n_inputs];

		memcpy(data, input->data, input->size);
		run(data, mutate(data, input->size));
	}
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].data);
	free(inputs);
	free(data);
	printf("%zu files, %ld mutations\n", n_inputs, mutations);
	return 0;
}

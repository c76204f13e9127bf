/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = cpu-times: where the kernel does not count what its processors did (gVisor 20240729: all numbers in the
 * cpu lines of /proc/stat are 0, and programs divide by their sum), they have been idle since the start.
 * /proc/uptime, whose second number is 0 there, is left alone: programs keep it open, and what they read
 * again from an edited copy would stand still.
 */
#include "cpu_times.h"

#include <stdio.h>

#include "edited_file.h"
#include "emulation.h"

enum { COUNTERS = 10, IDLE = 3 /* of a cpu line: proc(5) */ };

static const char *const known_names[] = { "stat", NULL };

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return VERDICT_NEXT;
	return edited_file_enter(stop, path);
}

static bool is_cpu_line(const char *line)
{
	return strncmp(line, "cpu", 3) == 0;
}

static bool is_counted(const char *line)
{
	char end = line[strcspn(line, "123456789\n")];

	return end != '\n' && end != '\0';
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

char *cpu_times_edit(const char *text, double uptime, size_t *ret_length)
{
	char *edited = NULL;
	size_t size;
	int cpus = 0;

	/* "cpu  0 0 ...", the sum, then "cpu0 0 0 ..."; the lines at the start. The names' digits do not count. */
	if (strncmp(text, "cpu ", 4) != 0 || is_counted(text))
		return NULL;
	for (const char *line = next_line(text); is_cpu_line(line); line = next_line(line))
		cpus++;
	FILE *out = open_memstream(&edited, &size);
	if (!out)
		return NULL;
	const char *line = text;
	for (; is_cpu_line(line); line = next_line(line)) {
		int name = (int)strcspn(line, " \n");
		bool is_sum = name == 3;
		double ticks = uptime * (double)sysconf(_SC_CLK_TCK) * (is_sum ? MAX(cpus, 1) : 1);
		fprintf(out, "%.*s%s", name, line, is_sum ? " " : "");
		for (int i = 0; i < COUNTERS; i++)
			fprintf(out, " %.0f", i == IDLE ? ticks : 0);
		fputc('\n', out);
	}
	fputs(line, out);
	if (fclose(out)) {
		free(edited);
		return NULL;
	}
	*ret_length = size;
	return edited;
}

static char *edit(struct stop *stop, const void *config, const char *path, const char *text,
	size_t length, size_t *ret_length)
{
	double uptime;
	FILE *file = fopen("/proc/uptime", "re");
	bool good = file && fscanf(file, "%lf", &uptime) == 1;

	if (file)
		fclose(file);
	return good ? cpu_times_edit(text, uptime, ret_length) : NULL;
}

const struct emulation emulation_cpu_times = {
	.name = "cpu-times",
	.summary = "let processors whose time the kernel does not count have been idle",
	.default_syscalls = EDITED_FILE_SYSCALLS,
	.default_path = "/proc/stat",
	.known_names = known_names,
	.edit = edit,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = edited_file_exit,
};

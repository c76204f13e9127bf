/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = cpu-times: where the kernel does not count what its processors did (gVisor 20240729: all numbers are 0,
 * and programs divide by their sum), they have been idle since the start: /proc/stat and /proc/uptime.
 */
#include <stdio.h>

#include "edited_file.h"
#include "emulation.h"

enum { COUNTERS = 10, IDLE = 3 /* of a cpu line: proc(5) */ };

static const char in_stat[] = "/proc/stat", in_uptime[] = "/proc/uptime";

static bool may_end_in(const char *name, size_t length)
{
	return (length == 4 && memcmp(name, "stat", 4) == 0) ||
	       (length == 6 && memcmp(name, "uptime", 6) == 0);
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path) ||
		(strcmp(path, in_stat) != 0 && strcmp(path, in_uptime) != 0))
		return VERDICT_NEXT;
	return edited_file_enter(stop, path);
}

/* Seconds, and how many processors' lines /proc/stat has: both of the kernel's own. False: not to be had. */
static bool read_facts(double *ret_uptime, int *ret_cpus)
{
	FILE *file = fopen(in_uptime, "re");
	char line[4096];
	bool good = file && fscanf(file, "%lf", ret_uptime) == 1;

	if (file)
		fclose(file);
	*ret_cpus = 0;
	file = good ? fopen(in_stat, "re") : NULL;
	while (file && fgets(line, sizeof(line), file))
		*ret_cpus += strncmp(line, "cpu", 3) == 0 && line[3] != ' ';
	if (file)
		fclose(file);
	return good && *ret_cpus > 0;
}

static bool is_counted(const char *line)
{
	return line[strcspn(line, "123456789\n")] != '\n';
}

static char *edit_stat(const char *text, double uptime, int cpus, size_t *ret_length)
{
	const char *end = text;
	char *edited = NULL;
	size_t size;

	/* "cpu  0 0 ...", "cpu0 0 ...": the lines at the start. */
	if (strncmp(text, "cpu ", 4) != 0 || is_counted(text))
		return NULL;
	FILE *out = open_memstream(&edited, &size);
	if (!out)
		return NULL;
	while (strncmp(end, "cpu", 3) == 0) {
		int name = (int)strcspn(end, " \n");
		double ticks = uptime * (double)sysconf(_SC_CLK_TCK) * (name == 3 ? cpus : 1);
		fprintf(out, "%.*s%s", name, end, name == 3 ? " " : "");
		for (int i = 0; i < COUNTERS; i++)
			fprintf(out, " %.0f", i == IDLE ? ticks : 0);
		fputc('\n', out);
		end += strcspn(end, "\n");
		end += *end == '\n';
	}
	fputs(end, out);
	if (fclose(out))
		return NULL;
	*ret_length = size;
	return edited;
}

static char *edit_uptime(const char *text, int cpus, size_t *ret_length)
{
	double uptime, idle;
	char *edited;

	if (sscanf(text, "%lf %lf", &uptime, &idle) != 2 || idle > 0)
		return NULL;
	int n = asprintf(&edited, "%.2f %.2f\n", uptime, uptime * cpus);
	if (n < 0)
		return NULL;
	*ret_length = (size_t)n;
	return edited;
}

static char *edit(
	const void *config, const char *path, const char *text, size_t length, size_t *ret_length)
{
	double uptime;
	int cpus;

	if (!read_facts(&uptime, &cpus))
		return NULL;
	return strcmp(path, in_stat) == 0 ? edit_stat(text, uptime, cpus, ret_length)
					  : edit_uptime(text, cpus, ret_length);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	const char *path;

	if (stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return EXIT_DONE;
	return edited_file_exit(stop, path, edit, config);
}

const struct emulation emulation_cpu_times = {
	.name = "cpu-times",
	.summary = "let processors whose time the kernel does not count have been idle",
	.default_syscalls = EDITED_FILE_SYSCALLS,
	.default_path = "/proc/**",
	.may_end_in = may_end_in,
	.names = may_end_in,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};

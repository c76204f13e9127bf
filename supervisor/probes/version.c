/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The version that the kernel tells: programs decide by it, so here uname(2) is what is asked about. */
#include "experiments.h"

#include <ctype.h>
#include <sys/utsname.h>

enum { PARTS = 3 };

/* Reads up to three numbers with dots between them: how many, and where they end. */
static int parse_version(const char *text, unsigned long ret_parts[PARTS], const char **ret_end)
{
	int parts = 0;
	for (int part = 0; part < PARTS; part++)
		ret_parts[part] = 0;
	while (parts < PARTS && isdigit((unsigned char)*text)) {
		char *end;
		ret_parts[parts++] = strtoul(text, &end, 10);
		text = end;
		if (*text != '.' || parts == PARTS || !isdigit((unsigned char)text[1]))
			break;
		text++;
	}
	*ret_end = text;
	return parts;
}

bool version_argument_is_good(const char *argument)
{
	unsigned long parts[PARTS];
	const char *end;
	return parse_version(argument, parts, &end) >= 2 && *end == '\0';
}

int ask_kernel_older_than(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct utsname name;
	unsigned long told[PARTS], wanted[PARTS];
	const char *end;
	if (uname(&name) < 0)
		return probe_say(evidence, 0, "uname = %s", probe_errno_name(errno));
	if (parse_version(name.release, told, &end) < 2)
		return probe_say(evidence, 0, "uname: \"%s\" is no version", name.release);
	parse_version(argument, wanted, &end);
	int order = 0;
	for (int part = 0; part < PARTS && order == 0; part++)
		order = (told[part] > wanted[part]) - (told[part] < wanted[part]);
	return probe_say(evidence, order < 0, "uname: %s", name.release);
}

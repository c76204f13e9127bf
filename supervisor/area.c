/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "area.h"

#include <sys/mman.h>
#include <sys/syscall.h>

enum { ERRNO_MAX = 4095 };

const uint64_t area_mmap_args[SYSCALL_ARGS] = { 0, AREA_SLOTS *AREA_SLOT_BYTES,
	PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0 };

bool area_is_there(const struct process *process)
{
	return process->areas != NULL;
}

void area_run_mmap(struct stop *stop)
{
	stop_run(stop, SYS_mmap, area_mmap_args);
}

void area_add(struct process *process, int64_t result)
{
	if (result < 0 && result >= -ERRNO_MAX)
		return;
	struct area *area = calloc(1, sizeof(*area));
	if (!area)
		return;
	area->address = (uint64_t)result;
	area->next = process->areas;
	process->areas = area;
}

uint64_t area_take_away(struct process *process)
{
	for (struct area **link = &process->areas; *link; link = &(*link)->next) {
		struct area *area = *link;

		if (area->used || area->broken || area->retired)
			continue;
		uint64_t address = area->address;
		*link = area->next;
		free(area);
		return address;
	}
	return 0;
}

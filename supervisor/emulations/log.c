/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = log: the call is written to the log; the next rules are tried. */
#include "emulation.h"

static enum verdict on_enter(struct stop *stop, const void *config)
{
	return VERDICT_NEXT;
}

const struct emulation emulation_log = {
	.name = "log",
	.summary = "record the call in the log, and go on to the next rule",
	.on_enter = on_enter,
};

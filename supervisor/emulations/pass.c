/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = pass: an exception to the rules that follow. */
#include "emulation.h"

static enum verdict on_enter(struct stop *stop, const void *config)
{
	return VERDICT_PASS;
}

const struct emulation emulation_pass = {
	.name = "pass",
	.summary = "leave the call alone, whatever later rules say",
	.on_enter = on_enter,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emulation.h"

extern const struct emulation emulation_clone_parent, emulation_fake, emulation_join_pid,
	emulation_log, emulation_mount_options, emulation_namespace, emulation_openat2,
	emulation_pass, emulation_redirect, emulation_return, emulation_stat;

const struct emulation *const emulations[] = {
	&emulation_clone_parent,
	&emulation_fake,
	&emulation_join_pid,
	&emulation_log,
	&emulation_mount_options,
	&emulation_namespace,
	&emulation_openat2,
	&emulation_pass,
	&emulation_redirect,
	&emulation_return,
	&emulation_stat,
	NULL,
};

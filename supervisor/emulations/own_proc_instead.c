/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "own_proc_parts.h"

#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

void own_proc_act(struct stop *stop, enum own_action action, const char *path)
{
	char text[STOP_KEPT_TEXT];

	snprintf(text, sizeof(text), "%c%s", action, path);
	stop_keep_text(stop, text);
}

int own_proc_path_arg(struct stop *stop)
{
	for (int arg = 0; arg < SYSCALL_ARGS; arg++)
		if (stop_info(stop)->args[arg] == ARG_PATH)
			return arg;
	return -1;
}

/* The kernel may lack openat2; the path that is sent has no links left for its restrictions to be about. */
static bool send_openat(struct stop *stop)
{
	struct open_how how;

	if (stop_read(stop, stop_asked(stop, 2), &how, sizeof(how)))
		return false;
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 2, how.flags);
	stop_send_arg(stop, 3, how.mode);
	return true;
}

enum verdict own_proc_send_path(struct stop *stop, const char *path)
{
	uint64_t address;
	int r = stop_push(stop, path, strlen(path) + 1, &address);

	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return stop_give(stop, r);
	stop_send_arg(stop, own_proc_path_arg(stop), address);
	if (stop_syscall(stop) == SYS_openat2 && !send_openat(stop))
		return stop_give(stop, -EFAULT);
	stop_note(stop, "%s", path);
	return VERDICT_NEXT;
}

enum verdict own_proc_instead(
	struct stop *stop, const char *path, enum own_action action, const char *action_path)
{
	enum verdict verdict = own_proc_send_path(stop, path);

	if (verdict != VERDICT_NEXT)
		return verdict;
	own_proc_act(stop, action, action_path);
	return VERDICT_WATCH;
}

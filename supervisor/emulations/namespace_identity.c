/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "namespace_identity.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool tells_nothing[N_SCOPES];

const char *namespace_kind(enum sysctl_scope scope)
{
	static const char *const names[N_SCOPES] = {
		[SCOPE_NET] = "net",
		[SCOPE_IPC] = "ipc",
		[SCOPE_UTS] = "uts",
		[SCOPE_USER] = "user",
	};
	return names[scope];
}

bool namespace_identity_tells(enum sysctl_scope scope)
{
	return namespace_kind(scope) && !tells_nothing[scope];
}

uint64_t namespace_identity(pid_t tid, enum sysctl_scope scope)
{
	char path[48], link[64];
	unsigned long long number;

	if (!namespace_identity_tells(scope))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", tid, namespace_kind(scope));
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return 0;
	link[n] = '\0';
	const char *bracket = strchr(link, '[');
	return bracket && sscanf(bracket, "[%llu]", &number) == 1 ? number : 0;
}

void namespace_identity_init(pid_t sibling)
{
	const pid_t own = getpid();

	for (int scope = 0; scope < N_SCOPES; scope++)
		tells_nothing[scope] =
			namespace_identity(own, scope) != namespace_identity(sibling, scope);
}

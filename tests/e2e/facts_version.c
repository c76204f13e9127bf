/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's version. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "facts.h"

/* LINUX_VERSION_CODE in the vDSO's notes, 0: there is none. cilium/ebpf looks there. */
static uint32_t vdso_version(void)
{
	const unsigned char *base = (const void *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *header = (const void *)base;

	for (int i = 0; header && i < header->e_phnum; i++) {
		const Elf64_Phdr *part = (const void *)(base + header->e_phoff + i * sizeof(*part));
		if (part->p_type != PT_NOTE)
			continue;
		for (const unsigned char *p = base + part->p_offset, *end = p + part->p_filesz;
			p + sizeof(Elf64_Nhdr) < end;) {
			const Elf64_Nhdr *note = (const void *)p;
			const unsigned char *name = p + sizeof(*note),
					    *data = name + ((note->n_namesz + 3) & ~3U);
			if (note->n_type == 0 && note->n_descsz == 4 &&
				strcmp((const char *)name, "Linux") == 0)
				return *(const uint32_t *)data;
			p = data + ((note->n_descsz + 3) & ~3U);
		}
	}
	return 0;
}

/* Component by component with O_PATH, then again by the descriptor, as runc opens its sysctls. */
static const char *walked(const char *folder, const char *name)
{
	char link[64];
	int proc = open("/proc", O_PATH | O_DIRECTORY),
	    dir = *folder ? openat(proc, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW) : dup(proc),
	    leaf = openat(dir, name, O_PATH | O_NOFOLLOW);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", leaf);
	const char *text = leaf < 0 ? "missing" : file(link);
	close(leaf);
	close(dir);
	close(proc);
	return text;
}

static const char *by_openat2(const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
	int proc = open("/proc", O_PATH | O_DIRECTORY),
	    fd = (int)syscall(SYS_openat2, proc, path, &how, sizeof(how));

	close(proc);
	return fd < 0 && errno == ENOSYS ? "-" : text_of(fd);
}

static const char *release_in(const char *version)
{
	static char word[128];

	if (sscanf(version, "Linux version %127s", word) != 1)
		return "missing";
	return word;
}

void ask_version(void)
{
	static const char fact[] = "release";
	struct utsname name;
	char text[128] = "";
	unsigned long a = 0, b = 0, c = 0;
	uint32_t code = vdso_version();

	uname(&name);
	tell(fact, "uname(2)", "%s", name.release);
	tell(fact, "uname -r", "%s", command("/bin/busybox uname -r"));
	tell(fact, "/proc/version", "%s", release_in(file("/proc/version")));
	tell(fact, "/proc/version, walked", "%s", release_in(walked("", "version")));
	tell(fact, "/proc/version, cat", "%s",
		release_in(command("/bin/busybox cat /proc/version")));
	tell(fact, "/proc/sys/kernel/osrelease", "%s", file("/proc/sys/kernel/osrelease"));
	tell(fact, "osrelease, walked", "%s", walked("sys/kernel", "osrelease"));
	tell(fact, "osrelease, openat2", "%s", by_openat2("./sys/kernel/osrelease"));
	tell(fact, "sysctl kernel.osrelease", "%s",
		command("/bin/busybox sysctl -n kernel.osrelease"));
	sscanf(name.release, "%lu.%lu.%lu", &a, &b, &c);
	snprintf(text, sizeof(text), "%u.%u.%u", code >> 16, code >> 8 & 255, code & 255);
	if (code == 0)
		strcpy(text, "-");
	else if (code == (a << 16 | b << 8 | (c > 255 ? 255 : c)))
		strcpy(text, name.release);
	tell(fact, "the vDSO's note", "%s", text);

	/* No arguments at all: EINVAL, or EFAULT, where there is such a call. */
	bool is_there = syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS;
	tell("clone3", "the call", "%s", is_there ? "there" : "not there");

	tell("version", "uname(2)", "%s", name.version);
	tell("version", "/proc/sys/kernel/version", "%s", file("/proc/sys/kernel/version"));
	const char *whole = file("/proc/version"), *last = strstr(whole, name.version);
	tell("version", "/proc/version", "%s", last ? last : whole);
	tell("hostname", "uname(2)", "%s", name.nodename);
	tell("hostname", "/proc/sys/kernel/hostname", "%s", file("/proc/sys/kernel/hostname"));
}

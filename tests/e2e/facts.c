/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks facts about the machine in every way that a program has, and prints a line for each answer:
 *   FACT <tab> WAY <tab> VALUE
 * The ways of one fact should all give one value. "-" is a way that is not there, which contradicts nothing;
 * "missing" is one that has to be. Runs as the only process of a container, for tests/e2e/facts.
 */
#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 17 };

__attribute__((format(printf, 3, 4))) static void tell(
	const char *fact, const char *way, const char *format, ...)
{
	va_list arguments;

	printf("%s\t%s\t", fact, way);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* The text of an open file without its last newline, "missing" for none; for as long as the program runs. */
static const char *text_of(int fd)
{
	char *text = fd < 0 ? NULL : malloc(TEXT_MAX);
	size_t length = 0;

	if (!text)
		return "missing";
	for (ssize_t n; length < TEXT_MAX - 1; length += (size_t)n) {
		n = read(fd, text + length, TEXT_MAX - 1 - length);
		if (n <= 0)
			break;
	}
	close(fd);
	text[length] = '\0';
	if (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return realloc(text, length + 1);
}

static const char *file(const char *path)
{
	return text_of(open(path, O_RDONLY | O_CLOEXEC));
}

static bool is_there(const char *text)
{
	return strcmp(text, "missing") != 0;
}

/* As another program reads it: static memory. */
static const char *command(const char *line)
{
	static char text[4096];
	FILE *pipe = popen(line, "re");
	size_t n = pipe ? fread(text, 1, sizeof(text) - 1, pipe) : 0;

	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!pipe || pclose(pipe) != 0)
		return "missing";
	return text;
}

/* --- The kernel's version -------------------------------------------------------------------- */

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

static void ask_version(void)
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

	tell("version", "uname(2)", "%s", name.version);
	tell("version", "/proc/sys/kernel/version", "%s", file("/proc/sys/kernel/version"));
	const char *whole = file("/proc/version"), *last = strstr(whole, name.version);
	tell("version", "/proc/version", "%s", last ? last : whole);
	tell("hostname", "uname(2)", "%s", name.nodename);
	tell("hostname", "/proc/sys/kernel/hostname", "%s", file("/proc/sys/kernel/hostname"));
}

/* --- File systems ----------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned magic;
} types[] = { { "9p", V9FS_MAGIC }, { "cgroup", CGROUP_SUPER_MAGIC },
	{ "cgroup2", CGROUP2_SUPER_MAGIC }, { "devpts", DEVPTS_SUPER_MAGIC },
	{ "ext4", EXT4_SUPER_MAGIC }, { "mqueue", 0x19800202 },
	{ "overlay", OVERLAYFS_SUPER_MAGIC }, { "proc", PROC_SUPER_MAGIC },
	{ "sysfs", SYSFS_MAGIC }, { "tmpfs", TMPFS_MAGIC }, { "xfs", XFS_SUPER_MAGIC },
	{ "btrfs", BTRFS_SUPER_MAGIC } };

static const char *name_of_magic(unsigned magic)
{
	static char number[16];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].magic == magic)
			return types[i].name;
	snprintf(number, sizeof(number), "0x%x", magic);
	return number;
}

struct mount {
	char point[256], type[32], root[256], options[256];
	unsigned major, minor;
};

static bool contains(const char *point, const char *path)
{
	size_t n = strcmp(point, "/") == 0 ? 0 : strlen(point);

	return strncmp(point, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Linux shows a devtmpfs by statfs(2) as the tmpfs that it is made of. */
static void name_type(char type[32])
{
	if (strcmp(type, "devtmpfs") == 0)
		strcpy(type, "tmpfs");
}

/* The mount that path is in: the last of the longest ones. */
static bool find_mount(const char *path, struct mount *ret_mount)
{
	const char *text = file("/proc/self/mountinfo");
	struct mount mount;
	bool found = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *dash = strstr(line, " - ");
		if (!dash ||
			sscanf(line, "%*d %*d %u:%u %255s %255s", &mount.major, &mount.minor,
				mount.root, mount.point) != 4 ||
			sscanf(dash, " - %31s %*s %255s", mount.type, mount.options) != 2 ||
			!contains(mount.point, path) ||
			(found && strlen(mount.point) < strlen(ret_mount->point)))
			continue;
		name_type(mount.type);
		*ret_mount = mount;
		found = true;
	}
	return found;
}

static const char *type_in_mounts(const char *path, const char *point)
{
	static char type[32];
	char where[256], what[32];

	strcpy(type, "missing");
	for (const char *line = file(path); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*s %255s %31s", where, what) == 2 && strcmp(where, point) == 0)
			strcpy(type, what);
	}
	name_type(type);
	return type;
}

static bool is_known_type(const char *type)
{
	const char *text = file("/proc/filesystems");

	for (const char *p = text; (p = strstr(p, type)); p++)
		if (p > text && p[-1] == '\t' && (p[strlen(type)] == '\n' || !p[strlen(type)]))
			return true;
	return false;
}

static const char *device(unsigned major, unsigned minor)
{
	static char texts[2][32];
	static int next;

	snprintf(texts[next % 2], sizeof(texts[0]), "%u:%u", major, minor);
	return texts[next++ % 2];
}

/* path is a file or folder; what the kernel or gvtrace says of a file is by its path, and by a descriptor. */
static void ask_file_system(const char *path)
{
	char type[300], number[300];
	struct mount mount = { .type = "missing" };
	struct statfs fs;
	struct statx stx;
	struct stat st;

	snprintf(type, sizeof(type), "type of %s", path);
	snprintf(number, sizeof(number), "device of %s", path);
	if (stat(path, &st))
		return; /* the environment has none */
	find_mount(path, &mount);
	tell(type, "mountinfo", "%s", mount.type);
	tell(type, "mounts", "%s", type_in_mounts("/proc/mounts", mount.point));
	tell(type, "statfs(2)", "%s",
		statfs(path, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		tell(type, "fstatfs(2)", "%s",
			fstatfs(fd, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	close(fd);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		tell(type, "fstatfs(2), O_PATH", "%s",
			fstatfs(fd, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	close(fd);
	tell(type, "/proc/filesystems", "%s", is_known_type(mount.type) ? mount.type : "missing");

	tell(number, "mountinfo", "%s", device(mount.major, mount.minor));
	tell(number, "stat(2)", "%s", device(major(st.st_dev), minor(st.st_dev)));
	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &stx) == 0)
		tell(number, "statx(2)", "%s", device(stx.stx_dev_major, stx.stx_dev_minor));
	if (S_ISDIR(st.st_mode)) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0)
			tell(number, "fstat(2)", "%s", device(major(st.st_dev), minor(st.st_dev)));
		close(fd);
	}
}

/* --- Control groups --------------------------------------------------------------------------- */

enum { CONTROLLERS_MAX = 32 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted words, by blanks; words[] are copies. */
static void tell_words(const char *fact, const char *way, char **words, int n)
{
	printf("%s\t%s\t", fact, way);
	qsort(words, (size_t)n, sizeof(*words), compare);
	for (int i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", words[i]);
	puts(n ? "" : "none");
}

static void ask_controllers_v1(void)
{
	static const char fact[] = "cgroup controllers";
	char *words[CONTROLLERS_MAX], name[64], path[512], root[256], list[256];
	int n = 0, id, hierarchy, enabled;
	const char *line;

	for (line = file("/proc/cgroups"); line && n < CONTROLLERS_MAX; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63s %d %d %d", name, &hierarchy, &id, &enabled) == 4 &&
			enabled && hierarchy)
			words[n++] = strdup(name);
	}
	tell_words(fact, "/proc/cgroups", words, n);
	n = 0;
	for (line = file("/proc/self/cgroup"); line && n < CONTROLLERS_MAX;
		line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%d:%63[^:]:", &id, name) != 2)
			continue;
		for (char *save, *word = strtok_r(name, ",", &save); word && n < CONTROLLERS_MAX;
			word = strtok_r(NULL, ",", &save))
			if (!strchr(word, '='))
				words[n++] = strdup(word);
	}
	tell_words(fact, "/proc/self/cgroup", words, n);
	n = 0;
	for (line = file("/proc/self/mountinfo"); line && n < CONTROLLERS_MAX;
		line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *dash = strstr(line, " - ");
		if (!dash || strncmp(dash, " - cgroup ", 10) != 0 ||
			sscanf(dash, " - cgroup %*s %255s", list) != 1 ||
			sscanf(line, "%*d %*d %*s %255s %255s", root, path) != 2)
			continue;
		for (char *save, *word = strtok_r(list, ",", &save); word && n < CONTROLLERS_MAX;
			word = strtok_r(NULL, ",", &save))
			if (strcmp(word, "rw") != 0 && strcmp(word, "ro") != 0 &&
				!strchr(word, '=') && strcmp(word, "xattr") != 0)
				words[n++] = strdup(word);
	}
	tell_words(fact, "mountinfo", words, n);
}

/* Whether this process is in the group that /proc/self/cgroup names, found through the mount's root. */
static void ask_place(void)
{
	char controllers[256], group[256], path[600], folder[300], fact[300];
	struct mount mount;
	const char *line = file("/proc/self/cgroup");
	int id;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		group[0] = controllers[0] = '\0';
		if (sscanf(line, "%d:%255[^:]:%255s", &id, controllers, group) != 3 &&
			sscanf(line, "%d::%255s", &id, group) != 2)
			continue;
		snprintf(folder, sizeof(folder), "/sys/fs/cgroup/%s", controllers);
		snprintf(fact, sizeof(fact), "place in %s", *controllers ? controllers : "cgroup2");
		if (access(folder, F_OK) || !find_mount(folder, &mount) ||
			strncmp(mount.type, "cgroup", 6) != 0)
			continue;
		/* The group's path below the mount's root; a group outside of it cannot be seen. */
		size_t n = strcmp(mount.root, "/") == 0 ? 0 : strlen(mount.root);
		bool inside = strncmp(group, mount.root, n) == 0;
		snprintf(path, sizeof(path), "%s%s/cgroup.procs", folder, inside ? group + n : "");
		const char *procs = file(path);
		bool found = false;
		for (const char *p = procs; *p; p += strcspn(p, "\n"), p += *p == '\n')
			found |= atoi(p) == getpid();
		tell(fact, "/proc/self/cgroup", "%s", inside ? "there" : group);
		tell(fact, "cgroup.procs", "%s",
			found             ? "there"
			: is_there(procs) ? "not there"
					  : "missing");
	}
}

static void ask_cgroups(void)
{
	struct statfs fs;
	struct mount mount = { .type = "none" };
	char link[64];
	const char *own = file("/proc/self/cgroup");

	if (statfs("/sys/fs/cgroup", &fs))
		return;
	bool is_v2 = fs.f_type == CGROUP2_SUPER_MAGIC;
	const char *type = is_v2 ? "cgroup2" : "cgroup";
	tell("cgroup version", "statfs(2)", "%s", type);
	find_mount(is_v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", &mount);
	tell("cgroup version", "mountinfo", "%s", mount.type);
	tell("cgroup version", "/proc/filesystems", "%s", is_known_type(type) ? type : "missing");
	tell("cgroup version", "/proc/self/cgroup", "%s",
		strstr(own, ":memory") || strstr(own, ",memory") ? "cgroup" : "cgroup2");
	if (!is_v2)
		ask_controllers_v1();
	ask_place();

	/* Whether there are such namespaces, told by the links. */
	struct stat st;
	ssize_t n = readlink("/proc/self/ns/cgroup", link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	tell("cgroup namespace", "readlink", "%s",
		strncmp(link, "cgroup:[", 8) == 0 ? "yes" : "no");
	tell("cgroup namespace", "lstat", "%s", lstat("/proc/self/ns/cgroup", &st) ? "no" : "yes");
	tell("cgroup namespace", "open", "%s",
		is_there(file("/proc/self/ns/cgroup")) ? "yes" : "no");
	bool listed = false;
	DIR *folder = opendir("/proc/self/ns");
	for (const struct dirent *entry; folder && (entry = readdir(folder));)
		listed |= strcmp(entry->d_name, "cgroup") == 0;
	if (folder)
		closedir(folder);
	tell("cgroup namespace", "listing", "%s", listed ? "yes" : "no");
}

/* --- Processors, memory, time ----------------------------------------------------------------- */

/* How many numbers a list such as "0-3,5" names. */
static int count_list(const char *list)
{
	int count = 0;

	while (isdigit((unsigned char)*list)) {
		char *end;
		long from = strtol(list, &end, 10), to = from;
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		count += (int)(to - from + 1);
		list = end + (*end == ',');
	}
	return count;
}

static void tell_list(const char *path)
{
	const char *list = file(path);

	if (is_there(list))
		tell("processors", path, "%d", count_list(list));
	else
		tell("processors", path, "-");
}

static int count_lines(const char *text, const char *start, bool digit)
{
	int n = 0;
	size_t length = strlen(start);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += strncmp(line, start, length) == 0 &&
		     (!digit || isdigit((unsigned char)line[length]));
	}
	return n;
}

static void ask_processors(void)
{
	static const char fact[] = "processors";
	cpu_set_t set;
	int folders = 0;
	const char *allowed = strstr(file("/proc/self/status"), "Cpus_allowed_list:");

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	tell(fact, "sched_getaffinity(2)", "%d", CPU_COUNT(&set));
	tell(fact, "sysconf", "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	tell(fact, "nproc", "%s", command("/bin/busybox nproc"));
	tell_list("/sys/devices/system/cpu/online");
	tell_list("/sys/devices/system/cpu/present");
	tell_list("/sys/fs/cgroup/cpuset/cpuset.cpus");
	DIR *folder = opendir("/sys/devices/system/cpu");
	for (const struct dirent *entry; folder && (entry = readdir(folder));)
		folders += strncmp(entry->d_name, "cpu", 3) == 0 &&
			   isdigit((unsigned char)entry->d_name[3]);
	if (folder)
		closedir(folder);
	tell(fact, "/sys/devices/system/cpu/cpuN", "%d", folders);
	tell(fact, "/proc/cpuinfo", "%d", count_lines(file("/proc/cpuinfo"), "processor", false));
	tell(fact, "/proc/stat", "%d", count_lines(file("/proc/stat"), "cpu", true));
	if (allowed)
		tell(fact, "/proc/self/status", "%d",
			count_list(allowed + strcspn(allowed, "0123456789")));
}

static unsigned long long number_after(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found ? strtoull(found + strlen(name), NULL, 10) : 0;
}

static void ask_memory(void)
{
	struct sysinfo info;
	const char *meminfo = file("/proc/meminfo");

	sysinfo(&info);
	tell("memory", "/proc/meminfo", "%llu KiB", number_after(meminfo, "MemTotal:"));
	tell("memory", "sysinfo(2)", "%llu KiB",
		(unsigned long long)info.totalram * info.mem_unit / 1024);
	tell("memory", "free", "%llu KiB",
		number_after(command("/bin/busybox free | /bin/busybox grep Mem"), "Mem:"));
	tell("swap", "/proc/meminfo", "%llu KiB", number_after(meminfo, "SwapTotal:"));
	tell("swap", "sysinfo(2)", "%llu KiB",
		(unsigned long long)info.totalswap * info.mem_unit / 1024);
}

/* "same" if within so many seconds of what is compared with, else the number. */
static void tell_near(const char *fact, const char *way, double value, double other, double within)
{
	if (value - other <= within && other - value <= within)
		tell(fact, way, "same");
	else
		tell(fact, way, "%.2f s, not %.2f s", value, other);
}

static void ask_time(void)
{
	struct timespec boot, now;
	struct sysinfo info;
	double uptime = 0, idle = 0;
	unsigned long long idle_ticks = 0;
	const char *stat = file("/proc/stat");

	clock_gettime(CLOCK_BOOTTIME, &boot);
	sscanf(file("/proc/uptime"), "%lf %lf", &uptime, &idle);
	clock_gettime(CLOCK_REALTIME, &now);
	sysinfo(&info);
	tell("uptime", "/proc/uptime", "same");
	tell_near("uptime", "clock_gettime(2)", (double)boot.tv_sec, uptime, 2);
	tell_near("uptime", "sysinfo(2)", (double)info.uptime, uptime, 2);
	tell_near("uptime", "/proc/stat", (double)now.tv_sec - (double)number_after(stat, "btime "),
		uptime, 2);
	sscanf(stat, "cpu %*u %*u %*u %llu", &idle_ticks);
	tell("idle time", "/proc/uptime", "same");
	/* Half a second in each processor's time: the two are read one after the other. */
	tell_near("idle time", "/proc/stat", (double)idle_ticks / (double)sysconf(_SC_CLK_TCK),
		idle, 0.5 * (double)sysconf(_SC_NPROCESSORS_ONLN));
}

int main(int argc, char **argv)
{
	static const char *const paths[] = { "/", "/proc", "/proc/self", "/proc/version",
		"/proc/stat", "/proc/self/mountinfo", "/proc/sys/kernel/osrelease",
		"/proc/sys/vm/panic_on_oom", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
		"/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys/fs/cgroup",
		"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/memory.stat",
		"/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu", "/sys/fs/cgroup/memory.oom.group",
		"/tmp" };

	ask_version();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		ask_file_system(paths[i]);
	ask_cgroups();
	ask_processors();
	ask_memory();
	ask_time();
	puts("end\tof\tfacts");
	return 0;
}

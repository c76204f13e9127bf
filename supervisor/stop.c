/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stop.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lookup.h"
#include "tracee_mem.h"

/* Stops that ended, for the next calls: the way to a stop allocates only for more calls at once. A stop is large, so those of a
 * rare crowd are not kept. */
enum { FREE_STOPS_MAX = 16 };
static struct stop *free_stops;
static unsigned n_free_stops;
static struct fakeprocsys *fake_tree;

void stop_use_fakeprocsys(struct fakeprocsys *tree)
{
	fake_tree = tree;
}

struct fakeprocsys *stop_fakeprocsys(struct stop *stop)
{
	return fake_tree;
}

struct stop *stop_begin(struct tracee *tracee, const struct regs *regs)
{
	struct stop *stop = free_stops;

	if (stop) {
		free_stops = stop->next_free;
		n_free_stops--;
	} else if (!(stop = malloc(sizeof(*stop)))) {
		return NULL;
	}
	stop->tracee = tracee;
	stop->asked = *regs;
	stop->info = syscall_info(regs_syscall(regs));
	stop->tries = 0;
	stop->knows_offset = false;
	stop->area = NULL;
	stop->expects_child = false;
	stop->start_ns = 0;
	stop->texts = NULL;
	for (int i = 0; i < STOP_PATHS; i++)
		stop->paths[i].arg = -1;
	stop->next_path = 0;
	stop_reset(stop);
	tracee->stop = stop;
	return stop;
}

static void give_slot_back(struct stop *stop)
{
	struct area *area = stop->area;

	if (!area)
		return;
	stop->area = NULL;
	area->used &= ~(UINT32_C(1) << stop->slot);
	if (area->retired && area->used == 0)
		free(area);
}

void stop_reset(struct stop *stop)
{
	give_slot_back(stop);
	stop->now = stop->asked;
	stop->edited = stop->skipped = false;
	stop->moves_offset = stop->names_cwd = stop->tells_link = false;
	stop->wants_area = stop->wants_run = stop->running = false;
	stop->step = 0;
	stop->kept = 0;
	memset(stop->kept_text, 0, sizeof(stop->kept_text));
	stop->result = 0;
	stop->kernel_result = 0;
	stop->pushed = 0;
	stop->rule = stop->log_rule = NULL;
	stop->path_args = 0;
	stop->detour = DETOUR_NONE;
	stop_has_run(stop);
	stop->keeps_answers = true;
	stop->grows = stop->must_grow = stop->grows_late = false;
	stop->growing = GROW_BEGINS;
	stop->note[0] = '\0';
}

void stop_has_run(struct stop *stop)
{
	stop->keeps_answers = stop->fd_path_is_kept = false;
	stop->kept_length = 0;
	stop->n_links = 0;
	stop->type_name[0] = '\0';
}

void stop_end(struct tracee *tracee)
{
	struct stop *stop = tracee->stop;

	if (!stop)
		return;
	give_slot_back(stop);
	free(stop->texts);
	tracee->stop = NULL;
	if (n_free_stops == FREE_STOPS_MAX) {
		free(stop);
		return;
	}
	stop->next_free = free_stops;
	free_stops = stop;
	n_free_stops++;
}

long stop_syscall(const struct stop *stop)
{
	return regs_syscall(&stop->asked);
}

const struct syscall_info *stop_info(const struct stop *stop)
{
	return stop->info;
}

uint64_t stop_asked(const struct stop *stop, int arg)
{
	return regs_arg(&stop->asked, arg);
}

pid_t stop_tid(const struct stop *stop)
{
	return stop->tracee->tid;
}

unsigned stop_path_args(const struct stop *stop)
{
	return stop->path_args;
}

int stop_read(struct stop *stop, uint64_t address, void *ret_data, size_t length)
{
	if (length > 0 && length <= stop->kept_length && address == stop->kept_address) {
		memcpy(ret_data, stop->kept_read, length);
		return 0;
	}
	int r = tracee_mem_read(stop->tracee->tid, address, ret_data, length);
	if (r == 0 && stop->keeps_answers && length <= STOP_KEPT_READ) {
		memcpy(stop->kept_read, ret_data, length);
		stop->kept_address = address;
		stop->kept_length = length;
	}
	return r;
}

int stop_write(struct stop *stop, uint64_t address, const void *data, size_t length)
{
	stop->kept_length = 0;
	return tracee_mem_write(stop->tracee->tid, address, data, length);
}

ssize_t stop_read_string(struct stop *stop, uint64_t address, char *ret_text, size_t size)
{
	return tracee_mem_read_string(stop->tracee->tid, address, ret_text, size);
}

static int open_proc(struct stop *stop, const char *name, int flags)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "/proc/%d/%s", stop->tracee->tid, name) >=
		(int)sizeof(path))
		return -ENAMETOOLONG;
	int fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* How much of name is "root", "cwd" or "fd/N", if it goes on below that, in the program's file systems; else 0. */
static size_t base_length(const char *name)
{
	size_t length = strcspn(name, "/");

	if (strncmp(name, "fd/", 3) == 0)
		length = 3 + strcspn(name + 3, "/");
	else if (strncmp(name, "root/", 5) != 0 && strncmp(name, "cwd/", 4) != 0)
		return 0;
	return name[length] ? length : 0;
}

/* A folder for lookup.h; -errno. */
static int open_base(struct stop *stop, const char *name, size_t length)
{
	char base[16];

	if (snprintf(base, sizeof(base), "%.*s", (int)length, name) >= (int)sizeof(base))
		return -ENAMETOOLONG;
	return open_proc(stop, base, O_PATH | O_DIRECTORY);
}

int stop_open_proc(struct stop *stop, const char *name, int flags)
{
	size_t length = lookup_is_careful() ? base_length(name) : 0;

	if (!length && (strncmp(name, "fd/", 3) != 0 || (flags & O_PATH) || !lookup_is_careful()))
		return open_proc(stop, name, flags);
	const int kept = O_DIRECTORY | O_NOFOLLOW;
	cleanup_close int base = length ? open_base(stop, name, length) : -1;
	if (length && base < 0)
		return base;
	cleanup_close int place =
		length ? lookup_open(base, name + length + 1, O_PATH | (flags & kept))
		       : open_proc(stop, name, O_PATH);
	if (place < 0 || (flags & O_PATH))
		return steal_fd(&place);
	return lookup_reopen(place, flags & ~kept);
}

/* Reads a link of procfs itself. What an emulation or rule has asked before is not asked again while the thread is stopped. */
static ssize_t read_link(struct stop *stop, const char *name, const struct stop_link **ret_link)
{
	char path[64];

	for (size_t i = 0; i < MIN(stop->n_links, STOP_LINKS); i++) {
		*ret_link = &stop->links[i];
		if (strcmp((*ret_link)->name, name) == 0)
			return 0;
	}
	struct stop_link *link = &stop->links[stop->n_links % STOP_LINKS];
	snprintf(path, sizeof(path), "/proc/%d/%s", stop->tracee->tid, name);
	ssize_t n = readlink(path, link->text, sizeof(link->text) - 1);
	if (n < 0) {
		link->name[0] = '\0';
		return -errno;
	}
	strcpy(link->name, name);
	link->length = (size_t)n;
	link->text[n] = '\0';
	stop->n_links++;
	*ret_link = link;
	return 0;
}

ssize_t stop_read_proc_link(struct stop *stop, const char *name, char *ret_text, size_t size)
{
	const struct stop_link *link = NULL;
	size_t length = base_length(name);
	char path[PATH_MAX];

	if (length && lookup_is_careful()) {
		cleanup_close int base = open_base(stop, name, length);
		return base < 0 ? base : lookup_link(base, name + length + 1, ret_text, size);
	}
	if (!length && strlen(name) < sizeof(link->name)) {
		ssize_t r = read_link(stop, name, &link);
		if (r)
			return r;
		length = MIN(link->length, size - 1);
		memcpy(ret_text, link->text, length);
		ret_text[length] = '\0';
		return (ssize_t)length;
	}
	if (snprintf(path, sizeof(path), "/proc/%d/%s", stop->tracee->tid, name) >=
		(int)sizeof(path))
		return -ENAMETOOLONG;
	ssize_t n = readlink(path, ret_text, size - 1);
	if (n < 0)
		return -errno;
	ret_text[n] = '\0';
	return n;
}

int stop_statfs(int place, struct statfs *ret_fs)
{
	return lookup_statfs(place, ret_fs);
}

dev_t stop_device(int place)
{
	return lookup_device(place);
}

dev_t stop_device_of(struct stop *stop, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	if (lookup_is_careful()) {
		cleanup_close int place = stop_open_proc(stop, name, O_PATH);
		return place < 0 ? 0 : lookup_device(place);
	}
	return snprintf(path, sizeof(path), "/proc/%d/%s", stop->tracee->tid, name) >=
				       (int)sizeof(path) ||
			       stat(path, &status)
		       ? 0
		       : status.st_dev;
}

ssize_t stop_read_file(struct stop *stop, const char *name, char *ret_text, size_t size)
{
	cleanup_close int fd =
		stop_open_proc(stop, name, lookup_flags(O_RDONLY | O_NONBLOCK | O_NOCTTY));

	return fd < 0 ? fd : lookup_read(fd, ret_text, size);
}

int stop_first_name(
	struct stop *stop, const char *name, char *ret_name, bool *ret_is_file, int64_t *ret_type)
{
	cleanup_close int fd =
		stop_open_proc(stop, name, lookup_flags(O_RDONLY) | O_DIRECTORY | O_NOFOLLOW);

	return fd < 0 ? fd : lookup_first_name(fd, ret_name, ret_is_file, ret_type);
}

void stop_send_syscall(struct stop *stop, long nr)
{
	regs_set_syscall(&stop->now, nr);
	stop->edited = true;
}

void stop_send_arg(struct stop *stop, int arg, uint64_t value)
{
	regs_set_arg(&stop->now, arg, value);
	stop->edited = true;
}

static bool take_slot(struct stop *stop)
{
	struct process *process = tracee_process(stop->tracee);

	for (struct area *area = process ? process->areas : NULL; area; area = area->next) {
		if (area->broken || area->used == (UINT32_C(1) << AREA_SLOTS) - 1)
			continue;
		stop->slot = __builtin_ctz(~area->used);
		area->used |= UINT32_C(1) << stop->slot;
		stop->area = area;
		stop->pushed = 0;
		return true;
	}
	return false;
}

int stop_push(struct stop *stop, const void *data, size_t length, uint64_t *ret_address)
{
	if (!stop->area && !take_slot(stop)) {
		if (stop->tries >= 2)
			return -ENOMEM;
		stop->wants_area = true;
		return -EAGAIN;
	}
	size_t offset = (stop->pushed + 15) & ~(size_t)15;
	if (length > AREA_SLOT_BYTES - offset)
		return -ENOMEM;
	uint64_t address = stop->area->address + (uint64_t)stop->slot * AREA_SLOT_BYTES + offset;
	int r = stop_write(stop, address, data, length);
	if (r == -EFAULT && stop->tries < 2) {
		/* The program has unmapped what is not its own: once more, with new memory. */
		stop->area->broken = true;
		give_slot_back(stop);
		stop->wants_area = true;
		return -EAGAIN;
	}
	if (r)
		return r;
	stop->pushed = offset + length;
	*ret_address = address;
	return 0;
}

int64_t stop_result(const struct stop *stop)
{
	return stop->result;
}

void stop_set_result(struct stop *stop, int64_t result)
{
	stop->result = result;
}

/* The length counts the NUL. */
void stop_give_cwd(struct stop *stop, const char *path)
{
	size_t length = strlen(path) + 1;

	if (length > stop_asked(stop, 1))
		stop_set_result(stop, -ERANGE);
	else if (stop_write(stop, stop_asked(stop, 0), path, length))
		stop_set_result(stop, -EFAULT);
	else
		stop_set_result(stop, (int64_t)length);
}

void stop_run(struct stop *stop, long nr, const uint64_t args[SYSCALL_ARGS])
{
	stop->wants_run = true;
	stop->run_nr = nr;
	memcpy(stop->run_args, args, sizeof(stop->run_args));
}

int64_t stop_sent_result(const struct stop *stop)
{
	return stop->kernel_result;
}

void stop_keep(struct stop *stop, int64_t value)
{
	stop->kept = value;
}

int64_t stop_kept(const struct stop *stop)
{
	return stop->kept;
}

void stop_keep_text(struct stop *stop, const char *text)
{
	snprintf(stop->kept_text, sizeof(stop->kept_text), "%s", text);
}

const char *stop_kept_text(const struct stop *stop)
{
	return stop->kept_text;
}

void *stop_state(struct stop *stop)
{
	return stop->kept_text;
}

int stop_step(const struct stop *stop)
{
	return stop->step;
}

void stop_note(struct stop *stop, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(stop->note, sizeof(stop->note), format, args);
	va_end(args);
}

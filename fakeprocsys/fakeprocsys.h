/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The generated tree below /proc/sys: which files there are, what they hold, what may be written to
 * them, and whose value it is. Knows nothing of ptrace, rules or system calls; asks the kernel only
 * where a function says so. Paths are below /proc/sys, without a leading slash: "kernel/panic"; ""
 * is /proc/sys itself.
 */
#ifndef GVTRACE_FAKEPROCSYS_H
#define GVTRACE_FAKEPROCSYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum {
	SYSCTL_VALUE_MAX = 4096, /* bytes; the kernel's own buffer is one page */
	SYSCTL_PATH_MAX = 256, /* bytes, with the NUL */
};

/* The namespace that a value belongs to on Linux. */
enum sysctl_scope { SCOPE_SYSTEM, SCOPE_NET, SCOPE_IPC, SCOPE_UTS, SCOPE_USER, N_SCOPES };

/* Who asks: an identity of each namespace it is in (the number in /proc/PID/ns/ links; 0 where the
 * kernel has no such link), and a /proc/PID folder to ask for its interfaces, -1 if none. */
struct sysctl_viewer {
	uint64_t namespaces[N_SCOPES];
	int proc_fd; /* borrowed: of /proc/PID, or -1; its network namespace has the <if> folders */
};

enum sysctl_kind { SYSCTL_NONE, SYSCTL_FOLDER, SYSCTL_FILE };

struct sysctl_node {
	enum sysctl_kind kind;
	mode_t mode; /* permission bits: 0644, 0444, 0555 ... */
	enum sysctl_scope scope;
	bool optional; /* a module's, a config option's: a Linux that lacks it has no fault */
	bool reads_on; /* a text, of which a read behind the file's start gives the rest; of numbers it gives nothing */
	bool changed; /* the viewer sees a value written, or set as a first one */
};

struct fakeprocsys *fakeprocsys_create(void);
void fakeprocsys_destroy(struct fakeprocsys *tree);

/*
 * Checks name (dots or slashes, as sysctl.conf(5)) and value, and, with tree != NULL, makes it the
 * first value in every namespace. Returns 0; -ENOENT: nobody knows the name (a nearest one may
 * stand in ret_near); -EINVAL: the kernel would refuse the value (ret_why says what it takes).
 * ret_why and ret_near may be NULL, else of SYSCTL_PATH_MAX bytes.
 */
int fakeprocsys_set_first(struct fakeprocsys *tree, const char *name, const char *value,
	char *ret_why, char *ret_near);

/*
 * The path of the file that such a name is of. *ret_elsewhere: its value shows at other paths, too, as that of "default" does for
 * interfaces. Returns 0; -ENOENT: too long to be one's name (nothing else is looked at).
 */
int fakeprocsys_path_from_name(
	const char *name, char ret_path[SYSCTL_PATH_MAX], bool *ret_elsewhere);

/* What path is to the viewer. Never fails: SYSCTL_NONE. */
struct sysctl_node fakeprocsys_lookup(
	struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer);

/*
 * Could a path that ends in this name be in the tree? A cheap "no" for the hot path. Any short name
 * may be an interface's; only one with a dot before a letter at its end ("libc.so") is not taken
 * for one.
 */
bool fakeprocsys_may_end_in(const char *name, size_t length);

/*
 * Is it a name of the tree (interfaces' names apart) that the kernel may lack: a file's, or one of a folder that is not
 * there? Asked of the kernel once for each name.
 */
bool fakeprocsys_lacks_name(const char *name, size_t length);

/* All names for which that is true; perhaps several times. */
void fakeprocsys_each_lacking_name(
	void (*each)(const char *name, size_t length, void *data), void *data);

/*
 * The file's content, with its newline: its length, -ENOENT, or -EACCES (it can only be written).
 * While no value was set: what the kernel's own file says, if it can be read and the viewer shares
 * the namespace with this process, else the catalogue's first value.
 */
ssize_t fakeprocsys_read(struct fakeprocsys *tree, const char *path,
	const struct sysctl_viewer *viewer, char ret_content[SYSCTL_VALUE_MAX]);

/*
 * What write(2) of data at an offset of the file does. At its start: sets the whole value. Behind it, as
 * sysctl_writes_strict of proc_sys(5) has it: a text goes on there, unless that is behind its end; a set of ports
 * (as ip_local_reserved_ports) gets more; of numbers nothing changes. *offset becomes what the descriptor's is then. Returns the bytes taken, which for
 * numbers may be fewer than there are (of length, only SYSCTL_VALUE_MAX are looked at); -EINVAL, -ERANGE or -ENOENT (an unknown name of an algorithm) as the kernel
 * would; -ENOENT: no such file; -EACCES: mode 0444; -ENOMEM: too many values. After an error a vector may have
 * changed up to its bad number, as in the kernel. Measured on Linux 6.18.
 */
ssize_t fakeprocsys_write(struct fakeprocsys *tree, const char *path,
	const struct sysctl_viewer *viewer, uint64_t *offset, const char *data, size_t length);

/*
 * Calls each() for every name in the folder, without "." and ".."; ends early when it returns
 * non-zero, and returns that; -ENOENT if there is no such folder.
 */
int fakeprocsys_list(struct fakeprocsys *tree, const char *path, const struct sysctl_viewer *viewer,
	int (*each)(const char *name, const struct sysctl_node *node, void *data), void *data);

/* A namespace with this identity was just made (numbers are used again): forget old values. */
void fakeprocsys_namespace_new(
	struct fakeprocsys *tree, enum sysctl_scope scope, uint64_t identity);
/* Forget values of namespaces for which alive() says no. Call it now and then. */
void fakeprocsys_collect(struct fakeprocsys *tree,
	bool (*alive)(enum sysctl_scope scope, uint64_t identity, void *data), void *data);

/*
 * How the kernel's own file below /proc/sys behaves for this process: an experiment, its answer
 * kept. A file of an interface is tried below lo, which is everywhere. What this user may not do by
 * the file's mode is no fault. For writing, the value just read is written back, unless that would
 * do something.
 */
enum kernel_file {
	KERNEL_FILE_WORKS,
	KERNEL_FILE_MISSING,
	KERNEL_FILE_NOT_READABLE,
	KERNEL_FILE_NOT_WRITABLE, /* reads; writing back what was just read fails */
};
enum kernel_file fakeprocsys_kernel_file(
	struct fakeprocsys *tree, const char *path, bool for_writing);

/*
 * The first entry, not optional, whose kernel's own file is missing or refuses what its mode
 * allows, with its answer; NULL when this kernel lacks nothing. The evidence of the probe
 * "sysctls-missing".
 */
const char *fakeprocsys_first_lacking(enum kernel_file *ret_how);

/* Writes the whole tree as plain files below the folder (made if missing). 0 or -errno. */
int fakeprocsys_make_tree(struct fakeprocsys *tree, const char *folder);

#endif

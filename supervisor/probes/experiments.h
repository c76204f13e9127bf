/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The experiments, and what they share. Everything here runs in a process made for questions. */
#ifndef GVTRACE_EXPERIMENTS_H
#define GVTRACE_EXPERIMENTS_H

#include "probe.h"
#include "util.h"
#include <sys/types.h>

enum { PROBE_FOLDER_MAX = 64 };

/* Writes the evidence, and returns the answer: `return probe_say(evidence, 1, "...")`. */
int probe_say(char evidence[PROBE_EVIDENCE_MAX], int yes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Whether this process is the experiment's own, to change what it likes in it. One that changes_late (probe.h) and is not
 * alone returns PROBE_NOT_ALONE before it changes anything: it is made again, alone.
 */
enum { PROBE_NOT_ALONE = -1 };
bool probe_is_alone(void);

/* The name of an errno value, "ENOENT"; never NULL. */
const char *probe_errno_name(int error);

/* Whether /proc is a proc filesystem at all: a root folder may have none, which says nothing of the kernel. */
bool probe_proc_is_there(void);

/*
 * unshare(2), in a user namespace of its own if an ordinary user may not otherwise. Returns 0, -EPERM where
 * neither is permitted, or -errno of the first.
 */
int probe_enter_namespaces(int flags) MUST_CHECK;

/*
 * The same for a mount namespace, whose mounts then do not come back to the old one. *ret_changed: the
 * kernel gave it another identity than the old one's; false where it only said that it made one.
 */
int probe_enter_mount_namespace(bool *ret_changed) MUST_CHECK;
/* This process is a new one, in its maker's namespaces; in the one that it enters by the function above it then stays. */
void probe_forget_namespaces(void);

/*
 * An empty folder to mount on, named after the process group, whose leader is the asker's child. Returns 0,
 * or -errno. The experiment takes it away with whatever is mounted there; for a dead child, whatever it made, the asker
 * removes it by the group.
 */
int probe_folder_make(char ret_path[PROBE_FOLDER_MAX]) MUST_CHECK;
void probe_folder_take_away(const char *path);
void probe_folder_remove(pid_t group);

/* The arguments asked for so far of a probe, for the report: NULL when there is no such index. */
const char *probe_asked_argument(const struct probe *probe, size_t index);

bool version_argument_is_good(const char *argument);
bool cgroup_argument_is_good(const char *argument);

int ask_kernel_older_than(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_bridge_port_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_cgroup_lacks(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_cgroup_path_outside(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_cgroup_removal_not_empty(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_clone_parent_ignored(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_default_route_hidden(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_devpts_mode(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_fifo_open_not_restarted(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_keys_kept(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_keyctl_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_link_state_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_mount_move_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_namespace_bind_not_recursive(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_ambient_capabilities(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_cgroup_namespace(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_controlling_terminal(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_copy_file_range(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_cpu_times(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_freezer_cgroup(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_fsopen(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_kmsg(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_mount_namespace(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_mount_setattr(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_statx_mount_id(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_openat2(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_no_tcgets2(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_open_tree_refuses_files(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_pid_namespace_not_joined(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_pipe_mode_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_proc_root_inode(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_root_is_9p(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_root_holds_no_upper(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_route_source_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_routes_not_deleted(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_setlink_refuses_create(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_siocsifflags_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_sysctls_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_tmpfs_nr_inodes(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_umount_not_here(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);
int ask_user_namespace_number(const char *argument, char evidence[PROBE_EVIDENCE_MAX]);

#endif

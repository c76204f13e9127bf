/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x86-64, all numbers given up to 471, those of calls long removed included: a program may still
 * make them, and the log should name them. Sources: arch/x86/entry/syscalls/syscall_64.tbl for numbers,
 * SYSCALL_DEFINE of each call for arguments, strace's sets for classes. See docs/adding-a-syscall.md.
 */
#include "syscall_table.h"

#include <sys/syscall.h>

/* Numbers younger than the oldest headers that gvtrace is built with. */
#ifndef SYS_uretprobe
#define SYS_uretprobe 335
#endif
#ifndef SYS_uprobe
#define SYS_uprobe 336
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_map_shadow_stack
#define SYS_map_shadow_stack 453
#endif
#ifndef SYS_futex_wake
#define SYS_futex_wake 454
#endif
#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif
#ifndef SYS_futex_requeue
#define SYS_futex_requeue 456
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef SYS_lsm_get_self_attr
#define SYS_lsm_get_self_attr 459
#endif
#ifndef SYS_lsm_set_self_attr
#define SYS_lsm_set_self_attr 460
#endif
#ifndef SYS_lsm_list_modules
#define SYS_lsm_list_modules 461
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif
#ifndef SYS_listxattrat
#define SYS_listxattrat 465
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat 466
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_file_getattr
#define SYS_file_getattr 468
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif
#ifndef SYS_listns
#define SYS_listns 470
#endif
#ifndef SYS_rseq_slice_yield
#define SYS_rseq_slice_yield 471
#endif

#define D ARG_DIRFD
#define F ARG_FD
#define I ARG_IN
#define O ARG_OUT
#define P ARG_PATH
#define S ARG_STRING
#define V ARG_VALUE

#define FILE SYSCALL_FILE
#define DESC SYSCALL_DESC
#define PROC SYSCALL_PROCESS
#define NET SYSCALL_NETWORK
#define SIGNAL SYSCALL_SIGNAL
#define MEMORY SYSCALL_MEMORY
#define IPC SYSCALL_IPC
#define CREDS SYSCALL_CREDS
#define CLOCK SYSCALL_CLOCK
#define STAT SYSCALL_STAT_LIKE
#define STATFS SYSCALL_STATFS_LIKE

/* The name stands once, so that it cannot differ from its number. */
#define CALL(name, classes, ...) [SYS_##name] = { #name, { __VA_ARGS__ }, classes }

/* clang-format off: one call per line, whatever its width */
const struct syscall_info syscall_table[SYSCALL_MAX] = {
	CALL(read, DESC, F, O, V),
	CALL(write, DESC, F, I, V),
	CALL(open, FILE | DESC, P, V, V),
	CALL(close, DESC, F),
	CALL(stat, FILE | STAT, P, O),
	CALL(fstat, DESC | STAT, F, O),
	CALL(lstat, FILE | STAT, P, O),
	CALL(poll, DESC, O, V, V),
	CALL(lseek, DESC, F, V, V),
	CALL(mmap, DESC | MEMORY, V, V, V, V, F, V),
	CALL(mprotect, MEMORY, V, V, V),
	CALL(munmap, MEMORY, V, V),
	CALL(brk, MEMORY, V),
	CALL(rt_sigaction, SIGNAL, V, I, O, V),
	CALL(rt_sigprocmask, SIGNAL, V, I, O, V),
	CALL(rt_sigreturn, SIGNAL),
	CALL(ioctl, DESC, F, V, V),
	CALL(pread64, DESC, F, O, V, V),
	CALL(pwrite64, DESC, F, I, V, V),
	CALL(readv, DESC, F, I, V),
	CALL(writev, DESC, F, I, V),
	CALL(access, FILE, P, V),
	CALL(pipe, DESC, O),
	CALL(select, DESC, V, O, O, O, O),
	CALL(sched_yield, 0),
	CALL(mremap, MEMORY, V, V, V, V, V),
	CALL(msync, MEMORY, V, V, V),
	CALL(mincore, MEMORY, V, V, O),
	CALL(madvise, MEMORY, V, V, V),
	CALL(shmget, IPC, V, V, V),
	CALL(shmat, MEMORY | IPC, V, V, V),
	CALL(shmctl, IPC, V, V, O),
	CALL(dup, DESC, F),
	CALL(dup2, DESC, F, F),
	CALL(pause, SIGNAL),
	CALL(nanosleep, 0, I, O),
	CALL(getitimer, 0, V, O),
	CALL(alarm, 0, V),
	CALL(setitimer, 0, V, I, O),
	CALL(getpid, 0),
	CALL(sendfile, DESC | NET, F, F, O, V),
	CALL(socket, NET, V, V, V),
	CALL(connect, NET, F, I, V),
	CALL(accept, NET, F, O, O),
	CALL(sendto, NET, F, I, V, V, I, V),
	CALL(recvfrom, NET, F, O, V, V, O, O),
	CALL(sendmsg, NET, F, I, V),
	CALL(recvmsg, NET, F, O, V),
	CALL(shutdown, NET, F, V),
	CALL(bind, NET, F, I, V),
	CALL(listen, NET, F, V),
	CALL(getsockname, NET, F, O, O),
	CALL(getpeername, NET, F, O, O),
	CALL(socketpair, NET, V, V, V, O),
	CALL(setsockopt, NET, F, V, V, I, V),
	CALL(getsockopt, NET, F, V, V, O, O),
	CALL(clone, PROC, V, V, O, O, V),
	CALL(fork, PROC),
	CALL(vfork, PROC),
	CALL(execve, FILE | PROC, P, I, I),
	CALL(exit, PROC, V),
	CALL(wait4, PROC, V, O, V, O),
	CALL(kill, PROC | SIGNAL, V, V),
	CALL(uname, 0, O),
	CALL(semget, IPC, V, V, V),
	CALL(semop, IPC, V, I, V),
	CALL(semctl, IPC, V, V, V, V),
	CALL(shmdt, MEMORY | IPC, V),
	CALL(msgget, IPC, V, V),
	CALL(msgsnd, IPC, V, I, V, V),
	CALL(msgrcv, IPC, V, O, V, V, V),
	CALL(msgctl, IPC, V, V, O),
	CALL(fcntl, DESC, F, V, V),
	CALL(flock, DESC, F, V),
	CALL(fsync, DESC, F),
	CALL(fdatasync, DESC, F),
	CALL(truncate, FILE, P, V),
	CALL(ftruncate, DESC, F, V),
	CALL(getdents, DESC, F, O, V),
	CALL(getcwd, FILE, O, V),
	CALL(chdir, FILE, P),
	CALL(fchdir, DESC, F),
	CALL(rename, FILE, P, P),
	CALL(mkdir, FILE, P, V),
	CALL(rmdir, FILE, P),
	CALL(creat, FILE | DESC, P, V),
	CALL(link, FILE, P, P),
	CALL(unlink, FILE, P),
	CALL(symlink, FILE, S, P),
	CALL(readlink, FILE, P, O, V),
	CALL(chmod, FILE, P, V),
	CALL(fchmod, DESC, F, V),
	CALL(chown, FILE, P, V, V),
	CALL(fchown, DESC, F, V, V),
	CALL(lchown, FILE, P, V, V),
	CALL(umask, 0, V),
	CALL(gettimeofday, CLOCK, O, O),
	CALL(getrlimit, 0, V, O),
	CALL(getrusage, 0, V, O),
	CALL(sysinfo, 0, O),
	CALL(times, 0, O),
	CALL(ptrace, 0, V, V, V, V),
	CALL(getuid, CREDS),
	CALL(syslog, 0, V, O, V),
	CALL(getgid, CREDS),
	CALL(setuid, CREDS, V),
	CALL(setgid, CREDS, V),
	CALL(geteuid, CREDS),
	CALL(getegid, CREDS),
	CALL(setpgid, 0, V, V),
	CALL(getppid, 0),
	CALL(getpgrp, 0),
	CALL(setsid, 0),
	CALL(setreuid, CREDS, V, V),
	CALL(setregid, CREDS, V, V),
	CALL(getgroups, CREDS, V, O),
	CALL(setgroups, CREDS, V, I),
	CALL(setresuid, CREDS, V, V, V),
	CALL(getresuid, CREDS, O, O, O),
	CALL(setresgid, CREDS, V, V, V),
	CALL(getresgid, CREDS, O, O, O),
	CALL(getpgid, 0, V),
	CALL(setfsuid, CREDS, V),
	CALL(setfsgid, CREDS, V),
	CALL(getsid, 0, V),
	CALL(capget, CREDS, O, O),
	CALL(capset, CREDS, I, I),
	CALL(rt_sigpending, SIGNAL, O, V),
	CALL(rt_sigtimedwait, SIGNAL, I, O, I, V),
	CALL(rt_sigqueueinfo, PROC | SIGNAL, V, V, I),
	CALL(rt_sigsuspend, SIGNAL, I, V),
	CALL(sigaltstack, SIGNAL, I, O),
	CALL(utime, FILE, P, I),
	CALL(mknod, FILE, P, V, V),
	CALL(uselib, FILE, P),
	CALL(personality, 0, V),
	CALL(ustat, STATFS, V, O),
	CALL(statfs, FILE | STATFS, P, O),
	CALL(fstatfs, DESC | STATFS, F, O),
	CALL(sysfs, 0, V, V, V),
	CALL(getpriority, 0, V, V),
	CALL(setpriority, 0, V, V, V),
	CALL(sched_setparam, 0, V, I),
	CALL(sched_getparam, 0, V, O),
	CALL(sched_setscheduler, 0, V, V, I),
	CALL(sched_getscheduler, 0, V),
	CALL(sched_get_priority_max, 0, V),
	CALL(sched_get_priority_min, 0, V),
	CALL(sched_rr_get_interval, 0, V, O),
	CALL(mlock, MEMORY, V, V),
	CALL(munlock, MEMORY, V, V),
	CALL(mlockall, MEMORY, V),
	CALL(munlockall, MEMORY),
	CALL(vhangup, 0),
	CALL(modify_ldt, 0, V, O, V),
	CALL(pivot_root, FILE, P, P),
	CALL(_sysctl, 0, O),
	CALL(prctl, CREDS, V, V, V, V, V),
	CALL(arch_prctl, 0, V, V),
	CALL(adjtimex, CLOCK, O),
	CALL(setrlimit, 0, V, I),
	CALL(chroot, FILE, P),
	CALL(sync, 0),
	CALL(acct, FILE, P),
	CALL(settimeofday, CLOCK, I, I),
	CALL(mount, FILE, P, P, S, V, S),
	CALL(umount2, FILE, P, V),
	CALL(swapon, FILE, P, V),
	CALL(swapoff, FILE, P),
	CALL(reboot, 0, V, V, V, V),
	CALL(sethostname, 0, I, V),
	CALL(setdomainname, 0, I, V),
	CALL(iopl, 0, V),
	CALL(ioperm, 0, V, V, V),
	CALL(create_module, 0, S, V),
	CALL(init_module, 0, I, V, S),
	CALL(delete_module, 0, S, V),
	CALL(get_kernel_syms, 0, O),
	CALL(query_module, 0, S, V, O, V, O),
	CALL(quotactl, FILE, V, P, V, V),
	CALL(nfsservctl, 0, V, I, O),
	CALL(getpmsg, NET, V, V, V, V, V),
	CALL(putpmsg, NET, V, V, V, V, V),
	CALL(afs_syscall, 0, V, V, V, V, V),
	CALL(tuxcall, 0, V, V, V),
	CALL(security, 0, V, V, V),
	CALL(gettid, 0),
	CALL(readahead, DESC, F, V, V),
	CALL(setxattr, FILE, P, S, I, V, V),
	CALL(lsetxattr, FILE, P, S, I, V, V),
	CALL(fsetxattr, DESC, F, S, I, V, V),
	CALL(getxattr, FILE, P, S, O, V),
	CALL(lgetxattr, FILE, P, S, O, V),
	CALL(fgetxattr, DESC, F, S, O, V),
	CALL(listxattr, FILE, P, O, V),
	CALL(llistxattr, FILE, P, O, V),
	CALL(flistxattr, DESC, F, O, V),
	CALL(removexattr, FILE, P, S),
	CALL(lremovexattr, FILE, P, S),
	CALL(fremovexattr, DESC, F, S),
	CALL(tkill, PROC | SIGNAL, V, V),
	CALL(time, CLOCK, O),
	CALL(futex, 0, O, V, V, V, O, V),
	CALL(sched_setaffinity, 0, V, V, I),
	CALL(sched_getaffinity, 0, V, V, O),
	CALL(set_thread_area, 0, I),
	CALL(io_setup, MEMORY, V, O),
	CALL(io_destroy, MEMORY, V),
	CALL(io_getevents, 0, V, V, V, O, I),
	CALL(io_submit, 0, V, V, I),
	CALL(io_cancel, 0, V, I, O),
	CALL(get_thread_area, 0, O),
	CALL(lookup_dcookie, 0, V, O, V),
	CALL(epoll_create, DESC, V),
	CALL(epoll_ctl_old, 0, V, V, V, V),
	CALL(epoll_wait_old, 0, V, V, V, V),
	CALL(remap_file_pages, MEMORY, V, V, V, V, V),
	CALL(getdents64, DESC, F, O, V),
	CALL(set_tid_address, 0, V),
	CALL(restart_syscall, 0),
	CALL(semtimedop, IPC, V, I, V, I),
	CALL(fadvise64, DESC, F, V, V, V),
	CALL(timer_create, 0, V, I, O),
	CALL(timer_settime, 0, V, V, I, O),
	CALL(timer_gettime, 0, V, O),
	CALL(timer_getoverrun, 0, V),
	CALL(timer_delete, 0, V),
	CALL(clock_settime, CLOCK, V, I),
	CALL(clock_gettime, CLOCK, V, O),
	CALL(clock_getres, CLOCK, V, O),
	CALL(clock_nanosleep, 0, V, V, I, O),
	CALL(exit_group, PROC, V),
	CALL(epoll_wait, DESC, F, O, V, V),
	CALL(epoll_ctl, DESC, F, V, F, I),
	CALL(tgkill, PROC | SIGNAL, V, V, V),
	CALL(utimes, FILE, P, I),
	CALL(vserver, 0, V, V, V, V, V),
	CALL(mbind, MEMORY, V, V, V, I, V, V),
	CALL(set_mempolicy, MEMORY, V, I, V),
	CALL(get_mempolicy, MEMORY, O, O, V, V, V),
	CALL(mq_open, DESC, S, V, V, I),
	CALL(mq_unlink, 0, S),
	CALL(mq_timedsend, DESC, F, I, V, V, I),
	CALL(mq_timedreceive, DESC, F, O, V, O, I),
	CALL(mq_notify, DESC, F, I),
	CALL(mq_getsetattr, DESC, F, I, O),
	CALL(kexec_load, 0, V, V, I, V),
	CALL(waitid, PROC, V, V, O, V, O),
	CALL(add_key, 0, S, S, I, V, V),
	CALL(request_key, 0, S, S, S, V),
	CALL(keyctl, 0, V, V, V, V, V),
	CALL(ioprio_set, 0, V, V, V),
	CALL(ioprio_get, 0, V, V),
	CALL(inotify_init, DESC),
	CALL(inotify_add_watch, FILE | DESC, F, P, V),
	CALL(inotify_rm_watch, DESC, F, V),
	CALL(migrate_pages, MEMORY, V, V, I, I),
	CALL(openat, FILE | DESC, D, P, V, V),
	CALL(mkdirat, FILE | DESC, D, P, V),
	CALL(mknodat, FILE | DESC, D, P, V, V),
	CALL(fchownat, FILE | DESC, D, P, V, V, V),
	CALL(futimesat, FILE | DESC, D, P, I),
	CALL(newfstatat, FILE | DESC | STAT, D, P, O, V),
	CALL(unlinkat, FILE | DESC, D, P, V),
	CALL(renameat, FILE | DESC, D, P, D, P),
	CALL(linkat, FILE | DESC, D, P, D, P, V),
	CALL(symlinkat, FILE | DESC, S, D, P),
	CALL(readlinkat, FILE | DESC, D, P, O, V),
	CALL(fchmodat, FILE | DESC, D, P, V),
	CALL(faccessat, FILE | DESC, D, P, V),
	CALL(pselect6, DESC, V, O, O, O, O, I),
	CALL(ppoll, DESC, O, V, O, I, V),
	CALL(unshare, 0, V),
	CALL(set_robust_list, 0, V, V),
	CALL(get_robust_list, 0, V, O, O),
	CALL(splice, DESC, F, O, F, O, V, V),
	CALL(tee, DESC, F, F, V, V),
	CALL(sync_file_range, DESC, F, V, V, V),
	CALL(vmsplice, DESC, F, I, V, V),
	CALL(move_pages, MEMORY, V, V, I, I, O, V),
	CALL(utimensat, FILE | DESC, D, P, I, V),
	CALL(epoll_pwait, DESC, F, O, V, V, I, V),
	CALL(signalfd, DESC | SIGNAL, F, I, V),
	CALL(timerfd_create, DESC, V, V),
	CALL(eventfd, DESC, V),
	CALL(fallocate, DESC, F, V, V, V),
	CALL(timerfd_settime, DESC, F, V, I, O),
	CALL(timerfd_gettime, DESC, F, O),
	CALL(accept4, NET, F, O, O, V),
	CALL(signalfd4, DESC | SIGNAL, F, I, V, V),
	CALL(eventfd2, DESC, V, V),
	CALL(epoll_create1, DESC, V),
	CALL(dup3, DESC, F, F, V),
	CALL(pipe2, DESC, O, V),
	CALL(inotify_init1, DESC, V),
	CALL(preadv, DESC, F, I, V, V, V),
	CALL(pwritev, DESC, F, I, V, V, V),
	CALL(rt_tgsigqueueinfo, PROC | SIGNAL, V, V, V, I),
	CALL(perf_event_open, DESC, I, V, V, F, V),
	CALL(recvmmsg, NET, F, O, V, V, O),
	CALL(fanotify_init, DESC, V, V),
	CALL(fanotify_mark, FILE | DESC, F, V, V, D, P),
	CALL(prlimit64, 0, V, V, I, O),
	CALL(name_to_handle_at, FILE | DESC, D, P, O, O, V),
	CALL(open_by_handle_at, DESC, F, I, V),
	CALL(clock_adjtime, CLOCK, V, O),
	CALL(syncfs, DESC, F),
	CALL(sendmmsg, NET, F, O, V, V),
	CALL(setns, DESC, F, V),
	CALL(getcpu, 0, O, O, V),
	CALL(process_vm_readv, 0, V, I, V, I, V, V),
	CALL(process_vm_writev, 0, V, I, V, I, V, V),
	CALL(kcmp, 0, V, V, V, V, V),
	CALL(finit_module, DESC, F, S, V),
	CALL(sched_setattr, 0, V, I, V),
	CALL(sched_getattr, 0, V, O, V, V),
	CALL(renameat2, FILE | DESC, D, P, D, P, V),
	CALL(seccomp, 0, V, V, V),
	CALL(getrandom, 0, O, V, V),
	CALL(memfd_create, DESC, S, V),
	CALL(kexec_file_load, DESC, F, F, V, S, V),
	CALL(bpf, DESC, V, O, V),
	CALL(execveat, FILE | DESC | PROC, D, P, I, I, V),
	CALL(userfaultfd, DESC, V),
	CALL(membarrier, 0, V, V, V),
	CALL(mlock2, MEMORY, V, V, V),
	CALL(copy_file_range, DESC, F, O, F, O, V, V),
	CALL(preadv2, DESC, F, I, V, V, V, V),
	CALL(pwritev2, DESC, F, I, V, V, V, V),
	CALL(pkey_mprotect, MEMORY, V, V, V, V),
	CALL(pkey_alloc, 0, V, V),
	CALL(pkey_free, 0, V),
	CALL(statx, FILE | DESC | STAT, D, P, V, V, O),
	CALL(io_pgetevents, 0, V, V, V, O, I, I),
	CALL(rseq, 0, O, V, V, V),
	CALL(uretprobe, 0),
	CALL(uprobe, 0),
	CALL(pidfd_send_signal, DESC | PROC | SIGNAL, F, V, I, V),
	CALL(io_uring_setup, DESC, V, O),
	CALL(io_uring_enter, DESC | SIGNAL, F, V, V, V, I, V),
	CALL(io_uring_register, DESC | MEMORY, F, V, I, V),
	CALL(open_tree, FILE | DESC, D, P, V),
	CALL(move_mount, FILE | DESC, D, P, D, P, V),
	CALL(fsopen, DESC, S, V),
	CALL(fsconfig, FILE | DESC, F, V, S, V, V),
	CALL(fsmount, DESC, F, V, V),
	CALL(fspick, FILE | DESC, D, P, V),
	CALL(pidfd_open, DESC, V, V),
	CALL(clone3, PROC, O, V),
	CALL(close_range, 0, V, V, V),
	CALL(openat2, FILE | DESC, D, P, I, V),
	CALL(pidfd_getfd, DESC, F, V, V),
	CALL(faccessat2, FILE | DESC, D, P, V, V),
	CALL(process_madvise, DESC, F, I, V, V, V),
	CALL(epoll_pwait2, DESC, F, O, V, I, I, V),
	CALL(mount_setattr, FILE | DESC, D, P, V, I, V),
	CALL(quotactl_fd, DESC, F, V, V, V),
	CALL(landlock_create_ruleset, DESC, I, V, V),
	CALL(landlock_add_rule, DESC, F, V, I, V),
	CALL(landlock_restrict_self, DESC, F, V),
	CALL(memfd_secret, DESC, V),
	CALL(process_mrelease, DESC, F, V),
	CALL(futex_waitv, 0, I, V, V, I, V),
	CALL(set_mempolicy_home_node, MEMORY, V, V, V, V),
	CALL(cachestat, DESC, F, I, O, V),
	CALL(fchmodat2, FILE | DESC, D, P, V, V),
	CALL(map_shadow_stack, MEMORY, V, V, V),
	CALL(futex_wake, 0, V, V, V, V),
	CALL(futex_wait, 0, V, V, V, V, I, V),
	CALL(futex_requeue, 0, I, V, V, V),
	CALL(statmount, 0, I, O, V, V),
	CALL(listmount, 0, I, O, V, V),
	CALL(lsm_get_self_attr, 0, V, O, O, V),
	CALL(lsm_set_self_attr, 0, V, I, V, V),
	CALL(lsm_list_modules, 0, O, O, V),
	CALL(mseal, MEMORY, V, V, V),
	CALL(setxattrat, FILE | DESC, D, P, V, S, I, V),
	CALL(getxattrat, FILE | DESC, D, P, V, S, I, V),
	CALL(listxattrat, FILE | DESC, D, P, V, O, V),
	CALL(removexattrat, FILE | DESC, D, P, V, S),
	CALL(open_tree_attr, FILE | DESC, D, P, V, I, V),
	CALL(file_getattr, FILE | DESC, D, P, O, V, V),
	CALL(file_setattr, FILE | DESC, D, P, I, V, V),
	CALL(listns, 0, I, O, V, V),
	CALL(rseq_slice_yield, 0),
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls: see cage_table.h. From what the source and its libraries (C library, libuv,
 * OpenSSL, SQLite, libssh, libmnl, libyaml, libcurl) call once the process is running.
 */
#define _GNU_SOURCE
#include "runtime/cage/cage_table.h"

#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "runtime/cage/cage_calls.h"

#define ALL        (1u << CAGE_RUN | 1u << CAGE_LAB | 1u << CAGE_NETNS)
#define NETWORK    (1u << CAGE_RUN | 1u << CAGE_NETNS)
#define NETNS_ONLY (1u << CAGE_NETNS)
#define WORD       0xffffffffu /* of an argument that is an int */

/* The flags that make a process of its own, or one with namespaces of its own. */
#define CLONE_WHOLE                                                                                \
	(CLONE_THREAD | CLONE_VFORK | CLONE_PTRACE | CLONE_NEWNS | CLONE_NEWCGROUP |               \
	 CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define CALL(name)                                                                                 \
	{                                                                                          \
		.number = SCMP_SYS(name), .roles = ALL                                             \
	}
#define ABSENT(name)                                                                               \
	{                                                                                          \
		.number = SCMP_SYS(name), .roles = ALL, .absent = true                             \
	}
#define WHERE(name, who, at, bits, wanted)                                                         \
	{                                                                                          \
		.number = SCMP_SYS(name), .roles = (who), .argument = (at), .mask = (bits),        \
		.value = (wanted)                                                                  \
	}
#define IOCTL(who, request) WHERE(ioctl, who, 1, WORD, (uint32_t)(request))

const struct cage_call cage_calls[] = {
    /* what is open */
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(pwrite64),
    CALL(preadv),
    CALL(pwritev),
    CALL(lseek),
    CALL(close),
    CALL(close_range),
    CALL(dup),
    CALL(dup2),
    CALL(dup3),
    CALL(fcntl),
    CALL(fsync),
    CALL(fdatasync),
    CALL(ftruncate),
    CALL(fallocate),
    CALL(flock),
    CALL(pipe),
    CALL(pipe2),
    CALL(eventfd2),
    CALL(poll),
    CALL(ppoll),
    CALL(select),
    CALL(pselect6),
    CALL(epoll_create),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(epoll_pwait2),
    IOCTL(ALL, TCGETS),
    IOCTL(ALL, TCSETS),
    IOCTL(ALL, TCSETSW),
    IOCTL(ALL, TCSETSF),
    IOCTL(ALL, TIOCGWINSZ),
    IOCTL(1u << CAGE_RUN, TIOCSWINSZ), /* of a client's terminal, see cli/app/client_loop.h */
    IOCTL(ALL, FIONREAD),
    IOCTL(ALL, FIONBIO),
    IOCTL(ALL, FIOCLEX),
    IOCTL(ALL, SIOCGIFNAME),
    IOCTL(NETWORK, SIOCGIFINDEX),
    IOCTL(NETWORK, SIOCGIFMTU),
    IOCTL(NETWORK, SIOCSIFMTU),
    IOCTL(NETWORK, SIOCGIFFLAGS),
    IOCTL(NETWORK, SIOCSIFFLAGS),
    IOCTL(NETWORK, TUNSETIFF),

    /* files; which of them is Landlock's business */
    CALL(open),
    CALL(openat),
    ABSENT(openat2),
    CALL(access),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(stat),
    CALL(fstat),
    CALL(lstat),
    CALL(newfstatat),
    CALL(statx),
    CALL(statfs),
    CALL(fstatfs),
    CALL(readlink),
    CALL(readlinkat),
    CALL(getdents64),
    CALL(getcwd),
    CALL(umask),
    CALL(mkdir),
    CALL(mkdirat),
    CALL(rmdir),
    CALL(unlink),
    CALL(unlinkat),
    CALL(rename),
    CALL(renameat),
    CALL(renameat2),
    CALL(link),
    CALL(linkat),
    CALL(chmod),
    CALL(fchmod),
    CALL(fchmodat),
    CALL(fchown),

    /* memory: none that is written and executed; a library that is loaded late is mapped */
    WHERE(mmap, ALL, 2, PROT_WRITE | PROT_EXEC, 0),
    WHERE(mmap, ALL, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE),
    WHERE(mmap, ALL, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC),
    WHERE(mprotect, ALL, 2, PROT_EXEC, 0),
    CALL(munmap),
    CALL(mremap),
    WHERE(madvise, ALL, 2, WORD & ~63u, 0), /* and not that pages of the machine are broken */
    CALL(mlock),
    CALL(munlock),
    CALL(msync),
    CALL(mincore),
    CALL(brk),
    CALL(membarrier),

    /* threads, and no other processes */
    WHERE(clone, ALL, 0, CLONE_WHOLE, CLONE_THREAD),
    ABSENT(clone3), /* its flags cannot be looked at */
    CALL(futex),
    CALL(set_robust_list),
    CALL(set_tid_address),
    CALL(rseq),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(exit),
    CALL(exit_group),
    CALL(gettid),
    CALL(getpid),
    CALL(getppid),
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(getgroups),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(sigaltstack),
    CALL(restart_syscall),
    CALL(nanosleep),
    CALL(clock_nanosleep),
    WHERE(prctl, ALL, 0, WORD, PR_SET_NAME),
    WHERE(prctl, ALL, 0, WORD, PR_GET_NAME),
    WHERE(prctl, ALL, 0, WORD, 0x53564d41 /* PR_SET_VMA: names of memory */),
    WHERE(prlimit64, ALL, 2, UINT64_MAX, 0), /* is told limits, and sets none */
    CALL(getrlimit),

    /* time, and what the machine is */
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(gettimeofday),
    CALL(time),
    CALL(times),
    CALL(getrusage),
    CALL(uname),
    CALL(sysinfo),
    CALL(getrandom),
    ABSENT(io_uring_setup),

    /* sockets */
    WHERE(socket, ALL, 0, WORD, AF_UNIX),
    WHERE(socket, ALL, 0, WORD, AF_INET),
    WHERE(socket, ALL, 0, WORD, AF_INET6),
    WHERE(socket, NETWORK, 0, WORD, AF_NETLINK),
    WHERE(setns, NETNS_ONLY, 1, WORD, CLONE_NEWNET),
    WHERE(socketpair, ALL, 0, WORD, AF_UNIX),
    CALL(bind),
    CALL(connect),
    CALL(listen),
    CALL(accept),
    CALL(accept4),
    CALL(getsockname),
    CALL(getpeername),
    CALL(getsockopt),
    CALL(setsockopt),
    CALL(sendto),
    CALL(sendmsg),
    CALL(sendmmsg),
    CALL(recvfrom),
    CALL(recvmsg),
    CALL(recvmmsg),
    CALL(shutdown),

#ifndef __SANITIZE_ADDRESS__
    /* While the C library makes a process it blocks all signals: the one that tells would kill. */
    {.number = SCMP_SYS(clone), .roles = ALL, .absent = true, .untold = true, .mask = CLONE_THREAD},
#else
    /* At the end LeakSanitizer stops all threads from a process of its own. */
    CALL(ptrace),
    CALL(getdents),
    WHERE(clone, ALL, 0, CLONE_THREAD, 0),
    CALL(wait4),
    CALL(prctl),
    CALL(kill),
    CALL(tkill),
#endif
};

const size_t cage_n_calls = ARRAY_SIZE(cage_calls);

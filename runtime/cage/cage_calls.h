/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that a process can still make once it is running: seccomp(2), by libseccomp. */
#ifndef TESTUDO_CAGE_CALLS_H
#define TESTUDO_CAGE_CALLS_H

#include "compiler/base/base.h"

#define CAGE_CALLS_MAX 1024 /* numbers of system calls; the kernel has half as many */

/* Who asks: the lists differ in what reaches the kernel's network. */
enum cage_role {
	CAGE_RUN,
	CAGE_LAB,   /* in a virtual network */
	CAGE_NETNS, /* a lab in network namespaces, between which it moves */
};

/* What becomes of a call that is in no list. */
enum cage_refusal {
	/*
	 * It fails with ENOSYS, as on a kernel without it, and cage_calls_refused tells; but not
	 * that a process was to be made.
	 */
	CAGE_ERRNO,
	CAGE_KILL, /* the process ends, by SIGSYS */
};

/*
 * From now on this thread, and those that it will start, make the calls of the role's list and no
 * others. *ret_n: how many there are; 0: the kernel has no seccomp filters, and none is refused.
 * 0 or -errno.
 */
int cage_calls_close(enum cage_role role, enum cage_refusal refusal, unsigned *ret_n);

/*
 * A call that was refused and has not been told here before: its number, else -1. Each is told
 * once, however often it is made.
 */
int cage_calls_refused(void);

/* Was it refused at any time? number: up to CAGE_CALLS_MAX. */
bool cage_calls_was_refused(int number);

/* "execve"; the caller frees it. */
char *cage_calls_name(int number);

#endif

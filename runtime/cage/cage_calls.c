/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of system calls: see cage_calls.h. What is not in it is refused: to start a program, to
 * trace a process, to mount, to change the user, the namespace or the kernel's own settings.
 */
#define _GNU_SOURCE
#include "runtime/cage/cage_calls.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

#include <seccomp.h>

#include "runtime/cage/cage_table.h"

/* --- what was refused ------------------------------------------------------------------------- */

#define FROM_FILTER 1 /* SYS_SECCOMP, which the C library lacks */

enum { UNSEEN, SEEN, TOLD };

static atomic_int seen[CAGE_CALLS_MAX];
static atomic_bool any_seen;

/*
 * Where the handler puts what the call gives back. Elsewhere calls are refused without a signal,
 * and nobody learns which.
 */
#if defined(__x86_64__)
#define RESULT(context) ((context)->uc_mcontext.gregs[REG_RAX])
#elif defined(__aarch64__)
#define RESULT(context) ((context)->uc_mcontext.regs[0])
#endif

#ifdef RESULT
/* In the thread that made the call, and instead of it. */
static void
on_refused(int number, siginfo_t *info, void *context)
{
	const int call = info->si_syscall;

	(void)number;
	if (info->si_code != FROM_FILTER)
		return; /* another process sent it */
	if (call >= 0 && call < CAGE_CALLS_MAX) {
		int was = UNSEEN;

		atomic_compare_exchange_strong(&seen[call], &was, SEEN);
		atomic_store(&any_seen, true);
	}
	RESULT((ucontext_t *)context) = -ENOSYS;
}
#endif

int
cage_calls_refused(void)
{
	if (!atomic_exchange(&any_seen, false))
		return -1;
	for (int i = 0; i < CAGE_CALLS_MAX; i++) {
		int was = SEEN;

		if (atomic_compare_exchange_strong(&seen[i], &was, TOLD)) {
			atomic_store(&any_seen, true); /* there may be others */
			return i;
		}
	}
	return -1;
}

bool
cage_calls_was_refused(int number)
{
	return atomic_load(&seen[number]) != UNSEEN;
}

char *
cage_calls_name(int number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
	char *ret = name ? x_strdup(name) : x_asprintf("%d", number);

	free(name);
	return ret;
}

/* What becomes of a call that is not in the list. */
static uint32_t
refusal_action(enum cage_refusal refusal)
{
	if (refusal == CAGE_KILL)
		return SCMP_ACT_KILL_PROCESS;
#ifdef RESULT
	return SCMP_ACT_TRAP;
#else
	return SCMP_ACT_ERRNO(ENOSYS);
#endif
}

/* A thread that blocks SIGSYS would be killed by it. */
static int
catch_refusals(void)
{
#ifdef RESULT
	struct sigaction catch = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
	sigset_t sys;

	sigemptyset(&sys);
	sigaddset(&sys, SIGSYS);
	if (sigaction(SIGSYS, &catch, NULL))
		return -errno;
	return -pthread_sigmask(SIG_UNBLOCK, &sys, NULL);
#else
	return 0;
#endif
}

/* --- the list --------------------------------------------------------------------------------- */

/*
 * Has the kernel filters, and does a container give them? Then it looks at what is no address here,
 * or asks first for no_new_privs.
 */
static bool
kernel_filters(void)
{
	return !prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, NULL, 0, 0) || errno == EFAULT ||
	       errno == EACCES;
}

static int
add_call(scmp_filter_ctx filter, const struct cage_call *c)
{
	const uint32_t action = c->absent ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW;
	const struct scmp_arg_cmp only =
	    SCMP_CMP(c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value);
	int error = c->mask ? seccomp_rule_add(filter, action, c->number, 1, only)
	                    : seccomp_rule_add(filter, action, c->number, 0);

	return error;
}

static int
add_calls(scmp_filter_ctx filter, enum cage_role role, enum cage_refusal refusal, unsigned *ret_n)
{
	int error = 0, last = -1;

	*ret_n = 0;
	for (size_t i = 0; i < cage_n_calls && !error; i++) {
		const struct cage_call *c = &cage_calls[i];

		if (!(c->roles & 1u << role) || (c->untold && refusal == CAGE_KILL))
			continue;
		error = add_call(filter, c);
		*ret_n += c->number != last && !c->absent;
		last = c->number;
	}
	/* A thread signals the threads of its own process, as abort() does. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		                         SCMP_CMP(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	++*ret_n;
	return error;
}

int
cage_calls_close(enum cage_role role, enum cage_refusal refusal, unsigned *ret_n)
{
	scmp_filter_ctx filter;
	unsigned n = 0;
	int error;

	*ret_n = 0;
	if (!kernel_filters())
		return 0;
	filter = seccomp_init(refusal_action(refusal));
	if (!filter)
		return -ENOMEM;
	/* Calls in another machine's manner; where this fails they end their thread. */
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree */
	if (!error)
		error = add_calls(filter, role, refusal, &n);
	if (!error && refusal == CAGE_ERRNO)
		error = catch_refusals();
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (!error)
		*ret_n = n;
	return error;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers: a binary heap, so that the next is known at once and thousands cost little. A timer lives
 * inside the object it serves, which cancels it before it dies.
 */
#ifndef TESTUDO_TIMER_H
#define TESTUDO_TIMER_H

#include "compiler/base/base.h"

struct core;

struct timer {
	void (*fire)(struct core *c, struct timer *t, msec now);
	msec at;
	size_t place; /* in the heap, from 1; 0: not running */
};

struct timers {
	struct timer **heap;
	size_t n, capacity;
};

static inline msec
earlier_of(msec a, msec b)
{
	return a < b ? a : b;
}

void timers_fini(struct timers *ts);
/* Starts or moves a timer; MSEC_NEVER cancels it. */
void timer_set(struct timers *ts, struct timer *t, msec at);
void timer_cancel(struct timers *ts, struct timer *t);
msec timers_next(const struct timers *ts); /* MSEC_NEVER: none runs */
/* The earliest timer due at now, taken out of the heap; NULL when none is. */
struct timer *timers_pop(struct timers *ts, msec now);

#endif

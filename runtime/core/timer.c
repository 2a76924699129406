/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap of timers: see timer.h. */
#include "runtime/core/timer.h"

#include <stdlib.h>

static void
place_timer(struct timers *ts, size_t i, struct timer *t)
{
	ts->heap[i - 1] = t;
	t->place = i;
}

static void
sift_up(struct timers *ts, size_t i, struct timer *t)
{
	for (; i > 1 && ts->heap[i / 2 - 1]->at > t->at; i /= 2)
		place_timer(ts, i, ts->heap[i / 2 - 1]);
	place_timer(ts, i, t);
}

static void
sift_down(struct timers *ts, size_t i, struct timer *t)
{
	for (;;) {
		size_t child = 2 * i;

		if (child > ts->n)
			break;
		if (child < ts->n && ts->heap[child]->at < ts->heap[child - 1]->at)
			child++;
		if (ts->heap[child - 1]->at >= t->at)
			break;
		place_timer(ts, i, ts->heap[child - 1]);
		i = child;
	}
	place_timer(ts, i, t);
}

void
timers_fini(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){0};
}

void
timer_cancel(struct timers *ts, struct timer *t)
{
	size_t i = t->place;
	struct timer *last;

	if (!i)
		return;
	t->place = 0;
	last = ts->heap[--ts->n];
	if (last == t)
		return;
	if (i > 1 && ts->heap[i / 2 - 1]->at > last->at)
		sift_up(ts, i, last);
	else
		sift_down(ts, i, last);
}

void
timer_set(struct timers *ts, struct timer *t, msec at)
{
	timer_cancel(ts, t);
	if (at == MSEC_NEVER)
		return;
	t->at = at;
	x_grow(&ts->heap, &ts->capacity, ts->n + 1, sizeof(struct timer *));
	sift_up(ts, ++ts->n, t);
}

msec
timers_next(const struct timers *ts)
{
	return ts->n ? ts->heap[0]->at : MSEC_NEVER;
}

struct timer *
timers_pop(struct timers *ts, msec now)
{
	struct timer *t;

	if (!ts->n || ts->heap[0]->at > now)
		return NULL;
	t = ts->heap[0];
	timer_cancel(ts, t);
	return t;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Checks in the thread pool: see login_loop.h. */
#include "cli/shell/login_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNNING_MAX 2

struct login_work {
	uv_work_t req;
	struct login_loop *owner;
	struct login_work *next; /* of those that wait for their turn */
	struct login_check check;
	char source[LINE_PEER_MAX];
	uint64_t due;  /* by the loop's clock */
	unsigned rank; /* how many of the same source were waiting when it came */
};

static void start_checks(struct login_loop *l);

static void
on_due(uv_timer_t *timer)
{
	start_checks(timer->data);
}

static void
work_run(uv_work_t *req)
{
	struct login_work *w = req->data;

	auth_job_run(w->check.job);
}

static void
work_done(uv_work_t *req, int status)
{
	struct login_work *w = req->data;
	struct login_loop *l = w->owner;

	(void)status; /* never cancelled */
	w->check.done(w->check.state);
	free(w);
	l->running--;
	start_checks(l);
}

/*
 * Takes the first that is due out of the queue; NULL: none is, and *ret_due says when one will be.
 */
static struct login_work *
next_work(struct login_loop *l, uint64_t *ret_due)
{
	struct login_work **at, *w;

	*ret_due = UINT64_MAX;
	for (at = &l->waiting; (w = *at); at = &w->next) {
		if (w->due <= uv_now(l->loop)) {
			*at = w->next;
			return w;
		}
		if (w->due < *ret_due)
			*ret_due = w->due;
	}
	return NULL;
}

static void
start_checks(struct login_loop *l)
{
	struct login_work *w;
	uint64_t due;

	while (l->running < RUNNING_MAX) {
		w = next_work(l, &due);
		if (!w) {
			if (due != UINT64_MAX)
				uv_timer_start(&l->timer, on_due, due - uv_now(l->loop), 0);
			return;
		}
		l->running++;
		w->req.data = w;
		if (uv_queue_work(l->loop, &w->req, work_run, work_done))
			abort(); /* only for bad arguments */
	}
}

/* How many wait, and how many of them from that source. */
static size_t
count_waiting(const struct login_loop *l, const char *source, unsigned *ret_same)
{
	size_t n = 0;

	*ret_same = 0;
	for (const struct login_work *w = l->waiting; w; w = w->next, n++)
		*ret_same += !strcmp(w->source, source);
	return n;
}

static bool
queue_check(void *arg, const struct login_check *check)
{
	struct login_loop *l = arg;
	struct login_work *w, **at = &l->waiting;
	unsigned same;

	if (l->stopped || count_waiting(l, check->source, &same) >= LOGIN_CHECKS_MAX ||
	    same >= LOGIN_CHECKS_SOURCE_MAX)
		return false;
	if (!l->started)
		uv_timer_init(l->loop, &l->timer);
	l->started = true;
	l->timer.data = l;
	w = x_alloc(sizeof(*w));
	*w = (struct login_work){.owner = l, .check = *check, .rank = same};
	w->due = uv_now(l->loop) + (uint64_t)check->wait;
	snprintf(w->source, sizeof(w->source), "%s", check->source);
	while (*at && (*at)->rank <= w->rank)
		at = &(*at)->next;
	w->next = *at;
	*at = w;
	start_checks(l);
	return true;
}

void
login_loop_init(struct login_loop *l, uv_loop_t *loop)
{
	*l = (struct login_loop){.checker = {queue_check, l}, .loop = loop};
}

void
login_loop_stop(struct login_loop *l)
{
	struct login_work *w;

	if (l->stopped)
		return;
	l->stopped = true;
	if (l->started)
		uv_close((uv_handle_t *)&l->timer, NULL);
	while ((w = l->waiting)) {
		l->waiting = w->next;
		w->check.done(w->check.state);
		free(w);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Checks in the thread pool: see login_loop.h. */
#include "cli/shell/login_loop.h"

#include <stdlib.h>

#define RUNNING_MAX 2

struct login_work {
	uv_work_t req;
	struct login_loop *owner;
	struct login_work *next; /* of those that wait for their turn */
	struct auth_job *job;
	void (*done)(void *state);
	void *state;
};

static void start_checks(struct login_loop *l);

static void
work_run(uv_work_t *req)
{
	struct login_work *w = req->data;

	auth_job_run(w->job);
}

static void
work_done(uv_work_t *req, int status)
{
	struct login_work *w = req->data;
	struct login_loop *l = w->owner;

	(void)status; /* never cancelled */
	w->done(w->state);
	free(w);
	l->running--;
	start_checks(l);
}

static void
start_checks(struct login_loop *l)
{
	struct login_work *w;

	while (l->running < RUNNING_MAX && (w = l->waiting)) {
		l->waiting = w->next;
		l->running++;
		w->req.data = w;
		if (uv_queue_work(l->loop, &w->req, work_run, work_done))
			abort(); /* only for bad arguments */
	}
}

static void
queue_check(void *arg, struct auth_job *job, void (*done)(void *state), void *state)
{
	struct login_loop *l = arg;
	struct login_work *w = x_alloc(sizeof(*w)), **at = &l->waiting;

	*w = (struct login_work){.owner = l, .job = job, .done = done, .state = state};
	while (*at)
		at = &(*at)->next;
	*at = w;
	start_checks(l);
}

void
login_loop_init(struct login_loop *l, uv_loop_t *loop)
{
	*l = (struct login_loop){.checker = {queue_check, l}, .loop = loop};
}

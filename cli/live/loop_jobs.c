/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that compute, and those that wait: see loop_jobs.h. */
#include "cli/live/loop_jobs.h"

#include <stdlib.h>

#define THREADS   "16" /* of the pool, which libuv makes once */
#define COMPUTING 8    /* the most of them: the others are for who waits */

struct pooled {
	uv_work_t req;
	struct loop_jobs *pool;
	struct job *job;
	bool computes;
	void (*done)(void *arg, struct job *job);
	void *arg;
	struct pooled *next;
};

void
loop_jobs_init(struct loop_jobs *p, uv_loop_t *loop)
{
	unsigned processors = uv_available_parallelism();

	setenv("UV_THREADPOOL_SIZE", THREADS, 0);
	*p = (struct loop_jobs){.loop = loop, .most = processors};
	if (p->most > COMPUTING)
		p->most = COMPUTING;
	p->last = &p->waiting;
}

static void
run_pooled(uv_work_t *req)
{
	struct pooled *w = req->data;

	w->job->run(w->job);
}

static void finish_pooled(uv_work_t *req, int status);

static void
queue_pooled(struct loop_jobs *p, struct pooled *w)
{
	w->req.data = w;
	if (uv_queue_work(p->loop, &w->req, run_pooled, finish_pooled))
		abort(); /* only for bad arguments */
}

static void
start_computing(struct loop_jobs *p)
{
	while (p->waiting && p->computing < p->most) {
		struct pooled *w = p->waiting;

		p->waiting = w->next;
		if (!p->waiting)
			p->last = &p->waiting;
		p->computing++;
		queue_pooled(p, w);
	}
}

static void
finish_pooled(uv_work_t *req, int status)
{
	struct pooled *w = req->data;
	struct loop_jobs *p = w->pool;

	(void)status; /* never cancelled */
	p->computing -= w->computes;
	start_computing(p);
	w->done(w->arg, w->job);
	free(w);
}

void
loop_jobs_submit(struct loop_jobs *p, struct job *job, void (*done)(void *arg, struct job *job),
                 void *arg)
{
	struct pooled *w = x_alloc(sizeof(*w));

	w->pool = p;
	w->job = job;
	w->computes = job->computes;
	w->done = done;
	w->arg = arg;
	if (!w->computes) {
		queue_pooled(p, w);
		return;
	}
	*p->last = w;
	p->last = &w->next;
	start_computing(p);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs in the threads of libuv's pool. Those that compute take turns, as many at a time as there
 * are processors, so that those that wait for a disk or a network never stand behind them: a key
 * server's lease in a store that it shares is to be renewed however many members register.
 */
#ifndef TESTUDO_LOOP_JOBS_H
#define TESTUDO_LOOP_JOBS_H

#include <uv.h>

#include "runtime/core/core.h"

struct pooled;

struct loop_jobs {
	uv_loop_t *loop;
	unsigned most, computing;       /* at a time; now */
	struct pooled *waiting, **last; /* jobs that compute, in order */
};

void loop_jobs_init(struct loop_jobs *p, uv_loop_t *loop);
/* done is called in the loop's thread when the job was run; the job may be freed then. */
void loop_jobs_submit(struct loop_jobs *p, struct job *job,
                      void (*done)(void *arg, struct job *job), void *arg);

#endif

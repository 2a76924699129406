/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that wait in virtual time: see lab_wait.h. */
#include "cli/lab/lab_wait.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

struct waiting_job {
	struct waiting_job *next;
	struct lab_wait *all;
	struct node *node;
	const char *name;
	struct job *job;
	pthread_t thread;
	sem_t turn; /* the job's; */
	sem_t back; /* and the lab's, when the job waits or is over */
	bool over, dead;
	bool returns; /* what it waits for is an answer */
};

struct lab_wait {
	struct sim *sim;
	struct waiting_job *jobs;
	struct waiting_job *running; /* NULL: it is the lab's turn */
	bool ending;
};

/* A semaphore's wait may be broken off by a signal. */
static void
await_turn(sem_t *s)
{
	while (sem_wait(s) != 0)
		;
}

static void *
run_thread(void *arg)
{
	struct waiting_job *j = arg;

	await_turn(&j->turn);
	j->job->run(j->job);
	j->over = true;
	sem_post(&j->back);
	return NULL;
}

static void
hand_back(struct waiting_job *j)
{
	struct waiting_job **at = &j->all->jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	pthread_join(j->thread, NULL);
	sem_destroy(&j->turn);
	sem_destroy(&j->back);
	node_job_done(j->node, j->job);
	free(j);
}

/* It is the job's turn until it waits or is over. */
static void
give_turn(struct waiting_job *j)
{
	j->all->running = j;
	sem_post(&j->turn);
	await_turn(&j->back);
	j->all->running = NULL;
	if (j->over)
		hand_back(j);
}

#define LOOK_EVERY 20 /* milliseconds: whether a node that stands still goes on */

static void
time_has_passed(void *arg, msec now)
{
	struct waiting_job *j = arg;

	if (j->returns && sim_node_is_frozen(j->all->sim, j->name))
		sim_at(j->all->sim, now + LOOK_EVERY, time_has_passed, j);
	else
		give_turn(j);
}

bool
lab_wait_pause(void *arg, msec time, bool back)
{
	struct lab_wait *w = arg;
	struct waiting_job *j = w->running;

	if (!j || j->dead || w->ending)
		return !j;
	if (time <= 0)
		return true;
	j->returns = back;
	sim_at(w->sim, sim_now(w->sim) + time, time_has_passed, j);
	sem_post(&j->back);
	await_turn(&j->turn);
	return !w->ending && (!back || !j->dead);
}

void
lab_wait_kill(struct lab_wait *w, const struct node *node)
{
	for (struct waiting_job *j = w->jobs; j; j = j->next)
		j->dead |= j->node == node;
}

void
lab_wait_run(struct lab_wait *w, struct node *node, const char *name, struct job *job)
{
	struct waiting_job *j = x_alloc(sizeof(*j));

	*j =
	    (struct waiting_job){.next = w->jobs, .all = w, .node = node, .name = name, .job = job};
	sem_init(&j->turn, 0, 0);
	sem_init(&j->back, 0, 0);
	w->jobs = j;
	if (pthread_create(&j->thread, NULL, run_thread, j)) {
		/* No thread is to be had: it does not wait. */
		w->jobs = j->next;
		job->run(job);
		node_job_done(node, job);
		sem_destroy(&j->turn);
		sem_destroy(&j->back);
		free(j);
		return;
	}
	give_turn(j);
}

struct lab_wait *
lab_wait_new(struct sim *sim)
{
	struct lab_wait *w = x_alloc(sizeof(*w));

	w->sim = sim;
	return w;
}

void
lab_wait_free(struct lab_wait *w)
{
	if (!w)
		return;
	w->ending = true;
	while (w->jobs)
		give_turn(w->jobs);
	free(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for a disk or a network does not wait behind those who compute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "cli/live/loop_jobs.h"

#define JOBS 200

static sem_t go;
static atomic_uint stuck, running, running_most;
static unsigned n_done, order[JOBS + 1];
static struct job jobs[JOBS + 1];

/* Diffie-Hellman that goes on until who renews the lease has had its turn. */
static void
compute_long(struct job *job)
{
	struct timespec until;
	unsigned now = atomic_fetch_add(&running, 1) + 1, most = atomic_load(&running_most);

	(void)job;
	while (now > most && !atomic_compare_exchange_weak(&running_most, &most, now))
		;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	if (sem_timedwait(&go, &until))
		atomic_fetch_add(&stuck, 1);
	atomic_fetch_sub(&running, 1);
}

static void
renew_lease(struct job *job)
{
	(void)job;
	for (int i = 0; i < JOBS; i++)
		sem_post(&go);
}

static void
note_done(void *arg, struct job *job)
{
	(void)arg;
	order[n_done++] = (unsigned)(job - jobs);
}

static void
test_who_waits_is_not_behind_who_computes(void **state)
{
	struct loop_jobs pool;
	uv_loop_t loop;
	unsigned last = 0;

	(void)state;
	sem_init(&go, 0, 0);
	assert_int_equal(uv_loop_init(&loop), 0);
	loop_jobs_init(&pool, &loop);
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct job){.run = compute_long, .computes = true};
		loop_jobs_submit(&pool, &jobs[i], note_done, NULL);
	}
	jobs[JOBS].run = renew_lease;
	loop_jobs_submit(&pool, &jobs[JOBS], note_done, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(n_done, JOBS + 1);
	assert_int_equal(atomic_load(&stuck), 0);
	assert_in_range(atomic_load(&running_most), 1, pool.most);
	for (int i = 0; i <= JOBS; i++) /* none of the first is among the last */
		last = order[i] == 0 ? (unsigned)i : last;
	assert_true(last < JOBS / 2);
	assert_int_equal(uv_loop_close(&loop), 0);
	sem_destroy(&go);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_waits_is_not_behind_who_computes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

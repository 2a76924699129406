/* SPDX-License-Identifier: Apache-2.0 */
/* The lease of a server is renewed beside a look at the store that takes long: see coop.h. */
#include <stdlib.h>

#include "runtime/core/coop.h"
#include "runtime/core/core_priv.h"

struct renewal {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	unsigned generation; /* of that: keep.h */
	uint64_t lease;
	int error;
};

static void
discard_renewal(struct core_job *j)
{
	free(j);
}

static void
run_renewal(struct job *j)
{
	struct renewal *r = (struct renewal *)j;

	r->error = r->store->ops->lease_keep(r->store, r->lease);
}

static void
renewal_done(struct core *c, struct core_job *j)
{
	const struct renewal *r = (const struct renewal *)j;

	c->coop.renewing = NULL;
	if (!r->error && r->lease == c->coop.lease &&
	    r->generation == c->keeps[KEEP_SHARED].generation) /* what fails is found by the look */
		c->coop.heard = c->now;
	discard_renewal(j);
}

void
coop_renew_fire(struct core *c, struct timer *timer, msec now)
{
	struct coop *k = &c->coop;
	struct renewal *r;

	if (!k->under_way || !c->keeps[KEEP_SHARED].store)
		return;
	timer_set(&c->timers, timer, now + COOP_RENEW);
	if (k->renewing || !k->lease || now - k->heard > COOP_LEASE)
		return;
	r = x_alloc(sizeof(*r));
	r->job = (struct core_job){
	    .job.run = run_renewal, .done = renewal_done, .discard = discard_renewal};
	r->store = c->keeps[KEEP_SHARED].store;
	r->generation = c->keeps[KEEP_SHARED].generation;
	r->lease = k->lease;
	k->renewing = r;
	core_submit(c, &r->job);
}

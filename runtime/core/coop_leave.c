/* SPDX-License-Identifier: Apache-2.0 */
/* A server leaves its group, or its node ends: its words and lead go from the store: see coop.h. */
#include <stdlib.h>

#include "runtime/core/coop.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

struct release {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	char words[KS_NAME_MAX], leader[KS_NAME_MAX];
	uint64_t term; /* 0: it does not lead */
};

static void
discard_release(struct core_job *j)
{
	free(j);
}

static void
release_done(struct core *c, struct core_job *j)
{
	(void)c;
	discard_release(j);
}

/* What fails ends with the lease. */
static void
run_release(struct job *j)
{
	struct release *r = (struct release *)j;
	const struct store_write words = {.name = r->words}, leader = {.name = r->leader};
	const struct store_check check = {.name = r->leader, .revision = r->term};

	r->store->ops->commit(r->store, &(struct store_txn){.n_writes = 1, .writes = &words}, NULL);
	if (r->term)
		r->store->ops->commit(
		    r->store,
		    &(struct store_txn){
			.n_checks = 1, .checks = &check, .n_writes = 1, .writes = &leader},
		    NULL);
}

void
coop_release(struct core *c, const struct group_id *id, uint32_t addr, uint64_t term)
{
	struct release *r = x_alloc(sizeof(*r));

	r->job = (struct core_job){
	    .job.run = run_release, .done = release_done, .discard = discard_release};
	r->store = c->keeps[KEEP_SHARED].store;
	r->term = term;
	ks_save_name(id, r->words, "servers/%08x", addr);
	ks_save_name(id, r->leader, "leader");
	if (r->store)
		core_submit(c, &r->job);
	else
		free(r);
}

/*
 * Where the store does not answer just now, the lease ends by itself before that would. What is
 * under way finds that it has ended.
 */
void
coop_end_lease(struct core *c)
{
	struct store *store = c->keeps[KEEP_SHARED].store;
	struct coop *k = &c->coop;

	if (store && k->lease && !k->error)
		store->ops->lease_end(store, k->lease);
	k->lease = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between two looks at the store a server that follows listens, where the store can tell at once
 * that a record has gone: when that is the leader's, it looks at once. See coop.h.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/coop.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

struct listening {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	char prefix[KS_NAME_MAX];
	uint64_t since;
	unsigned wait; /* milliseconds */
	atomic_bool stop;
	bool heard; /* that a leader has gone */
};

static void
discard_listening(struct core_job *j)
{
	free(j);
}

/* In any thread. What fails is found by the next look. */
static void
run_listening(struct job *j)
{
	struct listening *l = (struct listening *)j;

	l->heard =
	    l->store->ops->listen(l->store, l->prefix, "leader", l->since, l->wait, &l->stop) > 0;
}

static void
listening_done(struct core *c, struct core_job *j)
{
	const struct listening *l = (const struct listening *)j;

	c->coop.listening = NULL;
	if (l->heard || atomic_load(&l->stop))
		coop_look(c);
	discard_listening(j);
}

/* Of all groups that look at the store, as a look asks for them; false: nothing is to be heard. */
static bool
aim_listening(const struct core *c, struct listening *l)
{
	size_t n = 0;
	bool follows = false;

	for (size_t i = 0; i < c->n_kss; i++) {
		const struct ks *ks = c->kss[i];

		if (!ks->coop.on || !ks->coop.since)
			continue;
		follows |= !ks->coop.leads && ks->coop.leader;
		if (!n++ || ks->coop.since < l->since)
			l->since = ks->coop.since;
		ks_save_name(&ks->id, l->prefix, "%s", "");
	}
	if (n > 1)
		snprintf(l->prefix, sizeof(l->prefix), "%s", KS_NAMES);
	return follows;
}

void
coop_listen(struct core *c, msec until)
{
	struct store *store = c->keeps[KEEP_SHARED].store;
	struct listening *l;

	if (c->coop.listening || !store || !store->ops->listen || until <= c->now)
		return;
	l = x_alloc(sizeof(*l));
	l->job = (struct core_job){
	    .job.run = run_listening, .done = listening_done, .discard = discard_listening};
	l->store = store;
	l->wait = (unsigned)(until - c->now);
	atomic_init(&l->stop, false);
	if (!aim_listening(c, l)) {
		free(l);
		return;
	}
	c->coop.listening = l;
	core_submit(c, &l->job);
}

bool
coop_listen_stop(struct core *c)
{
	if (!c->coop.listening)
		return false;
	atomic_store(&c->coop.listening->stop, true);
	return true;
}

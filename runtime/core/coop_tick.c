/* SPDX-License-Identifier: Apache-2.0 */
/* A look at the shared store: see coop_tick.h. */
#include "runtime/core/coop_tick.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/core/ks.h"
#include "runtime/wire/wr.h"

void
coop_tick_discard(struct core_job *j)
{
	struct tick *t = (struct tick *)j;

	for (size_t i = 0; i < t->n; i++)
		keep_load_free(t->groups[i].found);
	free(t->groups);
	free(t);
}

static int
renew_lease(struct tick *t)
{
	const struct store_ops *ops = t->store->ops;
	int error = t->lease ? ops->lease_keep(t->store, t->lease) : -ENOENT;

	if (error != -ENOENT)
		return error;
	t->fresh = true;
	error = ops->lease_begin(t->store, COOP_LEASE, &t->lease);
	if (error)
		t->lease = 0;
	return error;
}

/* *ret: the revision of what was written; may be NULL. */
static int
commit_one(struct tick *t, const struct store_check *checks, size_t n_checks, struct store_write w,
           uint64_t *ret)
{
	return t->store->ops->commit(
	    t->store,
	    &(struct store_txn){
		.n_checks = n_checks, .checks = checks, .n_writes = 1, .writes = &w},
	    ret);
}

static int
say_words(struct tick *t, struct tick_group *g)
{
	char name[KS_NAME_MAX];

	g->said = true;
	ks_save_name(&g->id, name, "servers/%08x", g->addr);
	return commit_one(t, NULL, 0,
	                  (struct store_write){
			      .name = name, .value = SPAN(g->words, g->n_words), .lease = t->lease},
	                  NULL);
}

/* Only who knows the newest keys may lead. That another one was first is no error. */
static int
take_lead(struct tick *t, struct tick_group *g)
{
	char leader[KS_NAME_MAX], keys[KS_NAME_MAX];
	struct store_check checks[] = {{.name = leader, .revision = g->over},
	                               {.name = keys, .revision = g->keys}};
	uint8_t addr[4];
	struct wr w = wr_buf(addr, sizeof(addr));
	uint64_t revision = 0;
	int error;

	ks_save_name(&g->id, leader, "leader");
	ks_save_name(&g->id, keys, "keys");
	wr_u32(&w, g->addr);
	error = commit_one(
	    t, checks, ARRAY_SIZE(checks),
	    (struct store_write){.name = leader, .value = wr_done(&w), .lease = t->lease},
	    &revision);
	g->led = error ? 0 : revision;
	g->refused = error == -EAGAIN;
	return error == -EAGAIN ? 0 : error;
}

static int
give_up_lead(struct tick *t, const struct tick_group *g)
{
	char leader[KS_NAME_MAX];
	struct store_check check = {.name = leader, .revision = g->term};
	int error;

	ks_save_name(&g->id, leader, "leader");
	error = commit_one(t, &check, 1, (struct store_write){.name = leader}, NULL);
	return error == -EAGAIN ? 0 : error;
}

/* --- identifiers ------------------------------------------------------------------------------ */

struct sids_record {
	bool right; /* it is there, and makes sense */
	bool torn;
	uint64_t revision;
	struct coop_sids sids;
};

static bool
take_sids_record(void *arg, const struct store_record *record)
{
	struct sids_record *s = arg;

	s->torn = record->torn;
	s->right = coop_get_sids(record->value, &s->sids);
	s->revision = record->revision;
	return false;
}

/*
 * A piece of the identifiers of this epoch for the server alone. Where the record is not there, is
 * of other keys, or has gone back, there is none before the leader has written it again.
 */
static int
claim_sids(struct tick *t, struct tick_group *g)
{
	struct sids_record s = {0};
	char name[KS_NAME_MAX], keys[KS_NAME_MAX];
	struct store_check checks[] = {{.name = name}, {.name = keys, .revision = g->keys}};
	struct coop_pool *pool;
	uint8_t buf[COOP_SIDS_MAX];
	uint64_t from, to;
	int error;

	ks_save_name(&g->id, name, "sids");
	ks_save_name(&g->id, keys, "keys");
	error = t->store->ops->read(t->store, name, take_sids_record, &s, NULL);
	if (s.torn)
		return 0;
	if (error || !s.right || s.sids.epoch != g->sids_epoch ||
	    !coop_sids_cover(&s.sids, &g->known))
		return error;
	pool = coop_pool_get(&s.sids, &g->kssids); /* the first of its servers to ask makes it */
	g->sids_clash = !pool;
	if (!pool)
		return 0;
	from = pool->next;
	g->sids_gone = from >= g->sids_all;
	if (g->sids_gone)
		return 0;
	to = g->sids_all - from < g->sids ? g->sids_all : from + g->sids;
	pool->next = to;
	checks[0].revision = s.revision;
	error = commit_one(
	    t, checks, ARRAY_SIZE(checks),
	    (struct store_write){.name = name, .value = SPAN(buf, coop_put_sids(&s.sids, buf))},
	    NULL);
	if (!error) {
		g->sids_from = from;
		g->sids_to = to;
	}
	return error == -EAGAIN ? 0 : error;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Who was away that long may look at another store than before. */
static bool
wants_changes(const struct tick *t, const struct tick_group *g)
{
	return g->since && !t->fresh && !g->refused;
}

static bool
looks_with_others(const struct tick *t, const struct tick_group *g)
{
	return !g->error && !g->apart && wants_changes(t, g);
}

/* What is torn alone is told with the rest. */
static int
look_error(const struct keep_load *l)
{
	return keep_load_is_whole(l) ? 0 : keep_load_error(l);
}

/*
 * What has changed of all groups at once. A look may have to wait for the store to catch up, which
 * one after the other would be a quarter of a second for each. Records of groups that are not
 * served here may be torn, all the time: that is theirs. Where it is not known whose are, or so old
 * a change is not known any more, each group finds out alone.
 */
static void
look_at_several(struct tick *t)
{
	uint64_t since = UINT64_MAX;
	struct keep_load *all;
	size_t n = 0;
	int error;

	for (size_t i = 0; i < t->n; i++) {
		if (!looks_with_others(t, &t->groups[i]))
			continue;
		n++;
		since = t->groups[i].since < since ? t->groups[i].since : since;
	}
	if (n < 2)
		return;
	all = keep_load_changes(t->store, KS_NAMES, since);
	error = look_error(all);
	for (size_t i = 0; i < t->n && error != -STORE_TORN && error != -ESTALE; i++) {
		struct tick_group *g = &t->groups[i];
		char prefix[KS_NAME_MAX];

		if (!looks_with_others(t, g))
			continue;
		ks_save_name(&g->id, prefix, "%s", "");
		g->found = error ? NULL : keep_load_part(all, prefix, g->since);
		g->error = error;
	}
	keep_load_free(all);
}

static int
write_of_group(struct tick *t, struct tick_group *g)
{
	/* First: who cannot say anything any more is to give up all the more. */
	int error = g->term ? give_up_lead(t, g) : 0;

	if (!error && (t->fresh || g->says))
		error = say_words(t, g);
	if (!error && g->lead && !t->fresh)
		error = take_lead(t, g);
	if (!error && g->sids)
		error = claim_sids(t, g);
	return error;
}

/* A lease that was not renewed, since it was just before, may have ended all the same. */
static int
write_under_lease(struct tick *t, struct tick_group *g)
{
	int error = write_of_group(t, g);

	if (error != -ENOENT || !t->renewed)
		return error;
	t->renewed = false;
	t->error = renew_lease(t);
	return t->error ? t->error : write_of_group(t, g);
}

static int
look_at_group(struct tick *t, struct tick_group *g)
{
	char prefix[KS_NAME_MAX];
	int error = 0;

	ks_save_name(&g->id, prefix, "%s", "");
	if (wants_changes(t, g)) {
		g->found = keep_load_changes(t->store, prefix, g->since);
		error = look_error(g->found);
	}
	if (!g->found || error == -ESTALE) {
		keep_load_free(g->found);
		g->found = keep_load_all(t->store, prefix);
		g->whole = true;
		error = look_error(g->found);
	}
	return error;
}

bool
coop_tick_is_of_group(int error)
{
	return error == -STORE_TORN;
}

/* No answer came: who asks for more waits as long again. */
static bool
is_unheard(int error)
{
	return error == -EHOSTUNREACH || error == -EIO;
}

/* Who may not write reads on: others do write. */
static void
write_all(struct tick *t)
{
	int unheard = 0;

	for (size_t i = 0; i < t->n && !t->error; i++) {
		struct tick_group *g = &t->groups[i];

		g->unwritten = unheard ? unheard : write_under_lease(t, g);
		if (is_unheard(g->unwritten))
			g->error = unheard = g->unwritten;
	}
}

void
coop_tick_run(struct job *j)
{
	struct tick *t = (struct tick *)j;

	if (t->ends)
		t->store->ops->lease_end(t->store, t->ends); /* or it ends by itself */
	t->error = t->renewed ? 0 : renew_lease(t);
	write_all(t);
	if (!t->error)
		look_at_several(t);
	for (size_t i = 0; i < t->n && !t->error; i++)
		if (!t->groups[i].error && !t->groups[i].found)
			t->groups[i].error = look_at_group(t, &t->groups[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The core's way into the store: see keep.h. */
#include "runtime/core/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/crypto/secret.h"

struct record {
	char *name;
	struct secret value;
	bool removed;
	uint64_t revision;
};

static void
records_free(struct record *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(records[i].name);
		secret_fini(&records[i].value);
	}
	free(records);
}

/* --- a transaction ---------------------------------------------------------------------------- */

struct keep_batch {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	struct record *records;
	size_t n, capacity;
	struct record *checks; /* their names and revisions */
	size_t n_checks, checks_capacity;
	int error;         /* of the commit */
	uint64_t revision; /* of what it wrote */
};

void
keep_put(struct keep_batch *b, const char *name, struct span value)
{
	struct record *r;

	x_grow(&b->records, &b->capacity, b->n + 1, sizeof(*b->records));
	r = &b->records[b->n++];
	*r = (struct record){.name = x_strdup(name), .removed = !value.p};
	if (value.p)
		secret_copy(&r->value, value);
}

void
keep_check(struct keep_batch *b, const char *name, uint64_t revision)
{
	x_grow(&b->checks, &b->checks_capacity, b->n_checks + 1, sizeof(*b->checks));
	b->checks[b->n_checks++] = (struct record){.name = x_strdup(name), .revision = revision};
}

static void
batch_free(struct keep_batch *b)
{
	records_free(b->records, b->n);
	records_free(b->checks, b->n_checks);
	free(b);
}

static void
discard_batch(struct core_job *j)
{
	batch_free((struct keep_batch *)j);
}

/* In any thread. */
static void
run_batch(struct job *j)
{
	struct keep_batch *b = (struct keep_batch *)j;
	struct store_write *writes = x_alloc((b->n + 1) * sizeof(*writes));
	struct store_check *checks = x_alloc((b->n_checks + 1) * sizeof(*checks));

	for (size_t i = 0; i < b->n; i++) {
		writes[i].name = b->records[i].name;
		if (!b->records[i].removed)
			writes[i].value = secret_span(&b->records[i].value);
	}
	for (size_t i = 0; i < b->n_checks; i++)
		checks[i] = (struct store_check){.name = b->checks[i].name,
		                                 .revision = b->checks[i].revision};
	b->error = b->store->ops->commit(
	    b->store,
	    &(struct store_txn){
		.n_checks = b->n_checks, .checks = checks, .n_writes = b->n, .writes = writes},
	    &b->revision);
	free(checks);
	free(writes);
}

void
keep_forget(struct core *c, const char *name)
{
	struct keep *k = &c->keep;

	x_grow(&k->forgotten, &k->capacity, k->n_forgotten + 1, sizeof(*k->forgotten));
	k->forgotten[k->n_forgotten++] = x_strdup(name);
}

/*
 * Is there anything that the next transaction has to hold, as far as can be told without making it?
 */
static bool
has_unkept(const struct core *c)
{
	for (size_t i = 0; i < c->n_kss; i++)
		if (ks_touched(c->kss[i]))
			return true;
	return c->keep.n_forgotten > 0;
}

/* --- datagrams that wait ---------------------------------------------------------------------- */

bool
keep_holds(struct core *c, struct out *take_datagram)
{
	struct keep *k = &c->keep;

	if (!k->store || take_datagram->kept || (!k->under_way && !k->failing))
		return false;
	if (k->failing) {
		core_out_free(take_datagram);
		return true;
	}
	/*
	 * What was said after the transaction was made may tell of what only the next one brings.
	 */
	take_datagram->after = has_unkept(c) ? k->begun + 1 : k->begun;
	take_datagram->next = NULL;
	*k->held_last = take_datagram;
	k->held_last = &take_datagram->next;
	return true;
}

/* Those that waited for what is kept now, or all, go to the front of the queue. */
static void
release_held(struct core *c, bool all)
{
	struct keep *k = &c->keep;
	struct out *first = k->held, **last = &k->held;

	while (*last && (all || (*last)->after <= k->done)) {
		(*last)->kept = true;
		last = &(*last)->next;
	}
	if (last == &k->held)
		return;
	k->held = *last;
	if (!k->held)
		k->held_last = &k->held;
	*last = c->out_first;
	if (!c->out_first)
		c->out_last = last;
	c->out_first = first;
}

static void
drop_held(struct core *c)
{
	struct keep *k = &c->keep;

	while (k->held) {
		struct out *o = k->held;

		k->held = o->next;
		core_out_free(o);
	}
	k->held_last = &k->held;
}

/* --- making and ending a transaction ---------------------------------------------------------- */

/* The records of a transaction that failed are made again for the next one. */
static void
put_back(struct core *c, const struct keep_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		bool ours = false;

		for (size_t k = 0; k < c->n_kss && !ours; k++)
			ours = ks_save_again(c->kss[k], b->records[i].name);
		if (!ours)
			keep_forget(c, b->records[i].name);
	}
}

static void
note_failure(struct core *c, const struct keep_batch *b)
{
	struct keep *k = &c->keep;

	if (!k->failing)
		LOG(&c->env.log, STORE_FAILS, store_error_text(b->error));
	k->failing = true;
	put_back(c, b);
	for (size_t i = 0; i < c->n_kss; i++) {
		/* What was there may be gone; what is in memory is whole. */
		if (b->error == -STORE_TORN)
			ks_save_whole(c->kss[i]);
		ks_push_again(c->kss[i]);
	}
	drop_held(c);
	timer_set(&c->timers, &k->retry, c->now + KEEP_RETRY);
}

/*
 * Somebody else has written: the servers concerned read what they find, and this one says nothing.
 */
static void
note_overtaken(struct core *c, const struct keep_batch *b)
{
	put_back(c, b);
	drop_held(c);
	for (size_t i = 0; i < b->n_checks; i++)
		for (size_t k = 0; k < c->n_kss; k++)
			ks_overtaken(c->kss[k], b->checks[i].name);
}

static void
batch_done(struct core *c, struct core_job *j)
{
	struct keep_batch *b = (struct keep_batch *)j;
	struct keep *k = &c->keep;

	k->under_way = NULL;
	if (b->error == -EAGAIN) { /* the store has answered */
		k->failing = false;
		note_overtaken(c, b);
	} else if (b->error) {
		note_failure(c, b);
	} else {
		k->done = k->begun;
		for (size_t i = 0; i < c->n_kss; i++)
			ks_saved(c->kss[i], b->revision);
		if (k->failing)
			LOG(&c->env.log, STORE_WORKS);
		k->failing = false;
		release_held(c, false);
	}
	batch_free(b);
}

static void
make_batch(struct core *c)
{
	struct keep *k = &c->keep;
	struct keep_batch *b = x_alloc(sizeof(*b));

	b->job =
	    (struct core_job){.job.run = run_batch, .done = batch_done, .discard = discard_batch};
	b->store = k->store;
	if (!k->scratch)
		k->scratch = x_alloc(STORE_VALUE_MAX);
	for (size_t i = 0; i < k->n_forgotten; i++) {
		keep_put(b, k->forgotten[i], (struct span){0});
		free(k->forgotten[i]);
	}
	k->n_forgotten = 0;
	for (size_t i = 0; i < c->n_kss; i++)
		ks_save(c->kss[i], b);
	if (!b->n) {
		batch_free(b);
		return;
	}
	k->begun++;
	k->under_way = b;
	core_submit(c, &b->job);
}

bool
keep_waits(const struct core *c)
{
	const struct keep *k = &c->keep;

	return k->store && !k->under_way && !k->failing && (k->held || has_unkept(c));
}

void
keep_flush(struct core *c)
{
	struct keep *k = &c->keep;

	if (!k->store || k->under_way || k->failing)
		return;
	if (has_unkept(c))
		make_batch(c);
	if (!k->under_way)
		release_held(c, true); /* what they waited for came to nothing */
}

/* A transaction that works ends the failing. */
static void
try_again(struct core *c, struct timer *t, msec now)
{
	(void)t;
	(void)now;
	if (!c->keep.under_way)
		make_batch(c);
	if (!c->keep.under_way) /* nothing is left to be kept */
		c->keep.failing = false;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct keep_load {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	char *prefix;
	void (*loaded)(void *arg, const struct keep_load *l); /* NULL: nobody waits */
	void *arg;
	int error;
	struct record *records;
	size_t n, capacity;
};

static void
discard_load(struct core_job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	records_free(l->records, l->n);
	free(l->prefix);
	free(l);
}

static bool
add_record(void *arg, const struct store_record *found)
{
	struct keep_load *l = arg;
	struct record *r;

	x_grow(&l->records, &l->capacity, l->n + 1, sizeof(*l->records));
	r = &l->records[l->n++];
	*r = (struct record){.name = x_strdup(found->name), .revision = found->revision};
	secret_copy(&r->value, found->value);
	return true;
}

/* In any thread. */
static void
run_load(struct job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	l->error = l->store->ops->read(l->store, l->prefix, add_record, l, NULL);
}

static void
load_done(struct core *c, struct core_job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	(void)c;
	if (l->loaded)
		l->loaded(l->arg, l);
	discard_load(j);
}

struct keep_load *
keep_load(struct core *c, const char *prefix, void (*loaded)(void *arg, const struct keep_load *l),
          void *arg)
{
	struct keep_load *l = x_alloc(sizeof(*l));

	l->job = (struct core_job){.job.run = run_load, .done = load_done, .discard = discard_load};
	l->store = c->keep.store;
	l->prefix = x_strdup(prefix);
	l->loaded = loaded;
	l->arg = arg;
	core_submit(c, &l->job);
	return l;
}

void
keep_load_cancel(struct keep_load *l)
{
	l->loaded = NULL;
}

int
keep_load_error(const struct keep_load *l)
{
	return l->error;
}

size_t
keep_load_count(const struct keep_load *l)
{
	return l->n;
}

struct store_record
keep_load_at(const struct keep_load *l, size_t i)
{
	return (struct store_record){.name = l->records[i].name,
	                             .value = secret_span(&l->records[i].value),
	                             .revision = l->records[i].revision};
}

/* --- the clock -------------------------------------------------------------------------------- */

int64_t
keep_wall(struct core *c, msec at)
{
	struct keep *k = &c->keep;
	int64_t ahead = c->env.wall(c->env.arg) - c->now;

	if (ahead - k->wall_ahead > SECONDS(1) || k->wall_ahead - ahead > SECONDS(1))
		k->wall_ahead = ahead;
	return at + k->wall_ahead;
}

/* --- life ------------------------------------------------------------------------------------- */

void
keep_init(struct core *c)
{
	struct keep *k = &c->keep;

	k->store = c->env.store;
	k->held_last = &k->held;
	k->retry.fire = try_again;
}

void
keep_fini(struct core *c)
{
	drop_held(c);
	timer_cancel(&c->timers, &c->keep.retry);
	for (size_t i = 0; i < c->keep.n_forgotten; i++)
		free(c->keep.forgotten[i]);
	free(c->keep.forgotten);
	free(c->keep.scratch); /* wiped after each use */
}

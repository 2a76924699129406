/* SPDX-License-Identifier: Apache-2.0 */
/* The core's way into the store: see keep.h. */
#include "runtime/core/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/ks_seen.h"
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
	unsigned generation; /* of that */
	struct record *records;
	size_t n, capacity;
	struct record *checks; /* their names and revisions */
	size_t n_checks, checks_capacity;
	/* Without acknowledgements, which are behind the rest, and which no datagram tells of. */
	size_t n_awaited, n_awaited_checks;
	size_t n_groups;   /* that what is awaited is of */
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

bool
keep_checks(const struct keep_batch *b, const char *name)
{
	for (size_t i = 0; i < b->n_checks; i++)
		if (strcmp(b->checks[i].name, name) == 0)
			return true;
	return false;
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
keep_forget(struct keep *k, const char *name)
{
	x_grow(&k->forgotten, &k->capacity, k->n_forgotten + 1, sizeof(*k->forgotten));
	k->forgotten[k->n_forgotten++] = x_strdup(name);
}

size_t
keep_room(const struct keep *k, const struct keep_batch *b)
{
	size_t n = b->n > b->n_checks ? b->n : b->n_checks; /* etcd counts them apart */

	return !k->most ? SIZE_MAX : n < k->most ? k->most - n : 0;
}

/*
 * Is there anything that the next transaction has to hold, as far as can be told without making it?
 */
static bool
has_unkept(const struct keep *k)
{
	const struct core *c = k->core;

	for (size_t i = 0; i < c->n_kss; i++)
		if ((c->kss[i]->keep == k && ks_touched(c->kss[i])) ||
		    (k->place == KEEP_OWN && ks_seen_touched(c->kss[i])))
			return true;
	return k->n_forgotten > 0;
}

/* Is there anything that it may hold, and that nobody waits for? */
static bool
has_later(const struct keep *k)
{
	const struct core *c = k->core;

	for (size_t i = 0; i < c->n_kss && !k->acks_wait; i++)
		if (c->kss[i]->keep == k && c->kss[i]->save.n_acked && ks_may_save(c->kss[i]))
			return true;
	return false;
}

/* --- datagrams that wait ---------------------------------------------------------------------- */

/*
 * The transaction that a datagram waits for. What was said after that under way was made may tell
 * of what only the next one brings.
 */
static uint64_t
awaited_by(const struct keep *k)
{
	if (!k->store || k->failing || (!k->under_way && !k->stale))
		return 0;
	if (has_unkept(k))
		return k->begun + 1;
	return k->under_way && k->under_way->n_awaited ? k->begun : 0;
}

bool
keep_holds(struct core *c, struct out *take_datagram)
{
	struct keep_held *h = &c->held;
	bool waits = false;

	if (take_datagram->kept)
		return false;
	if (c->keeps[KEEP_OWN].failing) {
		core_out_free(take_datagram);
		return true;
	}
	for (int i = 0; i < KEEP_PLACES; i++) {
		take_datagram->after[i] = awaited_by(&c->keeps[i]);
		waits |= take_datagram->after[i] != 0;
	}
	if (!waits)
		return false;
	take_datagram->next = NULL;
	*h->last = take_datagram;
	h->last = &take_datagram->next;
	return true;
}

static bool
is_kept(const struct core *c, const struct out *o)
{
	for (int i = 0; i < KEEP_PLACES; i++)
		if (o->after[i] > c->keeps[i].done)
			return false;
	return true;
}

static bool
is_at_work(const struct core *c)
{
	for (int i = 0; i < KEEP_PLACES; i++)
		if (c->keeps[i].under_way || c->keeps[i].stale)
			return true;
	return false;
}

/* Those that waited for what is kept now, or all, go to the front of the queue. */
static void
release_held(struct core *c, bool all)
{
	struct keep_held *h = &c->held;
	struct out *first = h->first, **last = &h->first;

	while (*last && (all || is_kept(c, *last))) {
		(*last)->kept = true;
		last = &(*last)->next;
	}
	if (last == &h->first)
		return;
	h->first = *last;
	if (!h->first)
		h->last = &h->first;
	*last = c->out_first;
	if (!c->out_first)
		c->out_last = last;
	c->out_first = first;
}

/* What waits for the transaction that was just made waits for the next one. */
static void
postpone_held(struct keep *k)
{
	for (struct out *o = k->core->held.first; o; o = o->next)
		o->after[k->place] += o->after[k->place] == k->begun;
}

static void
drop_held(struct core *c)
{
	struct keep_held *h = &c->held;

	while (h->first) {
		struct out *o = h->first;

		h->first = o->next;
		core_out_free(o);
	}
	h->last = &h->first;
}

/* Most of what is said is not known to be anybody's: who misses it asks again. */
static bool
may_be_of(const struct out *o, const struct ks *ks)
{
	return !o->of || o->of == ks;
}

/* What was said and waits for it is never said; of: but for rekeys of others than this server. */
static void
drop_waiting(struct keep *k, const struct ks *of)
{
	struct keep_held *h = &k->core->held;
	struct out **at = &h->first;

	while (*at) {
		struct out *o = *at;

		if (o->after[k->place] && (!of || may_be_of(o, of))) {
			*at = o->next;
			core_out_free(o);
		} else {
			at = &o->next;
		}
	}
	h->last = at;
}

/* All that waits for it; rekeys of others, which wait for every store, are said again. */
static void
drop_all_waiting(struct keep *k)
{
	struct core *c = k->core;

	drop_waiting(k, NULL);
	for (size_t i = 0; i < c->n_kss; i++)
		ks_push_again(c->kss[i]);
}

#define KEEP_BESIDE 8 /* records and checks of one group that is no member */
#define ACKS_TRIES  3 /* to write acknowledgements, in a row */

/* --- making and ending a transaction ---------------------------------------------------------- */

static void
put_acks_back(struct keep *keep, const struct keep_batch *b, bool again)
{
	struct core *c = keep->core;

	for (size_t i = b->n_awaited; i < b->n; i++) {
		bool ours = false;

		for (size_t k = 0; k < c->n_kss && !ours; k++)
			ours = c->kss[k]->keep == keep &&
			       ks_save_ack_refused(c->kss[k], b->records[i].name, again);
	}
}

/* The records of a transaction that failed are made again for the next one. */
static void
put_back(struct keep *keep, const struct keep_batch *b)
{
	struct core *c = keep->core;

	put_acks_back(keep, b, true);
	for (size_t i = 0; i < b->n_awaited; i++) {
		bool ours = false;

		for (size_t k = 0; k < c->n_kss && !ours; k++)
			ours = c->kss[k]->keep == keep
			           ? ks_save_again(c->kss[k], b->records[i].name)
			           : keep->place == KEEP_OWN &&
			                 ks_seen_again(c->kss[k], b->records[i].name);
		/* What is shared belongs to others, too, who may serve the group on. */
		if (!ours && keep->place == KEEP_OWN)
			keep_forget(keep, b->records[i].name);
	}
}

static void
note_failure(struct keep *k, const struct keep_batch *b)
{
	struct core *c = k->core;

	if (!k->failing && k->place == KEEP_OWN)
		LOG(&c->env.log, STORE_FAILS, store_error_text(b->error));
	if (!k->failing && k->place == KEEP_SHARED)
		LOG(&c->env.log, COOP_STORE_FAILS, store_error_text(b->error));
	k->failing = true;
	k->failures++;
	if (k->place == KEEP_SHARED && k->failures > 1) /* another one may fare better */
		c->coop.back_until = c->now + COOP_BACK;
	put_back(k, b);
	for (size_t i = 0; i < c->n_kss; i++) {
		if (b->error == -STORE_TORN && k->place == KEEP_OWN)
			ks_seen_whole(c->kss[i]);
		if (c->kss[i]->keep != k)
			continue;
		/* What was there may be gone; what is in memory is whole. */
		if (b->error == -STORE_TORN && k->place == KEEP_OWN)
			ks_save_whole(c->kss[i]);
		if (k->place == KEEP_SHARED)
			ks_coop_follow(c->kss[i]); /* what it made goes with it */
	}
	drop_all_waiting(k);
	timer_set(&c->timers, &k->retry, c->now + KEEP_RETRY);
}

/*
 * Somebody else has written: the servers concerned read what they find, and this one says nothing.
 */
static void
note_overtaken(struct keep *keep, const struct keep_batch *b)
{
	struct core *c = keep->core;

	put_back(keep, b);
	drop_waiting(keep, NULL);
	for (size_t i = 0; i < b->n_checks; i++)
		for (size_t k = 0; k < c->n_kss; k++)
			if (c->kss[k]->keep == keep)
				ks_overtaken(c->kss[k], b->checks[i].name);
	for (size_t i = 0; i < c->n_kss; i++)
		ks_push_again(c->kss[i]); /* what others had said went with it */
}

/*
 * Somebody else has written, and it is not known of which group. Each is carried out alone: what
 * the others have made is not lost.
 */
static void
part_groups(struct keep *keep, const struct keep_batch *b)
{
	put_back(keep, b);
	postpone_held(keep);
	keep->apart = keep->core->n_kss;
}

static void
shorten_records(struct record *records, size_t *n, size_t to)
{
	for (; *n > to; --*n) {
		free(records[*n - 1].name);
		secret_fini(&records[*n - 1].value);
	}
}

/*
 * Somebody else may have written a member that has acknowledged, or removed it: the rest of the
 * transaction is tried without acknowledgements, which wait until that was read. Where they are
 * refused again and again, they are given up: who takes over sends those members the rekey again.
 */
static void
withdraw_acks(struct keep *k, struct keep_batch *b)
{
	bool again = ++k->acks_refused < ACKS_TRIES;

	put_acks_back(k, b, again);
	if (!again)
		k->acks_refused = 0;
	k->acks_wait = true;
	shorten_records(b->records, &b->n, b->n_awaited);
	shorten_records(b->checks, &b->n_checks, b->n_awaited_checks);
	coop_look(k->core);
}

static struct keep *
keep_of(struct core *c, const struct keep_batch *b)
{
	for (int i = 0; i < KEEP_PLACES; i++)
		if (c->keeps[i].under_way == b)
			return &c->keeps[i];
	abort(); /* a batch that is back was under way */
}

static void
note_works(struct keep *k)
{
	if (k->failing && k->place == KEEP_OWN)
		LOG(&k->core->env.log, STORE_WORKS);
	if (k->failing && k->place == KEEP_SHARED)
		LOG(&k->core->env.log, COOP_STORE_WORKS);
	k->failing = false;
	k->failures = 0;
}

/* It went into a store that is not used any more, and nothing of it is known in this one. */
static void
pass_over(struct keep *k)
{
	k->under_way = NULL;
	k->done = k->begun;
	release_held(k->core, false);
}

static void
note_outcome(struct keep *k, const struct keep_batch *b)
{
	struct core *c = k->core;

	k->under_way = NULL;
	if (b->error == -EAGAIN) { /* the store has answered */
		note_works(k);
		if (b->n_groups > 1)
			part_groups(k, b);
		else if (b->n) /* else there were acknowledgements only */
			note_overtaken(k, b);
	} else if (b->error) {
		note_failure(k, b);
	} else {
		k->done = k->begun;
		for (size_t i = 0; i < c->n_kss; i++)
			if (c->kss[i]->keep == k)
				ks_saved(c->kss[i], b->revision);
		note_works(k);
		release_held(c, false);
	}
}

static void
batch_done(struct core *c, struct core_job *j)
{
	struct keep_batch *b = (struct keep_batch *)j;
	struct keep *k = keep_of(c, b);

	if (b->generation != k->generation) {
		pass_over(k);
		batch_free(b);
		return;
	}
	if (b->error == -EAGAIN && b->n > b->n_awaited) {
		withdraw_acks(k, b);
		if (b->n) {
			core_submit(c, &b->job);
			return;
		}
	} else if (!b->error && b->n > b->n_awaited) {
		k->acks_refused = 0;
	}
	note_outcome(k, b);
	batch_free(b);
}

static struct keep_batch *
batch_new(const struct keep *k)
{
	struct keep_batch *b = x_alloc(sizeof(*b));

	b->job =
	    (struct core_job){.job.run = run_batch, .done = batch_done, .discard = discard_batch};
	b->store = k->store;
	b->generation = k->generation;
	return b;
}

static void
put_forgotten(struct keep *k, struct keep_batch *b)
{
	size_t n = 0;

	for (; n < k->n_forgotten && keep_room(k, b); n++) {
		keep_put(b, k->forgotten[n], (struct span){0});
		free(k->forgotten[n]);
	}
	k->n_forgotten -= n;
	if (k->n_forgotten)
		memmove(k->forgotten, k->forgotten + n, k->n_forgotten * sizeof(*k->forgotten));
}

/* The i-th of the servers in turn, which is another order each time. */
static struct ks *
server_in_turn(const struct keep *k, size_t i)
{
	const struct core *c = k->core;

	return c->kss[(k->first + i) % c->n_kss];
}

/* A group has its keys, its members, and some records and checks beside them. */
static bool
has_room(const struct keep *k, const struct keep_batch *b, const struct ks *ks)
{
	return ks->keep == k && ks_may_save(ks) && keep_room(k, b) > KEEP_BESIDE;
}

/* Who has nothing to be written need not be checked. */
static void
put_group(const struct keep *k, struct keep_batch *b, struct ks *ks)
{
	const size_t n = b->n, n_checks = b->n_checks;

	if (!has_room(k, b, ks) || (k->apart && b->n_groups))
		return;
	ks_save(ks, b);
	if (b->n == n)
		shorten_records(b->checks, &b->n_checks, n_checks);
	else
		b->n_groups++;
}

/* What datagrams tell of. */
static void
put_changes(const struct keep *k, struct keep_batch *b)
{
	for (size_t i = 0; i < k->core->n_kss; i++) {
		struct ks *ks = server_in_turn(k, i);

		put_group(k, b, ks);
		if (k->place == KEEP_OWN)
			ks_seen_put(ks, b);
	}
	b->n_awaited = b->n;
	b->n_awaited_checks = b->n_checks;
}

/* Behind that, what none tells of; alone only where its time has come. */
static void
put_acks(struct keep *k, struct keep_batch *b)
{
	for (size_t i = 0; i < k->core->n_kss && !k->acks_wait && (b->n || k->later); i++) {
		struct ks *ks = server_in_turn(k, i);

		if (has_room(k, b, ks))
			ks_save_acked(ks, b);
	}
	k->later &= b->n && has_later(k);
	if (has_later(k))
		keep_later(k);
}

static void
begin_batch(struct keep *k, struct keep_batch *b)
{
	k->begun++;
	if (has_unkept(k)) /* there was no room for all */
		postpone_held(k);
	if (!b->n_awaited) {
		k->done = k->begun;
		release_held(k->core, false);
	}
	k->under_way = b;
	core_submit(k->core, &b->job);
}

static void
make_batch(struct keep *k)
{
	struct keep_batch *b = batch_new(k);

	if (!k->scratch)
		k->scratch = x_alloc(STORE_VALUE_MAX);
	put_forgotten(k, b);
	put_changes(k, b);
	if (k->apart)
		k->apart = has_unkept(k) ? k->apart - 1 : 0;
	put_acks(k, b);
	k->first++; /* another one has room next time */
	if (b->n)
		begin_batch(k, b);
	else
		batch_free(b);
}

static bool
may_begin(const struct keep *k)
{
	return k->store && !k->under_way && !k->failing && !k->stale &&
	       (has_unkept(k) || (k->later && has_later(k)));
}

static void
fire_later(struct core *c, struct timer *t, msec now)
{
	struct keep *k = CONTAINER(t, struct keep, later_timer);

	(void)c;
	(void)now;
	k->later = has_later(k); /* keep_flush follows */
}

void
keep_later(struct keep *k)
{
	if (!k->later && !k->later_timer.place)
		timer_set(&k->core->timers, &k->later_timer, k->core->now + KEEP_LATER);
}

bool
keep_waits(const struct core *c)
{
	for (int i = 0; i < KEEP_PLACES; i++) {
		const struct keep *k = &c->keeps[i];

		if (may_begin(k))
			return true;
	}
	return c->held.first && !is_at_work(c);
}

void
keep_flush(struct core *c)
{
	for (int i = 0; i < KEEP_PLACES; i++) {
		struct keep *k = &c->keeps[i];

		if (may_begin(k))
			make_batch(k);
	}
	if (!is_at_work(c))
		release_held(c, true); /* what they waited for came to nothing */
}

/* A transaction that works ends the failing. */
static void
try_again(struct core *c, struct timer *t, msec now)
{
	struct keep *k = CONTAINER(t, struct keep, retry);

	(void)now;
	/* With nothing to write it would pass as one that works; coop.c says when it does again. */
	if (k->place == KEEP_SHARED && c->coop.error) {
		timer_set(&c->timers, &k->retry, c->now + KEEP_RETRY);
		return;
	}
	if (!k->under_way && k->store)
		make_batch(k);
	/* Nothing is left to be kept: that says nothing of whether the store takes anything. */
	if (!k->under_way)
		k->failing = false;
}

void
keep_go_on(struct keep *k, bool back)
{
	k->stale = false;
	k->acks_wait = false;
	if (has_later(k))
		keep_later(k);
	/* What fails again though the store works is not tried at each look. */
	if (k->failing && (back || k->failures < 2))
		timer_set(&k->core->timers, &k->retry, k->core->now);
}

void
keep_drop_said(const struct ks *ks)
{
	struct core *c = ks->core;
	struct out **at = &c->out_first;

	while (*at) {
		struct out *o = *at;

		if (o->out.kind == CORE_DATAGRAM && !o->kept && may_be_of(o, ks)) {
			*at = o->next;
			core_out_free(o);
		} else {
			at = &o->next;
		}
	}
	c->out_last = at;
	drop_waiting(ks->keep, ks);
}

void
keep_become(struct keep *k, struct store *store)
{
	k->store = store;
	k->generation++;
	k->failing = k->stale = k->later = k->acks_wait = false;
	k->acks_refused = k->failures = 0;
	k->apart = 0;
	timer_cancel(&k->core->timers, &k->retry);
	timer_cancel(&k->core->timers, &k->later_timer);
	for (size_t i = 0; i < k->n_forgotten; i++)
		free(k->forgotten[i]);
	k->n_forgotten = 0;
	drop_all_waiting(k);
}

void
keep_lose(struct keep *k)
{
	if (!k->stale || k->failing)
		return;
	k->stale = false;
	k->failing = true;
	for (size_t i = 0; i < k->core->n_kss; i++)
		if (k->core->kss[i]->keep == k)
			ks_coop_follow(k->core->kss[i]);
	drop_all_waiting(k);
	timer_set(&k->core->timers, &k->retry, k->core->now + KEEP_RETRY);
}

void
keep_wait_for_news(struct keep *k)
{
	k->stale = true;
}

/* --- the clock -------------------------------------------------------------------------------- */

int64_t
keep_wall(struct core *c, msec at)
{
	int64_t ahead = c->env.wall(c->env.arg) - c->now;

	if (ahead - c->wall_ahead > SECONDS(1) || c->wall_ahead - ahead > SECONDS(1))
		c->wall_ahead = ahead;
	return at + c->wall_ahead;
}

/* --- life ------------------------------------------------------------------------------------- */

void
keep_init(struct core *c)
{
	c->held.last = &c->held.first;
	for (int i = 0; i < KEEP_PLACES; i++) {
		c->keeps[i].core = c;
		c->keeps[i].place = i;
		c->keeps[i].retry.fire = try_again;
		c->keeps[i].later_timer.fire = fire_later;
	}
	c->keeps[KEEP_OWN].store = c->env.store;
	c->keeps[KEEP_SHARED].store = c->env.shared;
	c->keeps[KEEP_SHARED].most = KEEP_SHARED_MOST;
}

void
keep_fini(struct core *c)
{
	drop_held(c);
	for (int i = 0; i < KEEP_PLACES; i++) {
		struct keep *k = &c->keeps[i];

		timer_cancel(&c->timers, &k->retry);
		timer_cancel(&c->timers, &k->later_timer);
		for (size_t n = 0; n < k->n_forgotten; n++)
			free(k->forgotten[n]);
		free(k->forgotten);
		free(k->scratch); /* wiped after each use */
	}
}

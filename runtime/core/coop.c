/* SPDX-License-Identifier: Apache-2.0 */
/* The ticks of cooperating key servers, and who of them leads: see coop.h. */
#include "runtime/core/coop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "runtime/core/coop_tick.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/ks_record.h"
#include "runtime/wire/rd.h"

/* --- what servers say of themselves ----------------------------------------------------------- */

static struct coop_server *
find_server(struct ks_coop *k, uint32_t addr)
{
	for (size_t i = 0; i < k->n_servers; i++)
		if (k->servers[i].addr == addr)
			return &k->servers[i];
	return NULL;
}

static void
server_is_gone(struct ks *ks, struct coop_server *s)
{
	struct ks_coop *k = &ks->coop;
	char addr[ADDR_TEXT_MAX];

	if (s->addr != ks->cfg->server.addr)
		LOG(&ks->core->env.log, COOP_KS_UNREACH, addr_text(s->addr, addr), ks_name(ks));
	else
		k->said = 0; /* others would take it for dead */
	ks_coop_note_gone(ks, s);
	*s = k->servers[--k->n_servers];
}

int64_t
coop_time(const struct ks_coop *k, msec at)
{
	return at + k->zero;
}

/*
 * The group's time is what the leader says; until it is known here, what anybody says who knows it.
 * Only what has just been said tells what it is now, and nobody learns from himself. It does not go
 * back: somebody may have put back what the leader said an hour ago.
 */
static void
heed_clock(struct ks *ks, const struct coop_server *s)
{
	struct ks_coop *k = &ks->coop;
	int64_t off = s->time - coop_time(k, ks->core->now);

	if (s->addr == ks->cfg->server.addr || !s->timed || (k->timed && s->addr != k->leader))
		return;
	if (k->timed && off <= SECONDS(1))
		return;
	k->timed = true;
	if (off <= SECONDS(1) && -off <= SECONDS(1))
		return;
	k->zero += off;
	k->shifted = true; /* what was read by the other time is read again */
}

/* Where there are too many, the leader has the place of one that is not: others wait for it. */
static struct coop_server *
find_room(struct ks *ks, uint32_t addr)
{
	struct ks_coop *k = &ks->coop;

	if (k->n_servers < COOP_SERVERS_MAX)
		return &k->servers[k->n_servers++];
	for (size_t i = k->n_servers; i-- > 0 && addr == k->leader;)
		if (k->servers[i].addr != ks->cfg->server.addr)
			return &k->servers[i];
	return NULL;
}

static struct coop_server *
add_server(struct ks *ks, uint32_t addr)
{
	struct ks_coop *k = &ks->coop;
	struct coop_server *s = find_room(ks, addr);
	char text[ADDR_TEXT_MAX];

	if (!s) {
		SERVER_LOG(ks->core, COOP_TOO_MANY, addr_text(addr, text), ks_name(ks),
		           COOP_SERVERS_MAX);
		return NULL;
	}
	if (addr != ks->cfg->server.addr)
		LOG(&ks->core->env.log, COOP_KS_REACH, addr_text(addr, text), ks_name(ks));
	ks_coop_note_back(ks, addr);
	k->said = 0; /* it has to learn the group's time */
	*s = (struct coop_server){.addr = addr};
	return s;
}

/* It lives; nothing else is known of it. */
static void
note_unread(struct ks *ks, struct coop_server *s, const struct store_record *record)
{
	char addr[ADDR_TEXT_MAX];

	if (!s->unread && s->addr != ks->cfg->server.addr)
		LOG(&ks->core->env.log, COOP_KS_VERSION, addr_text(s->addr, addr), ks_name(ks));
	*s = (struct coop_server){.addr = s->addr, .revision = record->revision, .unread = true};
}

/* addr: as the record's name says. */
static void
server_says(struct ks *ks, uint32_t addr, const struct store_record *record, bool fresh)
{
	struct ks_coop *k = &ks->coop;
	struct coop_server said = {.revision = record->revision}, *s = find_server(k, addr);
	char text[ADDR_TEXT_MAX];

	if (!s)
		s = add_server(ks, addr);
	if (!s)
		return;
	if (!coop_words_take(record->value, &said) || said.addr != addr) {
		note_unread(ks, s, record);
		return;
	}
	said.differs = s->differs;
	if (s->timed && !said.timed)
		k->said = 0; /* it has been started again, and has to learn the group's time */
	if (s->serial != said.serial || s->able != said.able || s->priority != said.priority)
		DEBUG(&ks->core->env.log, DEBUG_KS_COOP,
		      "GDOI:KS COOP:(%s): %s says: priority %u, keys # %u, %s to lead", ks_name(ks),
		      addr_text(addr, text), said.priority, said.serial,
		      said.able ? "able" : "not able");
	*s = said;
	if (fresh)
		heed_clock(ks, s);
}

/* Who is configured otherwise than this server is told of once. */
static void
compare_servers(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < k->n_servers; i++) {
		struct coop_server *s = &k->servers[i];
		uint32_t differs = coop_settings_differ(&s->settings, &k->settings);
		struct text lines = TEXT_INIT;

		if (s->addr == ks->cfg->server.addr || s->unread || differs == s->differs)
			continue;
		s->differs = differs;
		alike_put(&lines, differs);
		if (differs)
			LOG(&ks->core->env.log, COOP_CONFIG_MISMATCH, text_string(&lines),
			    addr_text(s->addr, addr), ks_name(ks));
		text_fini(&lines);
	}
}

/* --- who leads -------------------------------------------------------------------------------- */

static void
note_leader(struct ks *ks, const struct store_record *record)
{
	struct ks_coop *k = &ks->coop;
	struct rd r = rd_span(record->value);
	uint32_t addr = record->value.p ? rd_u32(&r) : 0;
	char was[ADDR_TEXT_MAX];

	if (k->leads && record->revision != k->term)
		ks_coop_follow(ks);
	if (k->leader && !addr)
		LOG(&ks->core->env.log, COOP_KS_ELECTION, ks_name(ks), addr_text(k->leader, was));
	if (k->leader && k->leader != addr)
		k->was_leader = k->leader;
	if (k->leader && !addr)
		k->leaderless = ks->core->now;
	if (k->term != record->revision)
		k->unheard = 0; /* that was said of the one before */
	k->leader = addr;
	k->term = record->value.p || record->torn ? record->revision : 0;
	k->leased = record->leased;
	if (addr && addr != ks->cfg->server.addr)
		ks_order_lost(ks);
}

/* A record that names a leader may have been put back: it lives while it says so itself. */
static void
note_leader_lives(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->leader || find_server(k, k->leader))
		k->unheard = 0;
	else if (!k->unheard)
		k->unheard = ks->core->now;
}

/*
 * Since when it is without one that lives. A record without a lease was put back. One with a lease
 * goes with who wrote it, who may not be heard of for a while: he hears nothing himself, say.
 */
static msec
unled_from(const struct ks_coop *k)
{
	return k->leader ? k->unheard + (k->leased ? COOP_GHOST : 2 * COOP_LEASE) : k->leaderless;
}

static bool
is_led(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	return k->leader && (!k->unheard || ks->core->now < unled_from(k));
}

/* Somebody knows later keys than the leader: it makes room. */
static bool
is_outdone(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	for (size_t i = 0; i < k->n_servers; i++)
		if (k->servers[i].able && k->servers[i].addr != ks->cfg->server.addr &&
		    k->servers[i].serial > k->serial)
			return true;
	return false;
}

/* Is what stands in the way of its KSSIDs not those of a server that lives, but of one before? */
static bool
clashes_with_none(const struct ks_coop *k, const struct coop_server *s)
{
	for (size_t i = 0; i < k->n_servers; i++)
		if (!coop_kssids_equal(&k->servers[i].kssids, &s->kssids) &&
		    coop_kssids_meet(&k->servers[i].kssids, &s->kssids))
			return false;
	return true;
}

/*
 * The leader begins to count anew, with other keys, where somebody needs identifiers and there are
 * none left, or those of a configuration of before are in the way; and where somebody knows that
 * more are taken than the record says.
 */
static void
refill_sids(struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	bool dry = k->used_up && k->dry && k->sids_short, lost = false;

	if (!k->leads || !ks->save.revision || ks->save.writing || ks->save.touched ||
	    k->sids_write)
		return;
	for (size_t i = 0; i < k->n_servers; i++) {
		const struct coop_server *s = &k->servers[i];

		if (s->epoch != k->sids_epoch) /* it has not heard yet that they are counted anew */
			continue;
		dry |= k->used_up && s->dry;
		lost |=
		    s->serial == k->serial && (s->missing || (s->clash && clashes_with_none(k, s)));
	}
	/* Those of another length, too, are asked for until the store takes them. */
	if ((dry || lost || k->sid_bits != ks->cfg->server.sid_bits) && ks_coop_sids_gone(ks) &&
	    dry)
		LOG(&ks->core->env.log, KS_SIDS_EXHAUSTED, ks_name(ks));
}

/*
 * The leader sees to it that the record of identifiers is there, of these keys, and not behind what
 * is known.
 */
static void
count_sids_on(struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;

	if (k->leads && ks->save.revision && !ks_coop_sids_right(ks) && !k->sids_write &&
	    !ks->save.writing && !ks->save.touched)
		ks_coop_count_on(ks);
}

/* The leader sees to it that who comes finds what signs the group's rekeys. */
static void
keep_signer(struct ks *ks)
{
	if (ks->save.revision && !ks->save.writing && !ks->save.touched && ks_coop_wants_signer(ks))
		ks_touch(ks);
}

/*
 * Who leads and can sign no longer as members expect has the key of its KEK yet, and goes on with
 * it where nobody else could.
 */
static bool
is_unfit(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	bool other = false;

	for (size_t i = 0; i < k->n_servers; i++)
		other |= k->servers[i].able && k->servers[i].addr != ks->cfg->server.addr;
	return !ks_coop_able(ks) &&
	       (other || !k->leads || ks_coop_unable(ks) != COOP_NO_KEY || !ks->kek.signer);
}

/* It leads while the record says so, and the store takes what it writes. */
static void
settle_role(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	bool named = k->leader && k->leader == ks->cfg->server.addr;

	if (named && !k->leads && ks_coop_able(ks))
		ks_coop_lead(ks);
	/* Whoever is able is to have the lead: also when this was so before a restart. */
	if (named && (is_unfit(ks) || is_outdone(ks)))
		k->resign = true;
	if (!named)
		k->resign = false;
	keep_signer(ks);
	count_sids_on(ks);
	refill_sids(ks);
	ks_coop_tell(ks);
}

/*
 * By priority, then by address: the vendor's order. Before that, who knows later keys: the store
 * may have been put back to what it was.
 */
static bool
is_before(const struct coop_server *a, const struct coop_server *b)
{
	if (a->serial != b->serial)
		return a->serial > b->serial;
	return a->priority != b->priority ? a->priority > b->priority : a->addr > b->addr;
}

/* Nobody takes the lead before. */
static msec
free_from(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	const msec bare = ks_coop_bare_until(ks);
	msec from = unled_from(k);

	if (from < bare)
		from = bare;
	/*
	 * What others say has gone with the keys: until they say it again, nobody knows who has the
	 * newest.
	 */
	if (k->lost && from < k->lost_at + COOP_LEASE)
		from = k->lost_at + COOP_LEASE;
	return from;
}

/*
 * It has keys, and the other one, which has just come up (its words have no epoch), remembers at
 * most that there were these.
 */
static bool
has_more_than(const struct coop_server *own, const struct coop_server *other)
{
	return own->epoch && !other->epoch && own->serial >= other->serial;
}

/*
 * The best of the able servers takes the lead at once; who comes behind gives each of those before
 * it some time, since they may not be as able as they say. Who has newer keys than are in the store
 * may notice that later.
 */
static bool
wants_lead(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;
	const struct coop_server *own = find_server(k, ks->cfg->server.addr);
	msec patience = 0;

	if (is_led(ks) || !own || !ks_coop_able(ks) || ks->core->now < ks_coop_moved_until(ks))
		return false;
	for (size_t i = 0; i < k->n_servers; i++)
		if (k->servers[i].able && is_before(&k->servers[i], own) &&
		    !has_more_than(own, &k->servers[i]))
			patience += k->lost && k->servers[i].serial > own->serial ? COOP_LEASE
			                                                          : COOP_PATIENCE;
	return ks->core->now - free_from(ks) >= patience;
}

/* --- taking over what was found --------------------------------------------------------------- */

static struct ks *
find_group(struct core *c, const struct tick_group *g)
{
	for (size_t i = 0; i < c->n_kss; i++)
		if (c->kss[i]->coop.on && ks_id_equal(&c->kss[i]->id, &g->id))
			return c->kss[i];
	return NULL;
}

static void
take_servers(struct ks *ks, const struct tick_group *g)
{
	struct ks_coop *k = &ks->coop;

	for (size_t i = 0; i < keep_load_count(g->found); i++) {
		struct store_record r = keep_load_at(g->found, i);
		const char *name = ks_save_behind(&g->id, r.name);
		struct coop_server *s;
		uint32_t addr;

		if (!name || strncmp(name, "servers/", 8) != 0)
			continue;
		addr = (uint32_t)strtoul(name + 8, NULL, 16);
		s = find_server(k, addr);
		if (r.value.p)
			server_says(ks, addr, &r, !g->whole);
		else if (s)
			server_is_gone(ks, s);
	}
}

/* Who is not in what is all there is has gone. */
static void
forget_absent(struct ks *ks, const struct tick_group *g)
{
	struct ks_coop *k = &ks->coop;

	for (size_t i = 0; i < k->n_servers;) {
		char name[KS_NAME_MAX];
		bool there = false;

		ks_save_name(&g->id, name, "servers/%08x", k->servers[i].addr);
		for (size_t j = 0; j < keep_load_count(g->found) && !there; j++)
			there = strcmp(keep_load_at(g->found, j).name, name) == 0;
		if (there)
			i++;
		else
			server_is_gone(ks, &k->servers[i]);
	}
}

static void
take_leader(struct ks *ks, const struct tick_group *g)
{
	bool said = false;

	for (size_t i = 0; i < keep_load_count(g->found); i++) {
		struct store_record r = keep_load_at(g->found, i);
		const char *name = ks_save_behind(&g->id, r.name);

		if (!name || strcmp(name, "leader") != 0)
			continue;
		said = true;
		note_leader(ks, &r);
	}
	if (g->whole && !said)
		note_leader(ks, &(struct store_record){.name = ""});
}

/*
 * A piece that goes on where the last one ends belongs to it; another one waits until it is needed.
 */
static void
add_piece(struct ks *ks, uint64_t from, uint64_t to)
{
	struct ks_coop *k = &ks->coop;

	DEBUG(&ks->core->env.log, DEBUG_KS_COOP,
	      "GDOI:KS COOP:(%s): takes the sender identifiers %" PRIu64 "-%" PRIu64, ks_name(ks),
	      from, to - 1);
	ks_coop_note_taken(ks, to);
	ks_seen_note(ks);
	if (ks->next_sid == k->sids_end) {
		ks->next_sid = from;
		k->sids_end = to;
	} else if (from == k->sids_end && k->spare == k->spare_end) {
		k->sids_end = to;
	} else if (k->spare == k->spare_end) {
		k->spare = from;
		k->spare_end = to;
	}
}

static void
take_identifiers(struct ks *ks, const struct tick_group *g)
{
	struct ks_coop *k = &ks->coop;

	if (g->sids)
		k->sids_wanted = false;
	if (!g->sids || g->sids_epoch != k->sids_epoch ||
	    !coop_kssids_equal(&g->kssids, &k->kssids))
		return;
	if (g->sids_to > g->sids_from) {
		add_piece(ks, g->sids_from, g->sids_to);
		k->sids_clash = false;
	}
	if (g->sids_gone)
		k->dry = k->used_up = true;
	if (g->sids_clash && !k->sids_clash)
		LOG(&ks->core->env.log, KS_SIDS_CLASH, ks_name(ks));
	k->sids_clash |= g->sids_clash;
}

/* False: some of it was passed over, and is to be looked at again. */
static bool
take_group(struct ks *ks, const struct tick_group *g)
{
	bool taken;

	if (g->says && !g->unwritten) {
		ks->coop.said = ks->core->now;
		ks->coop.saying = g->saying;
	}
	take_servers(ks, g);
	if (g->whole)
		forget_absent(ks, g);
	compare_servers(ks);
	take_leader(ks, g);
	taken = ks_coop_take(
	    ks, &(struct ks_look){
		    .found = g->found, .whole = g->whole, .saves = g->saves, .began = g->began});
	if (taken)
		ks->coop.since = keep_load_revision(g->found);
	if (taken)
		ks->coop.behind = false;
	if (taken && g->whole)
		ks->coop.read = g->doubts;
	note_leader_lives(ks);
	if (g->term && !g->unwritten)
		ks->coop.resign = false;
	settle_role(ks);
	return taken;
}

static void
note_unreached(struct core *c, int error)
{
	bool wants_mending =
	    (store_is_distrust(error) || error == -STORE_EMPTIED) && error != c->coop.error;

	if (!c->coop.error || wants_mending)
		LOG(&c->env.log, COOP_STORE_UNREACHED, store_error_text(error));
	c->coop.error = error;
	keep_lose(&c->keeps[KEEP_SHARED]);
}

static void
note_reached(struct core *c)
{
	bool back = c->coop.error;

	if (back)
		LOG(&c->env.log, COOP_STORE_REACHED);
	c->coop.error = 0;
	keep_go_on(&c->keeps[KEEP_SHARED], back);
}

/* Is it an answer to what the server, as it is now, has asked? */
static bool
is_answer(const struct ks *ks, const struct tick_group *g)
{
	return ks && g->found && (g->whole || g->since == ks->coop.since);
}

/* Takes over what was found; false: it is to look again soon. */
static bool
take_answer(struct core *c, const struct tick_group *g)
{
	struct ks *ks = find_group(c, g);

	if (!is_answer(ks, g))
		return true;
	/* What it is writing may be among what was found. */
	if (ks->save.writing)
		return false;
	return take_group(ks, g);
}

static void
note_torn(struct ks *ks, bool torn)
{
	if (torn && !ks->coop.torn)
		LOG(&ks->core->env.log, STORE_UNREADABLE, ks_name(ks),
		    store_error_text(-STORE_TORN), "nothing new is taken over");
	ks->coop.torn = torn;
}

/*
 * Its server left the group while it looked: what the look has written meanwhile goes, too. The
 * node's lease would keep it there for as long as the node serves other groups.
 */
static void
take_back(struct core *c, const struct tick_group *g)
{
	if (g->said || g->led)
		coop_release(c, &g->id, g->addr, g->led);
}

/* Takes over what came of it; when the next look is due. */
static msec
take_look(struct core *c, const struct tick_group *g)
{
	struct ks *ks = find_group(c, g);
	msec next = c->now + COOP_TICK;

	if (!ks || ks->cfg->server.addr != g->addr) {
		take_back(c, g);
		return next;
	}
	take_identifiers(ks, g);
	note_torn(ks, coop_tick_is_of_group(g->error));
	if (g->error)
		return next;
	if (!take_answer(c, g))
		next = c->now + COOP_TICK / 10;
	return wants_lead(ks) && !g->lead ? c->now : next; /* refused, it takes its time */
}

/* Of the store; 0: none. */
static int
find_error(const struct tick *t)
{
	int error = t->error;

	for (size_t i = 0; i < t->n && !error; i++) {
		const struct tick_group *g = &t->groups[i];

		error = g->unwritten;
		if (!error && !coop_tick_is_of_group(g->error))
			error = g->error;
	}
	return error;
}

/* When the next look is due. */
static msec
take_looks(struct core *c, const struct tick *t)
{
	struct coop *k = &c->coop;
	msec next = c->now + COOP_TICK;
	int error = find_error(t);

	k->lease = t->lease;
	if (!t->error && !t->renewed) {
		k->heard = c->now;
		k->renewed = t->began;
	}
	if (!error || t->error)
		k->refused_from = 0;
	else if (!k->refused_from)
		k->refused_from = c->now;
	if (!error) /* what follows may need a store that works */
		note_reached(c);
	for (size_t i = 0; i < t->n && !t->error; i++)
		next = earlier_of(next, take_look(c, &t->groups[i]));
	if (error)
		note_unreached(c, error);
	return k->again && !error ? c->now : next;
}

static void
tick_done(struct core *c, struct core_job *j)
{
	const struct tick *t = (const struct tick *)j;
	struct coop *k = &c->coop;
	/* What is in a store that is not used any more says nothing of this one. */
	bool ours = t->generation == c->keeps[KEEP_SHARED].generation;
	msec next;

	k->under_way = NULL;
	timer_cancel(&c->timers, &k->renew_timer);
	next = ours ? take_looks(c, t) : c->now;
	k->again = false;
	timer_set(&c->timers, &k->timer, next);
	if (ours && !k->error)
		coop_listen(c, next);
	coop_tick_discard(j);
}

/* --- making a look ---------------------------------------------------------------------------- */

static void
make_group(struct ks *ks, struct tick_group *g)
{
	struct core *c = ks->core;
	struct ks_coop *k = &ks->coop;
	struct coop_server now = {.addr = ks->cfg->server.addr,
	                          .priority = ks->cfg->server.coop.priority,
	                          .able = ks_coop_able(ks),
	                          .serial = k->serial > k->seen.serial ? k->serial : k->seen.serial,
	                          .epoch = k->sids_epoch,
	                          .dry = k->dry && k->sids_short,
	                          .clash = k->sids_clash,
	                          .missing = ks_coop_sids_missing(ks),
	                          .settings = k->settings,
	                          .kssids = k->kssids,
	                          .timed = k->timed,
	                          .time = coop_time(k, c->now)};

	*g = (struct tick_group){.id = ks->id,
	                         .addr = now.addr,
	                         .since = k->read == k->doubts ? k->since : 0,
	                         .doubts = k->doubts,
	                         .apart = k->torn,
	                         .over = k->term,
	                         .keys = ks->save.revision,
	                         .saves = ks->save.saves,
	                         .term = k->resign && k->leader == now.addr ? k->term : 0,
	                         .lead = wants_lead(ks),
	                         .says = !coop_words_equal(&now, &k->saying) || !k->said ||
	                                 c->now - k->said >= COOP_SAYS,
	                         .sids = ks_coop_ask_sids(ks),
	                         .began = c->now,
	                         .saying = now,
	                         .sids_all = ks_sids_all(ks),
	                         .sids_epoch = k->sids_epoch,
	                         .known = k->known,
	                         .kssids = k->kssids};
	g->n_words = coop_words_put(&now, g->words);
	if (g->lead || g->term)
		DEBUG(&c->env.log, DEBUG_KS_COOP, "GDOI:KS COOP:(%s): %s", ks_name(ks),
		      g->lead ? "asks for the lead" : "gives the lead up");
}

/*
 * Who leads, and may not write what he makes or read what others do, must not keep the lead just
 * because his lease is renewed. The lease ends, with all that is under it.
 */
static bool
stands_back(struct core *c)
{
	struct coop *k = &c->coop;

	if (!k->refused_from || c->now - k->refused_from <= COOP_LEASE)
		return false;
	k->refused_from = 0;
	k->back_until = c->now + COOP_BACK;
	for (size_t i = 0; i < c->n_kss; i++)
		if (c->kss[i]->coop.on)
			ks_coop_follow(c->kss[i]);
	return true;
}

/* The lease with which it looks. */
static void
choose_lease(struct core *c, struct tick *t)
{
	struct coop *k = &c->coop;

	if (stands_back(c)) {
		t->ends = k->lease;
		k->lease = 0; /* nobody renews it while the look goes on */
	} else if (c->now - k->heard <= COOP_LEASE) {
		t->lease = k->lease;
	}
	t->renewed = t->lease && c->now - k->renewed < COOP_TICK / 2;
}

static void
fire_tick(struct core *c, struct timer *timer, msec now)
{
	struct tick *t;

	(void)timer;
	if (c->coop.under_way || !c->keeps[KEEP_SHARED].store || coop_listen_stop(c))
		return;
	t = x_alloc(sizeof(*t));
	t->job = (struct core_job){
	    .job.run = coop_tick_run, .done = tick_done, .discard = coop_tick_discard};
	t->store = c->keeps[KEEP_SHARED].store;
	t->generation = c->keeps[KEEP_SHARED].generation;
	t->began = now;
	choose_lease(c, t);
	t->groups = x_alloc((c->n_kss + 1) * sizeof(*t->groups));
	for (size_t i = 0; i < c->n_kss; i++) {
		struct ks *ks = c->kss[i];

		if (!ks->coop.on || !ks->cfg->server.addr || ks->id.type == GROUP_ID_NONE)
			continue;
		if (ks->coop.seen.ready)
			make_group(ks, &t->groups[t->n++]);
		else if (!ks->coop.seen.load)
			ks_seen_begin(ks);
	}
	if (!t->n) { /* ks_seen.c, or ks_coop_begin, starts it again */
		coop_tick_discard(&t->job);
		return;
	}
	c->coop.under_way = t;
	timer_set(&c->timers, &c->coop.renew_timer, now + COOP_RENEW);
	core_submit(c, &t->job);
}

/* --- life ------------------------------------------------------------------------------------- */

void
coop_look(struct core *c)
{
	if (c->coop.under_way)
		c->coop.again = true;
	else
		timer_set(&c->timers, &c->coop.timer, c->now);
}

void
coop_init(struct core *c)
{
	c->coop.timer.fire = fire_tick;
	c->coop.renew_timer.fire = coop_renew_fire;
}

void
coop_fini(struct core *c)
{
	timer_cancel(&c->timers, &c->coop.timer);
	timer_cancel(&c->timers, &c->coop.renew_timer);
	(void)coop_listen_stop(c);
}

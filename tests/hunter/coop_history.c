/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was committed, and by whom; what members have; what must never be. See coop.h.
 *
 *   LEADERS  a server writes keys, or takes the lead, while the store says that another one leads,
 *            and lives
 *   BRANCH   keys are written by who has not read those that are there, or have nothing in common
 *            with them
 *   UNKNOWN  a member holds a key that was not committed
 *   BACK     the number of rekeys under a KEK goes back at a member
 *   TWICE    one number is two rekeys; a sender identifier is two members'; a nonce comes twice
 *   CLEAR    what is protected passes in clear
 */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/packet/packet.h"
#include "tests/hunter/coop.h"

/* --- sets ------------------------------------------------------------------------------------- */

/* Its place; it may be free. */
static size_t
find_slot(const struct seen *s, uint64_t key)
{
	size_t i = key * 0x9e3779b97f4a7c15 >> 32 & (s->capacity - 1);

	while (s->slots[i][0] && s->slots[i][0] != key)
		i = (i + 1) & (s->capacity - 1);
	return i;
}

/* What was put there with this key first; that is now. */
static uint64_t
recall_or_put(struct seen *s, uint64_t key, uint64_t value)
{
	size_t at;

	key += !key;
	if ((s->n + 1) * 2 > s->capacity) {
		struct seen bigger = {.n = s->n, .capacity = s->capacity ? s->capacity * 2 : 256};

		bigger.slots = x_alloc(bigger.capacity * sizeof(*bigger.slots));
		for (size_t i = 0; i < s->capacity; i++)
			if (s->slots[i][0])
				memcpy(bigger.slots[find_slot(&bigger, s->slots[i][0])],
				       s->slots[i], sizeof(*s->slots));
		free(s->slots);
		*s = bigger;
	}
	at = find_slot(s, key);
	if (!s->slots[at][0]) {
		s->slots[at][0] = key;
		s->slots[at][1] = value;
		s->n++;
	}
	return s->slots[at][1];
}

static bool
is_known(const struct seen *s, uint64_t key)
{
	key += !key;
	return s->capacity && s->slots[find_slot(s, key)][0];
}

static uint64_t
hash_octets(uint64_t hash, const void *p, size_t n)
{
	const uint8_t *octets = p;

	hash ^= 0xcbf29ce484222325;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ octets[i]) * 0x100000001b3;
	return hash ^ hash >> 29;
}

/* --- the store -------------------------------------------------------------------------------- */

struct watched {
	struct store store; /* first */
	struct store *inner;
	struct coop_hunt *h;
	size_t node;
};

static struct watched *
watched_of(struct store *s)
{
	return (struct watched *)s;
}

/* The group of a record "gdoi/n134/REST"; -1: none. */
static int
group_of(const char *name, const char *rest)
{
	int n = 0;
	unsigned id;

	if (sscanf(name, "gdoi/n%u/%n", &id, &n) != 1 || !n || strcmp(name + n, rest) != 0 ||
	    id < 134 || id >= 134 + COOP_HUNT_GROUPS)
		return -1;
	return (int)(id - 134);
}

static bool
take_record(void *arg, const struct store_record *r)
{
	struct commit *found = arg;

	found->revision = r->revision;
	found->n = r->value.n;
	if (r->value.n == 4) /* the record of who leads */
		found->node = packet_get32(r->value.p) - COOP_CORE(0);
	return false;
}

/* A record as it is now; revision 0: it is not there. */
static struct commit
read_record(struct store *s, size_t group, const char *rest)
{
	struct commit found = {0};
	char name[64];

	snprintf(name, sizeof(name), "gdoi/n%zu/%s", 134 + group, rest);
	s->ops->read(s, name, take_record, &found, NULL);
	return found;
}

int
coop_history_leader(struct coop_hunt *h, size_t group)
{
	struct commit leader = read_record(lab_store_shared(h->lab), group, "leader");

	return leader.revision ? (int)leader.node : -1;
}

#define ANEW SECONDS(60) /* so late may come what was typed */

void
coop_history_anew(struct coop_hunt *h)
{
	for (size_t g = 0; g < h->n_groups; g++)
		h->groups[g].anew = lab_now(h->lab) + ANEW;
}

void
coop_history_asked(struct coop_hunt *h, size_t server)
{
	coop_history_anew(h);
	for (size_t g = 0; g < h->n_groups; g++)
		h->groups[g].asked[server] = h->up[server] && !h->frozen[server];
}

void
coop_history_lost(struct coop_hunt *h, const char *word)
{
	for (size_t g = 0; g < h->n_groups; g++)
		h->groups[g].sids_lost |= !*word || strcmp(word, "/sids") == 0;
}

void
coop_history_boots(struct coop_hunt *h, size_t server)
{
	for (size_t g = 0; g < h->n_groups; g++)
		h->groups[g].knows[server] = false;
}

/*
 * Has the record any key that the one before has, of those that its writer holds? Who was started
 * again since, and holds none yet, does not tell.
 */
static bool
has_common_keys(const struct coop_hunt *h, const struct commit *a, struct span b, size_t node)
{
	const struct core *core = node_core(router_node(lab_router_at(h->lab, node)));
	bool any = false;

	for (size_t k = 0; core && k < core->n_kss; k++) {
		const struct ks *ks = core->kss[k];

		any |= ks->n_sas > 0 || ks->kek.present;
		for (size_t i = 0; i < ks->n_sas; i++)
			for (size_t t = 0; t < ks->sas[i].n_teks; t++) {
				struct span key = secret_span(&ks->sas[i].teks[t].keys[0].enc);

				if (memmem(a->value, a->n, key.p, key.n) &&
				    memmem(b.p, b.n, key.p, key.n))
					return true;
			}
		for (int i = 0; i < KS_KINDS && ks->kek.present; i++) {
			struct span key = secret_span(&ks->kek.sas[i].key);

			if (memmem(a->value, a->n, key.p, key.n) && memmem(b.p, b.n, key.p, key.n))
				return true;
		}
	}
	return !any;
}

/* Does a server say in the store that it lives? */
static bool
says_it_lives(struct watched *w, size_t group, size_t server)
{
	char name[32];

	snprintf(name, sizeof(name), "servers/%08x", COOP_CORE(server));
	return read_record(w->inner, group, name).revision;
}

/*
 * Has it nothing but its own clock, which is wrong? Then it cannot know how old keys are: it was
 * started with that, and nobody lives who has been there since they were written.
 */
static bool
has_no_time(struct watched *w, size_t group, const struct commit *last)
{
	for (size_t i = 0; i < w->h->n_servers; i++)
		if (i != w->node && w->h->booted[i] <= last->at && says_it_lives(w, group, i))
			return false;
	return w->h->booted_off[w->node];
}

/*
 * What this server had made before it made this record is known to whoever reads it: the keys, or
 * the rekey that tells of one that has been replaced since.
 */
static void
note_made(struct watched *w, struct coop_group *g)
{
	msec made = lab_now(w->h->lab) - w->h->slow[w->node] / 2;

	for (size_t i = 0; i < g->n_made;) {
		struct made *m = &g->made[i];

		if (m->node == w->node && m->at <= made)
			recall_or_put(&w->h->keys, m->key, 0);
		if (m->node == w->node && m->at <= made)
			*m = g->made[--g->n_made];
		else
			i++;
	}
}

static bool
writes_sids(const struct store_txn *txn, size_t group)
{
	for (size_t i = 0; i < txn->n_writes; i++)
		if (group_of(txn->writes[i].name, "sids") == (int)group)
			return true;
	return false;
}

/* May what this transaction writes have nothing in common with what was there? */
static bool
may_begin_anew(struct watched *w, size_t group, const struct commit *last,
               const struct store_txn *txn)
{
	struct coop_hunt *h = w->h;
	struct coop_group *g = &h->groups[group];

	/* Where identifiers are used up, other keys begin. */
	if (h->few_sids || g->anew >= lab_now(h->lab) || has_no_time(w, group, last))
		return true;
	/* The answer to what it had made was lost: it does it again. */
	if (g->asked[w->node]) {
		g->asked[w->node] = false;
		return true;
	}
	/* He knows the keys, but not how many identifiers were taken. */
	if (!g->sids_lost || !writes_sids(txn, group) || !g->knows[w->node])
		return false;
	g->sids_lost = false;
	return true;
}

static void
note_keys(struct watched *w, size_t group, const struct store_txn *txn, struct span value,
          uint64_t revision, uint64_t before)
{
	struct coop_hunt *h = w->h;
	struct coop_group *g = &h->groups[group];
	const char *name = h->nodes[w->node].name;
	struct commit *last = g->n_commits ? &g->commits[g->n_commits - 1] : NULL;

	if (before && g->read[w->node] != before)
		coop_report(h,
		            "BRANCH: %s writes keys of group %zu over those of revision %llu, and "
		            "knows %llu",
		            name, group, (unsigned long long)before,
		            (unsigned long long)g->read[w->node]);
	if (last && !has_common_keys(h, last, value, w->node) &&
	    !may_begin_anew(w, group, last, txn))
		coop_report(h,
		            "BRANCH: %s writes keys of group %zu that have nothing in common "
		            "with those of %s",
		            name, group, h->nodes[last->node].name);
	x_grow(&g->commits, &g->capacity, g->n_commits + 1, sizeof(*g->commits));
	g->commits[g->n_commits++] = (struct commit){.at = lab_now(h->lab),
	                                             .node = w->node,
	                                             .revision = revision,
	                                             .value = x_memdup(value.p, value.n),
	                                             .n = value.n};
	g->read[w->node] = revision;
	g->knows[w->node] = true;
	note_made(w, g);
	h->n_committed++;
	coop_tell(h, "store: %s has written keys of group %zu, revision %llu", name, group,
	          (unsigned long long)revision);
}

static int
commit_seen(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct watched *w = watched_of(s);
	struct coop_hunt *h = w->h;
	struct commit leaders[COOP_HUNT_GROUPS], keys[COOP_HUNT_GROUPS];
	uint64_t revision = 0;
	int error;

	for (size_t g = 0; g < h->n_groups; g++) {
		leaders[g] = read_record(w->inner, g, "leader");
		keys[g] = read_record(w->inner, g, "keys");
	}
	error = w->inner->ops->commit(w->inner, txn, &revision);
	if (ret_revision)
		*ret_revision = revision;
	for (size_t i = 0; i < txn->n_writes && !error; i++) {
		const struct store_write *x = &txn->writes[i];
		int g = group_of(x->name, "keys");

		if (g >= 0 && (!leaders[g].revision || leaders[g].node != w->node))
			coop_report(h, "LEADERS: %s writes keys of group %d, and %s leads",
			            h->nodes[w->node].name, g,
			            leaders[g].revision ? h->nodes[leaders[g].node].name
			                                : "nobody");
		if (g >= 0 && x->value.p)
			note_keys(w, (size_t)g, txn, x->value, revision, keys[g].revision);
		g = group_of(x->name, "leader");
		if (g < 0)
			continue;
		/* A record that names one who has said nothing for long leads nobody. */
		if (leaders[g].revision && leaders[g].node != w->node &&
		    (!x->value.p || says_it_lives(w, (size_t)g, leaders[g].node)))
			coop_report(h, "LEADERS: %s %s the lead of group %d, and %s leads",
			            h->nodes[w->node].name, x->value.p ? "takes" : "ends", g,
			            h->nodes[leaders[g].node].name);
		h->n_elections += x->value.p != NULL;
		coop_tell(h, "store: %s %s the lead of group %d", h->nodes[w->node].name,
		          x->value.p ? "takes" : "gives up", g);
	}
	return error;
}

struct reading {
	struct watched *w;
	store_each *each;
	void *arg;
};

static bool
tell_on(void *arg, const struct store_record *r)
{
	struct reading *reading = arg;
	int g = group_of(r->name, "keys");

	if (g >= 0) {
		reading->w->h->groups[g].read[reading->w->node] = r->revision;
		reading->w->h->groups[g].knows[reading->w->node] = true;
	}
	return reading->each(reading->arg, r);
}

static int
read_seen(struct store *s, const char *prefix, store_each *each, void *arg, uint64_t *ret_revision)
{
	struct reading r = {watched_of(s), each, arg};

	return r.w->inner->ops->read(r.w->inner, prefix, tell_on, &r, ret_revision);
}

static int
changes_seen(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
             void *arg, uint64_t *ret_revision)
{
	struct reading r = {watched_of(s), each, arg};

	return r.w->inner->ops->changes(r.w->inner, prefix, since, wait, tell_on, &r, ret_revision);
}

static int
begin_seen(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	struct watched *w = watched_of(s);
	int error = w->inner->ops->lease_begin(w->inner, ttl, ret_lease);

	if (!error)
		w->h->leases[w->node] = *ret_lease;
	return error;
}

static int
keep_seen(struct store *s, uint64_t lease)
{
	struct store *inner = watched_of(s)->inner;

	return inner->ops->lease_keep(inner, lease);
}

static int
end_seen(struct store *s, uint64_t lease)
{
	struct store *inner = watched_of(s)->inner;

	return inner->ops->lease_end(inner, lease);
}

static void
describe_seen(struct store *s, struct store_state *ret)
{
	struct store *inner = watched_of(s)->inner;

	inner->ops->describe(inner, ret);
}

static void
close_seen(struct store *s)
{
	store_close(watched_of(s)->inner);
	free(s);
}

struct store *
coop_history_store(void *hunt, size_t i, struct store *take_door)
{
	static const struct store_ops ops = {
	    .commit = commit_seen,
	    .read = read_seen,
	    .changes = changes_seen,
	    .lease_begin = begin_seen,
	    .lease_keep = keep_seen,
	    .lease_end = end_seen,
	    .describe = describe_seen,
	    .close = close_seen,
	};
	struct watched *w = x_alloc(sizeof(*w));

	w->store.ops = &ops;
	w->store.room = take_door->room;
	w->inner = take_door;
	w->h = hunt;
	w->node = i;
	return &w->store;
}

/* --- what members have ------------------------------------------------------------------------ */

static const struct core *
core_of(const struct coop_hunt *h, size_t node)
{
	return h->up[node] ? node_core(router_node(lab_router_at(h->lab, node))) : NULL;
}

static bool
is_committed(struct coop_hunt *h, size_t group, struct span key)
{
	const struct coop_group *g = &h->groups[group];
	uint64_t id = hash_octets(group, key.p, key.n);

	if (is_known(&h->keys, id))
		return true;
	for (size_t i = g->n_commits; i-- > 0;)
		if (memmem(g->commits[i].value, g->commits[i].n, key.p, key.n)) {
			recall_or_put(&h->keys, id, 0);
			return true;
		}
	return false;
}

/* One identifier belongs to one life of one member, under one key. */
static void
check_sid(struct coop_hunt *h, size_t member, size_t group, const struct gm_policy *p,
          const struct gm_tek *t)
{
	size_t node = coop_member_node(h, member);
	uint64_t who = member << 32 | h->boots[node], was, key;

	uint32_t sid = t->sid_bits ? t->sid : p->sid;

	if (!cipher_is_counter(t->suite.cipher) || !(t->sid_bits | p->sid_bits))
		return;
	key = hash_octets(group << 32 | sid, t->enc.p, t->enc.n);
	was = recall_or_put(&h->sids, key, who);
	if (was != who)
		coop_report(
		    h, "TWICE: sender identifier %u of group %zu is GM%zu's, and was GM%llu's%s",
		    sid, group, member, (unsigned long long)(was >> 32),
		    was >> 32 == member ? " in another life" : "");
}

static void
look_at_member(struct coop_hunt *h, size_t member, size_t group, const struct gm *gm)
{
	struct coop_had *had = &h->had[member][group];
	const struct gm_policy *p = gm->policy;

	if (!p || !p->kek.present) /* it has forgotten it, as it was told to */
		had->keyed = false;
	if (!p || gm->trial)
		return;
	for (size_t i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[i];

		if (!t->keyed)
			continue;
		if (!is_committed(h, group, secret_span(&t->enc)))
			coop_report(
			    h,
			    "UNKNOWN: GM%zu has key %08x of group %zu, which nobody has committed",
			    member, t->spi, group);
		check_sid(h, member, group, p, t);
	}
	if (!p->kek.present || !p->kek.keyed)
		return;
	if (!is_committed(h, group, secret_span(&p->kek.key)))
		coop_report(h, "UNKNOWN: GM%zu has a KEK of group %zu that nobody has committed",
		            member, group);
	if (had->keyed && !memcmp(had->kek, p->kek.spi, 16) && p->kek.seq < had->seq)
		coop_report(h, "BACK: GM%zu goes back from rekey %u to %u of group %zu", member,
		            had->seq, p->kek.seq, group);
	if (!had->keyed || memcmp(had->kek, p->kek.spi, 16) != 0 || had->seq != p->kek.seq)
		coop_tell(h, "GM%zu is at rekey %u under KEK %02x%02x of group %zu", member,
		          p->kek.seq, p->kek.spi[0], p->kek.spi[1], group);
	*had = (struct coop_had){.seq = p->kek.seq, .keyed = true};
	memcpy(had->kek, p->kek.spi, 16);
}

/* A key of a server that leads; what it loses with the lead is nobody's. */
static void
look_at_key(struct coop_hunt *h, size_t node, size_t group, struct span octets)
{
	struct coop_group *g = &h->groups[group];
	uint64_t key = hash_octets(group, octets.p, octets.n);

	if (is_known(&h->keys, key))
		return;
	for (size_t i = 0; i < g->n_made; i++)
		if (g->made[i].key == key)
			return;
	x_grow(&g->made, &g->made_capacity, g->n_made + 1, sizeof(*g->made));
	g->made[g->n_made++] = (struct made){.key = key, .node = node, .at = lab_now(h->lab)};
}

static void
look_at_server(struct coop_hunt *h, size_t node, size_t group, const struct ks *ks)
{
	struct coop_group *g = &h->groups[group];

	for (size_t i = 0; i < g->n_made && !ks->coop.leads;)
		if (g->made[i].node == node)
			g->made[i] = g->made[--g->n_made];
		else
			i++;
	for (size_t i = 0; i < ks->n_sas && ks->coop.leads; i++)
		for (size_t t = 0; t < ks->sas[i].n_teks; t++)
			for (size_t k = 0; k < ks->sas[i].teks[t].n_keys; k++)
				look_at_key(h, node, group,
				            secret_span(&ks->sas[i].teks[t].keys[k].enc));
	for (int i = 0; i < KS_KINDS && ks->coop.leads && ks->kek.present; i++)
		look_at_key(h, node, group, secret_span(&ks->kek.sas[i].key));
}

void
coop_history_forgotten(struct coop_hunt *h, size_t member)
{
	memset(h->had[member], 0, sizeof(h->had[member]));
}

void
coop_history_look(struct coop_hunt *h)
{
	for (size_t s = 0; s < h->n_servers; s++) {
		const struct core *core = core_of(h, s);

		for (size_t i = 0; core && i < core->n_kss; i++)
			look_at_server(h, s, core->kss[i]->id.value - 134, core->kss[i]);
	}
	for (size_t m = 0; m < h->n_members && !h->found; m++) {
		const struct core *core = core_of(h, coop_member_node(h, m));

		if (!core)
			memset(h->had[m], 0, sizeof(h->had[m]));
		for (size_t i = 0; core && i < core->n_gms; i++)
			look_at_member(h, m, (size_t)(gm_name(core->gms[i])[1] - '0'),
			               core->gms[i]);
	}
}

/* --- what is on the wire ---------------------------------------------------------------------- */

static bool
is_protected(const struct coop_hunt *h, uint32_t src, uint32_t dst)
{
	for (size_t g = 0; g < h->n_groups; g++)
		if ((src & 0xffff0000) == (COOP_LOOP(g, 0) & 0xffff0000) &&
		    (dst & 0xffff0000) == (COOP_LOOP(g, 0) & 0xffff0000))
			return true;
	return false;
}

/* The member whose network in a group this is. */
static size_t
member_of(uint32_t addr)
{
	return addr >> 8 & 255;
}

static void
see_esp(struct coop_hunt *h, struct span esp)
{
	if (!h->counter || esp.n < 16 ||
	    recall_or_put(&h->bodies, hash_octets(0, esp.p, esp.n), h->bodies.n) != h->bodies.n - 1)
		return;
	if (is_known(&h->nonces, hash_octets(1, esp.p, 4) ^ hash_octets(2, esp.p + 8, 8)))
		coop_report(h, "TWICE: a nonce of key %08x", packet_get32(esp.p));
	recall_or_put(&h->nonces, hash_octets(1, esp.p, 4) ^ hash_octets(2, esp.p + 8, 8), 0);
}

/* A rekey that this server has sent now, whose number nobody else may use. */
static void
see_push(struct coop_hunt *h, const char *node, struct span dgram)
{
	uint64_t body = hash_octets(3, dgram.p, dgram.n);

	for (size_t s = 0; s < h->n_servers; s++) {
		const struct core *core =
		    strcmp(h->nodes[s].name, node) == 0 ? core_of(h, s) : NULL;

		for (size_t k = 0; core && k < core->n_kss; k++)
			for (size_t i = 0; i < KS_MESSAGES; i++) {
				const struct ks_message *m = &core->kss[k]->push.messages[i];
				uint64_t id = hash_octets(m->seq, m->spi, sizeof(m->spi)), was;

				if (m->n != dgram.n || memcmp(m->bytes, dgram.p, m->n) != 0)
					continue;
				was = recall_or_put(&h->pushes, id, body);
				if (was != body)
					coop_report(h, "TWICE: %s sends another rekey %u", node,
					            m->seq);
			}
	}
}

#define EXCHANGE_PUSH 33 /* RFC 6407 4 */

static void
see_packet(void *arg, const struct sim_seen *s)
{
	struct coop_hunt *h = arg;
	struct ip4 ip;

	if (!ip4_parse(s->packet, &ip))
		return;
	if (s->what == SIM_TAKEN) {
		for (size_t g = 0; g < h->n_groups; g++)
			if (is_protected(h, ip.src, ip.dst) &&
			    (ip.src & 0xffff0000) == (COOP_LOOP(g, 0) & 0xffff0000) &&
			    member_of(ip.src) < COOP_HUNT_MEMBERS &&
			    member_of(ip.dst) < COOP_HUNT_MEMBERS)
				h->arrived[g][member_of(ip.src)][member_of(ip.dst)]++;
		return;
	}
	if (ip.proto == PROTO_ESP)
		see_esp(h, SPAN(s->packet.p + ip.header, s->packet.n - ip.header));
	else if (is_protected(h, ip.src, ip.dst))
		coop_report(h, "CLEAR: %s sends in clear what is protected", s->node);
	if (ip.proto == PROTO_UDP && s->packet.n > ip.header + 8u + 28u &&
	    s->packet.p[ip.header + 8 + 18] == EXCHANGE_PUSH)
		see_push(h, s->node,
		         SPAN(s->packet.p + ip.header + 8, s->packet.n - ip.header - 8));
}

void
coop_history_watch(struct coop_hunt *h)
{
	sim_watch(lab_sim(h->lab), see_packet, h);
}

void
coop_history_fini(struct coop_hunt *h)
{
	for (size_t g = 0; g < COOP_HUNT_GROUPS; g++) {
		for (size_t i = 0; i < h->groups[g].n_commits; i++)
			free(h->groups[g].commits[i].value);
		free(h->groups[g].commits);
		free(h->groups[g].made);
	}
	free(h->keys.slots);
	free(h->sids.slots);
	free(h->nonces.slots);
	free(h->bodies.slots);
	free(h->pushes.slots);
}

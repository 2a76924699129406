/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto gdoi ks coop ...` for scripts: a group's servers, who has which identifiers. */
#include "cli/show/structured.h"

#include "cli/show/show_gdoi.h"
#include "compiler/policy/alike.h"

static const char *
own_role(const struct snap_coop *k)
{
	return k->leads || !k->on ? "primary" : "secondary";
}

static const char *
role_of(const struct snap_server *s)
{
	return !s->alive ? "unknown" : s->leads ? "primary" : "secondary";
}

static void
put_server(struct emit *e, const struct snap_server *s)
{
	emit_map(e, NULL);
	emit_addr(e, "address", s->addr);
	emit_int(e, "priority", s->priority);
	emit_string(e, "role", role_of(s));
	emit_bool(e, "alive", s->alive);
	emit_bool(e, "able_to_lead", s->able);
	emit_bool(e, "configured_otherwise", s->differs != 0);
	emit_list(e, "differs_in");
	for (unsigned which = 0; which < ALIKE_N; which++)
		if (s->differs & 1u << which)
			emit_string(e, NULL, alike_words(which));
	emit_end(e);
	emit_end(e);
}

/* Those that are configured, and are not there. */
static void
put_absent(struct emit *e, const struct snap_group *g, const struct policy_coop *p)
{
	for (size_t i = 0; i < p->n_peers; i++) {
		bool known = p->peers[i] == g->local_addr;

		for (size_t j = 0; j < g->coop.n_servers; j++)
			known |= g->coop.servers[j].addr == p->peers[i];
		if (!known)
			put_server(e, &(struct snap_server){.addr = p->peers[i]});
	}
}

void
structured_coop(struct emit *e, const struct snap_group *g, const struct policy_group *p)
{
	const struct snap_coop *k = &g->coop;

	if (!p->server.coop.configured) {
		emit_null(e, "redundancy");
		return;
	}
	emit_map(e, "redundancy");
	emit_bool(e, "shares_store", k->on);
	emit_string(e, "store_error", k->store_error);
	emit_bool(e, "stale", k->stale);
	emit_string(e, "role", own_role(k));
	emit_string(e, "unable_to_lead", k->unable);
	emit_int(e, "priority", p->server.coop.priority);
	emit_addr(e, "primary", k->on ? k->leader : g->local_addr);
	emit_bool(e, "signs_with_shared_pair", k->pair_shared);
	emit_int(e, "keys_serial", k->serial);
	emit_int(e, "role_changes", k->changes);
	emit_list(e, "key_servers");
	for (size_t i = 0; i < k->n_servers; i++)
		put_server(e, &k->servers[i]);
	put_absent(e, g, &p->server.coop);
	emit_end(e);
	emit_end(e);
}

/* --- identifiers ------------------------------------------------------------------------------ */

static void
put_range(struct emit *e, uint64_t first, uint64_t last)
{
	emit_map(e, NULL);
	emit_int(e, "first", (int64_t)first);
	emit_int(e, "last", (int64_t)last);
	emit_end(e);
}

/* The first `count` of this server's own. */
static void
put_own_kssids(struct emit *e, const char *key, const struct snap_group *g, uint64_t count)
{
	emit_list(e, key);
	for (size_t i = 0; i < g->n_kssids && count && g->kssids[i].low <= g->kssids[i].high; i++) {
		uint64_t n = g->kssids[i].high - g->kssids[i].low + 1u;

		n = n < count ? n : count;
		put_range(e, g->kssids[i].low, g->kssids[i].low + n - 1);
		count -= n;
	}
	emit_end(e);
}

static bool
has_kssid(const struct snap_server *s, unsigned n)
{
	return n <= POLICY_KSSID_MAX && s->kssids[n / 32] & 1u << n % 32;
}

/* All of them are nobody's: without `identifier` a server has no part of its own. */
static void
put_their_kssids(struct emit *e, const struct snap_server *s, unsigned all)
{
	unsigned n = 0;

	while (n < all && has_kssid(s, n))
		n++;
	emit_list(e, "kssids_assigned");
	for (unsigned i = n < all ? 0 : all; i < all; i++) {
		const unsigned first = i;

		if (!has_kssid(s, i))
			continue;
		while (i + 1 < all && has_kssid(s, i + 1))
			i++;
		put_range(e, first, i);
	}
	emit_end(e);
}

static void
put_piece(struct emit *e, const char *key, const struct snap_sids *s)
{
	if (!s->any) {
		emit_null(e, key);
		return;
	}
	emit_map(e, key);
	emit_int(e, "first", s->first);
	emit_int(e, "last", s->last);
	emit_end(e);
}

static void
put_pieces(struct emit *e, const struct snap_group *g)
{
	const struct snap_coop *k = &g->coop;
	const unsigned below = g->sid_bits - policy_kssid_bits(g->sid_bits);
	const uint64_t each = (uint64_t)1 << below;

	if (g->n_kssids && k->piece.any)
		emit_int(e, "kssid_in_use", k->piece.first >> below);
	else
		emit_null(e, "kssid_in_use");
	put_own_kssids(e, "kssids_assigned", g, g->sids_all / each);
	put_own_kssids(e, "kssids_used", g, (k->sids_taken + each - 1) / each);
	if (!k->on)
		return;
	put_piece(e, "sids_to_give", &k->piece);
	put_piece(e, "sids_to_give_next", &k->spare);
	emit_int(e, "sids_taken_by_all", (int64_t)k->sids_taken);
	emit_bool(e, "sids_used_up", k->used_up);
}

void
structured_coop_identifier(struct emit *e, const struct snap_group *g, const struct policy_group *p)
{
	const struct snap_coop *k = &g->coop;

	if (!p->server.coop.configured) {
		emit_null(e, "coop_identifier");
		return;
	}
	emit_map(e, "coop_identifier");
	emit_string(e, "role", own_role(k));
	emit_addr(e, "address", g->local_addr);
	emit_int(e, "configured_bits", p->server.sid_bits);
	emit_int(e, "bits", g->sid_bits);
	emit_bool(e, "kssid_overlap", k->clash);
	put_pieces(e, g);
	emit_list(e, "peers");
	for (size_t i = 0; i < k->n_servers; i++) {
		const struct snap_server *s = &k->servers[i];

		if (s->here)
			continue;
		emit_map(e, NULL);
		emit_addr(e, "address", s->addr);
		emit_string(e, "role", role_of(s));
		emit_bool(e, "alive", s->alive);
		emit_bool(e, "kssid_overlap", s->clash);
		put_their_kssids(e, s, 1u << policy_kssid_bits(g->sid_bits));
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto isakmp`, `ipsec`, `session`, `engine`, `map`, `key` and `pki` for scripts. */
#include "cli/show/structured.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ssh/ssh_facts.h"
#include "compiler/policy/protocol.h"
#include "compiler/policy/vrf.h"
#include "runtime/crypto/cert.h"

/* --- isakmp ----------------------------------------------------------------------------------- */

static void
put_isakmp(struct emit *e, const struct snap_isakmp *sa)
{
	static const char *const states[] = {"MM_NO_STATE", "MM_SA_SETUP", "MM_KEY_EXCH",
	                                     "GDOI_IDLE", "GDOI_REKEY"};

	emit_map(e, NULL);
	emit_addr(e, "destination", sa->dst);
	emit_addr(e, "source", sa->src);
	emit_string(e, "state", states[sa->state]);
	emit_int(e, "connection_id", sa->conn_id);
	emit_bool(e, "active", sa->active);
	emit_string(e, "role", sa->initiator ? "initiator" : "responder");
	emit_string(e, "encryption", cipher_row(sa->cipher)->name);
	emit_string(e, "hash", hash_row(sa->hash)->name);
	emit_string(e, "authentication", isakmp_auth_word(sa->auth));
	emit_int(e, "group", sa->group);
	emit_int(e, "lifetime_seconds", sa->lifetime);
	emit_int(e, "remaining_seconds", sa->remaining);
	emit_bool(e, "dead_peer_detection", sa->dpd);
	if (sa->profile)
		emit_string(e, "profile", sa->profile);
	if (sa->vrf)
		emit_string(e, "vrf", sa->vrf);
	if (sa->inner)
		emit_string(e, "inner_vrf", sa->inner);
	emit_end(e);
}

static void
isakmp_sas(struct showing *s, struct emit *e)
{
	size_t n;
	const struct snap_isakmp *sas = node_isakmp(s->node, s->arena, &n);
	const char *vrf = s->cmd ? command_str(s->cmd, ARG_VRF) : NULL;

	emit_list(e, "isakmp_sas");
	for (size_t i = 0; i < n; i++)
		if (!vrf || vrf_same(sas[i].vrf, vrf))
			put_isakmp(e, &sas[i]);
	emit_end(e);
}

static void
isakmp_count(struct showing *s, struct emit *e)
{
	size_t n, active = 0, dead = 0;
	const struct snap_isakmp *sas = node_isakmp(s->node, s->arena, &n);

	for (size_t i = 0; i < n; i++) {
		active += sas[i].active && sas[i].state >= SNAP_GDOI_IDLE;
		dead += !sas[i].active;
	}
	emit_int(e, "active", (int64_t)active);
	emit_int(e, "negotiating", (int64_t)(n - active - dead));
	emit_int(e, "dead", (int64_t)dead);
}

static void
isakmp_peers(struct showing *s, struct emit *e)
{
	size_t n;
	const struct snap_isakmp *sas = node_isakmp(s->node, s->arena, &n);

	emit_list(e, "peers");
	for (size_t i = 0; i < n; i++) {
		uint32_t remote = sas[i].initiator ? sas[i].dst : sas[i].src;

		if (command_has(s->cmd, ARG_PEER) && command_u32(s->cmd, ARG_PEER) != remote)
			continue;
		emit_map(e, NULL);
		emit_addr(e, "address", remote);
		emit_int(e, "port", GDOI_PORT);
		emit_addr(e, "local_address", sas[i].initiator ? sas[i].src : sas[i].dst);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_suite(struct emit *e, const struct policy_isakmp *p)
{
	emit_map(e, NULL);
	emit_int(e, "number", p->number);
	emit_string(e, "encryption", cipher_row(p->cipher)->name);
	emit_string(e, "hash", hash_row(p->hash)->name);
	emit_string(e, "authentication", isakmp_auth_word(p->auth));
	emit_int(e, "group", p->group);
	emit_int(e, "lifetime_seconds", p->lifetime);
	emit_end(e);
}

void
emit_isakmp_policies(struct emit *e, const char *key, const struct policy *policy)
{
	emit_list(e, key);
	for (size_t i = 0; i < policy->n_isakmp; i++)
		put_suite(e, &policy->isakmp[i]);
	emit_end(e);
}

static void
isakmp_default(struct showing *s, struct emit *e)
{
	(void)s;
	emit_bool(e, "used", false);
	emit_list(e, "policies");
	put_suite(e, &show_isakmp_default);
	emit_end(e);
}

static void
put_match(struct emit *e, const struct policy_isakmp_match *m)
{
	static const char *const kinds[] = {
	    [ISAKMP_MATCH_ADDRESS] = "address",         [ISAKMP_MATCH_HOST] = "host",
	    [ISAKMP_MATCH_HOST_DOMAIN] = "host domain", [ISAKMP_MATCH_USER] = "user",
	    [ISAKMP_MATCH_USER_DOMAIN] = "user domain", [ISAKMP_MATCH_GROUP] = "group",
	};
	char mask[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_string(e, "kind", kinds[m->kind]);
	if (m->kind == ISAKMP_MATCH_ADDRESS) {
		emit_addr(e, "address", m->addr);
		emit_string(e, "mask", addr_text(m->mask, mask));
		if (m->vrf)
			emit_string(e, "vrf", m->vrf);
	} else {
		emit_string(e, "name", m->name);
	}
	emit_end(e);
}

static void
put_names(struct emit *e, const char *key, const char *const *names, size_t n)
{
	emit_list(e, key);
	for (size_t i = 0; i < n; i++)
		emit_string(e, NULL, names[i]);
	emit_end(e);
}

static void
put_profile(struct emit *e, const struct policy_isakmp_profile *p)
{
	emit_map(e, NULL);
	emit_string(e, "name", p->name);
	emit_list(e, "matches");
	for (size_t i = 0; i < p->n_matches; i++)
		put_match(e, &p->matches[i]);
	emit_end(e);
	put_names(e, "keyrings", p->rings, p->n_rings);
	put_names(e, "trustpoints", p->trustpoints, p->n_trustpoints);
	if (p->vrf)
		emit_string(e, "vrf", p->vrf);
	if (p->is_local)
		emit_addr(e, "local_address", p->local);
	if (p->keepalive.seconds) {
		emit_int(e, "keepalive_seconds", p->keepalive.seconds);
		emit_int(e, "keepalive_retry_seconds", p->keepalive.retry);
		emit_bool(e, "keepalive_periodic", p->keepalive.periodic);
	}
	emit_end(e);
}

static void
isakmp_profiles(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_NAME);

	emit_list(e, "profiles");
	for (size_t i = 0; i < s->policy->n_profiles; i++)
		if (!only || strcmp(only, s->policy->profiles[i].name) == 0)
			put_profile(e, &s->policy->profiles[i]);
	emit_end(e);
}

static void
isakmp_policies(struct showing *s, struct emit *e)
{
	emit_bool(e, "enabled", s->policy->isakmp_enabled);
	emit_isakmp_policies(e, "policies", s->policy);
}

/* Whose, not which. */
static void
isakmp_keys(struct showing *s, struct emit *e)
{
	emit_list(e, "keys");
	for (size_t i = 0; i < s->policy->n_psks; i++) {
		char mask[ADDR_TEXT_MAX];

		emit_map(e, NULL);
		emit_addr(e, "address", s->policy->psks[i].addr);
		emit_string(e, "mask", addr_text(s->policy->psks[i].mask, mask));
		emit_bool(e, "encrypted", s->policy->psks[i].sealed);
		emit_end(e);
	}
	emit_end(e);
}

/* --- ipsec ------------------------------------------------------------------------------------ */

struct ipsec_showing {
	struct showing showing;
	struct emit *e;
};

static void
put_ident(struct emit *e, const struct snap_group *g, const struct dp_stat *stat, size_t i)
{
	static const struct dp_entry_stat nothing;
	const struct dp_entry_stat *c = stat && i < stat->n_entries ? &stat->entries[i] : &nothing;

	emit_map(e, NULL);
	emit_int(e, "sa", g->entries[i].sa);
	emit_selector(e, &g->entries[i].selector);
	emit_int(e, "encrypted_packets", (int64_t)c->out_packets);
	emit_int(e, "decrypted_packets", (int64_t)c->in_packets);
	emit_int(e, "clear_dropped_packets", (int64_t)c->clear_drops);
	emit_int(e, "send_errors", (int64_t)c->send_errors);
	emit_end(e);
}

static void
put_tek(struct emit *e, const struct snap_tek *t, const struct dp_stat *stat)
{
	emit_map(e, NULL);
	emit_printf(e, "spi", "0x%08X", t->spi);
	emit_string(e, "encryption", cipher_row(t->suite.cipher)->name);
	emit_string(e, "authentication", hash_row(t->suite.auth)->name);
	emit_string(e, "mode", t->transport ? "transport" : "tunnel");
	emit_int(e, "remaining_seconds", t->remaining);
	for (size_t i = 0; stat && i < stat->n_sas; i++) {
		const struct dp_sa_stat *c = &stat->sas[i];

		if (c->spi != t->spi)
			continue;
		emit_int(e, "out_packets", (int64_t)c->out_packets);
		emit_int(e, "out_bytes", (int64_t)c->out_bytes);
		emit_int(e, "in_packets", (int64_t)c->in_packets);
		emit_int(e, "in_bytes", (int64_t)c->in_bytes);
		emit_int(e, "replay_dropped_packets", (int64_t)c->replay_drops);
		emit_int(e, "authentication_errors", (int64_t)c->auth_errors);
	}
	emit_end(e);
}

static bool
is_asked_for(const struct command *cmd, const struct policy_group_interface *on)
{
	const char *interface = command_str(cmd, ARG_INTERFACE), *map = command_str(cmd, ARG_MAP);
	const char *vrf = command_str(cmd, ARG_VRF);

	return (!interface || !strcmp(interface, on->name)) && (!map || !strcmp(map, on->map)) &&
	       (!vrf || (on->inner && !strcmp(vrf, on->inner))) && !command_u32(cmd, ARG_PEER);
}

static void
put_ipsec(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct emit *e = ((struct ipsec_showing *)s)->e;
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	bool counted = node_dp_stat(s->node, g->name, stat);

	(void)nth;
	for (size_t i = 0; i < p->n_interfaces; i++) {
		if (!g->n_teks || !is_asked_for(s->cmd, &p->interfaces[i]))
			continue;
		emit_map(e, NULL);
		emit_string(e, "interface", p->interfaces[i].name);
		emit_string(e, "crypto_map", p->interfaces[i].map);
		emit_string(e, "group", g->name);
		emit_addr(e, "local_address", p->interfaces[i].local_addr);
		emit_list(e, "identities");
		for (size_t k = 0; k < g->n_entries; k++)
			put_ident(e, g, counted ? stat : NULL, k);
		emit_end(e);
		emit_list(e, "sas");
		for (size_t k = 0; k < g->n_teks; k++)
			put_tek(e, &g->teks[k], counted ? stat : NULL);
		emit_end(e);
		emit_end(e);
	}
	free(stat);
}

static void
ipsec_sas(struct showing *s, struct emit *e)
{
	struct ipsec_showing is = {.showing = *s, .e = e};

	emit_list(e, "interfaces");
	showing_groups(&is.showing, ROLE_MEMBER, NULL, put_ipsec);
	emit_end(e);
}

static void
put_spi(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct emit *e = ((struct ipsec_showing *)s)->e;

	(void)nth;
	for (size_t i = 0; i < p->n_interfaces; i++)
		for (size_t k = 0; k < g->n_teks; k++) {
			if (!g->teks[k].remaining)
				continue;
			emit_map(e, NULL);
			emit_printf(e, "spi", "0x%08X", g->teks[k].spi);
			emit_string(e, "group", g->name);
			emit_string(e, "interface", p->interfaces[i].name);
			emit_addr(e, "local_address", p->interfaces[i].local_addr);
			emit_end(e);
		}
}

static void
put_spis(struct showing *s, struct emit *e)
{
	struct ipsec_showing is = {.showing = *s, .e = e};

	emit_list(e, "spis");
	showing_groups(&is.showing, ROLE_MEMBER, NULL, put_spi);
	emit_end(e);
}

static void
count_ipsec(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	(void)nth;
	s->count += 2 * g->n_teks * p->n_interfaces;
}

static void
ipsec_count(struct showing *s, struct emit *e)
{
	showing_groups(s, ROLE_MEMBER, NULL, count_ipsec);
	emit_int(e, "total", (int64_t)s->count);
}

static void
put_session(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct emit *e = ((struct ipsec_showing *)s)->e;

	(void)nth;
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct session_ends ends = {p->interfaces[i].name,
		                                  p->interfaces[i].local_addr, g->server,
		                                  p->interfaces[i].vrf, p->interfaces[i].inner};

		if (!showing_session(s, &ends))
			continue;
		emit_map(e, NULL);
		emit_string(e, "interface", p->interfaces[i].name);
		emit_string(e, "group", g->name);
		emit_string(e, "status", g->n_teks ? "UP-ACTIVE" : "DOWN");
		emit_addr(e, "key_server", g->server);
		emit_int(e, "active_sas", (int64_t)(2 * g->n_teks));
		emit_end(e);
	}
}

/* Those who come to a key server. */
static void
put_peers(struct showing *s, struct emit *e)
{
	size_t n, same;
	const struct snap_isakmp *sas = showing_peers(s, &n);
	const char *interface = NULL;

	for (size_t i = 0; i < n; i += same) {
		struct show_peer peer = {.sas = &sas[i]};

		same = showing_same_peer(&sas[i], n - i);
		if (!i || sas[i].dst != sas[i - 1].dst)
			interface = showing_interface_at(s, sas[i].dst);
		if (!showing_session(s, &(struct session_ends){interface, sas[i].dst, sas[i].src,
		                                               sas[i].vrf, sas[i].inner}))
			continue;
		peer.n = same;
		emit_map(e, NULL);
		emit_string(e, "interface", interface);
		emit_string(e, "status", show_peer_status(&peer));
		emit_addr(e, "peer", sas[i].src);
		emit_addr(e, "local_address", sas[i].dst);
		emit_int(e, "active_sas", 0);
		emit_end(e);
	}
}

static void
put_sessions(struct showing *s, struct emit *e)
{
	struct ipsec_showing is = {.showing = *s, .e = e};

	emit_list(e, "sessions");
	showing_groups(&is.showing, ROLE_MEMBER, NULL, put_session);
	put_peers(s, e);
	emit_end(e);
}

/* --- engine ----------------------------------------------------------------------------------- */

static void
put_engine_row(struct emit *e, uint32_t id, const char *type, const char *cipher, const char *hash)
{
	emit_map(e, NULL);
	emit_int(e, "id", id);
	emit_string(e, "type", type);
	emit_string(e, "encryption", cipher);
	emit_string(e, "authentication", hash);
}

static void
put_engine_direction(struct ipsec_showing *is, const struct snap_tek *t, uint32_t addr,
                     const char *counter, uint64_t packets)
{
	put_engine_row(is->e, (uint32_t)++is->showing.count, "ipsec",
	               cipher_row(t->suite.cipher)->name, hash_row(t->suite.auth)->name);
	emit_printf(is->e, "spi", "0x%08X", t->spi);
	emit_int(is->e, counter, (int64_t)packets);
	emit_addr(is->e, "address", addr);
	emit_end(is->e);
}

static void
put_engine(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct ipsec_showing *is = (struct ipsec_showing *)s;
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	bool counted = node_dp_stat(s->node, g->name, stat);

	(void)nth;
	for (size_t i = 0; i < p->n_interfaces; i++)
		for (size_t k = g->n_teks; k-- > 0;) { /* the text's numbers: oldest first */
			uint64_t in = 0, out = 0;

			for (size_t j = 0; counted && j < stat->n_sas; j++)
				if (stat->sas[j].spi == g->teks[k].spi) {
					in = stat->sas[j].in_packets;
					out = stat->sas[j].out_packets;
				}
			put_engine_direction(is, &g->teks[k], p->interfaces[i].local_addr,
			                     "decrypted_packets", in);
			put_engine_direction(is, &g->teks[k], p->interfaces[i].local_addr,
			                     "encrypted_packets", out);
		}
	free(stat);
}

static void
put_engine_kek(struct showing *s, const struct snap_group *g, const struct policy_group *p,
               size_t nth)
{
	struct emit *e = ((struct ipsec_showing *)s)->e;

	(void)p;
	(void)nth;
	if (!g->kek.present)
		return;
	put_engine_row(e, g->kek.conn_id, "rekey", cipher_row(g->kek.cipher)->name,
	               hash_row(g->kek.sig_hash)->name);
	emit_end(e);
}

static void
engine_connections(struct showing *s, struct emit *e)
{
	struct ipsec_showing is = {.showing = *s, .e = e};
	size_t n;
	const struct snap_isakmp *sas = node_isakmp(s->node, s->arena, &n);

	emit_list(e, "connections");
	showing_groups(&is.showing, ROLE_MEMBER, NULL, put_engine);
	for (size_t i = 0; i < n; i++) {
		if (sas[i].state != SNAP_GDOI_IDLE)
			continue;
		put_engine_row(e, sas[i].conn_id, "ike", cipher_row(sas[i].cipher)->name,
		               hash_row(sas[i].hash)->name);
		emit_addr(e, "address", sas[i].initiator ? sas[i].src : sas[i].dst);
		emit_end(e);
	}
	showing_groups(&is.showing, ROLE_MEMBER, NULL, put_engine_kek);
	emit_end(e);
}

/* --- transform sets and profiles -------------------------------------------------------------- */

static void
put_words(struct emit *e, const char *key, const struct tnode *n, const enum gram_arg *args,
          size_t n_args)
{
	emit_list(e, key);
	for (size_t i = 0; i < n_args; i++)
		if (tnode_str(n, args[i]))
			emit_string(e, NULL, tnode_str(n, args[i]));
	emit_end(e);
}

static void
transform_sets(struct showing *s, struct emit *e)
{
	static const enum gram_arg words[] = {ARG_AH, ARG_CIPHER, ARG_KEYSIZE, ARG_AUTH, ARG_COMP};
	const struct tnode *n =
	    tnode_first(tree_top(router_tree(s->router)), KEY_CRYPTO_IPSEC_TRANSFORM_SET);

	emit_list(e, "transform_sets");
	for (; n; n = tnode_next(n)) {
		const struct tnode *mode = tnode_first(n, KEY_TRANSFORM_MODE);

		emit_map(e, NULL);
		emit_string(e, "name", tnode_str(n, ARG_NAME));
		put_words(e, "transforms", n, words, ARRAY_SIZE(words));
		emit_string(e, "mode", mode ? tnode_str(mode, ARG_MODE) : "tunnel");
		emit_end(e);
	}
	emit_end(e);
}

static void
put_profiles(struct showing *s, struct emit *e)
{
	const struct tnode *top = tree_top(router_tree(s->router)), *n;

	emit_list(e, "profiles");
	for (n = tnode_first(top, KEY_CRYPTO_IPSEC_PROFILE); n; n = tnode_next(n)) {
		const struct tnode *sets = tnode_first(n, KEY_PROFILE_TRANSFORM_SET);
		const struct tnode *life = tnode_first(n, KEY_PROFILE_LIFETIME_SECONDS);

		if (!life)
			life = tnode_first(top, KEY_CRYPTO_IPSEC_LIFETIME_SECONDS);
		emit_map(e, NULL);
		emit_string(e, "name", tnode_str(n, ARG_NAME));
		emit_int(e, "lifetime_seconds", life ? tnode_u32(life, ARG_SECONDS) : 3600);
		emit_list(e, "transform_sets");
		for (size_t i = 0; sets && i < tnode_count(sets, ARG_TRANSFORM); i++)
			emit_string(e, NULL, tnode_str_at(sets, ARG_TRANSFORM, i));
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

/* --- maps ------------------------------------------------------------------------------------- */

static bool
map_is_on(const struct policy *p, const struct policy_crypto_map *map, const char *interface)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map == map &&
		    (!interface || !strcmp(p->interfaces[i].name, interface)))
			return true;
	return false;
}

static void
put_map(struct emit *e, const struct policy *p, const struct policy_crypto_map *map)
{
	emit_map(e, NULL);
	emit_string(e, "name", map->name);
	emit_list(e, "entries");
	for (size_t i = 0; i < map->n_entries; i++) {
		emit_map(e, NULL);
		emit_int(e, "sequence", map->entries[i].seq);
		emit_string(e, "group", map->entries[i].group_name);
		emit_string(e, "access_list", map->entries[i].acl_name);
		emit_end(e);
	}
	emit_end(e);
	emit_list(e, "interfaces");
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map == map)
			emit_string(e, NULL, p->interfaces[i].name);
	emit_end(e);
	emit_end(e);
}

static void
crypto_maps(struct showing *s, struct emit *e)
{
	const char *tag = command_str(s->cmd, ARG_TAG), *on = command_str(s->cmd, ARG_INTERFACE);

	emit_list(e, "crypto_maps");
	for (size_t i = 0; i < s->policy->n_maps; i++) {
		const struct policy_crypto_map *map = &s->policy->maps[i];

		if ((!tag || !strcmp(tag, map->name)) && (!on || map_is_on(s->policy, map, on)))
			put_map(e, s->policy, map);
	}
	emit_end(e);
}

static void
fail_close(struct showing *s, struct emit *e)
{
	const char *name = command_str(s->cmd, ARG_NAME);

	emit_list(e, "crypto_maps");
	for (size_t i = 0; i < s->policy->n_maps; i++) {
		const struct policy_crypto_map *map = &s->policy->maps[i];
		struct dp_door_stat stat = {0};
		bool open = false;

		if (!map->fail_close.configured || (name && strcmp(name, map->name) != 0))
			continue;
		node_door_stat(s->node, map->name, &open, &stat);
		emit_map(e, NULL);
		emit_string(e, "name", map->name);
		emit_bool(e, "activated", map->fail_close.active);
		emit_bool(e, "open", open);
		emit_string(e, "access_list", map->fail_close.acl_name);
		emit_int(e, "outbound_drops", (int64_t)stat.out_drops);
		emit_int(e, "inbound_drops", (int64_t)stat.in_drops);
		emit_end(e);
	}
	emit_end(e);
}

/* --- keys and certificates -------------------------------------------------------------------- */

static void
put_time(struct emit *e, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char buf[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	emit_string(e, key, buf);
}

static void
put_pair(struct showing *s, struct emit *e, const struct keystore_entry *k)
{
	struct span der = keystore_public_der(k, s->arena);

	emit_string(e, "name", k->label);
	emit_string(e, "type", k->ec ? "ec" : "rsa");
	emit_int(e, "bits", k->bits);
	emit_bool(e, "exportable", k->exportable);
	put_time(e, "generated", k->created / 1000);
	emit_hex(e, "public_key", der.p, der.n);
}

static void
put_rsa_keys(struct showing *s, struct emit *e)
{
	const struct keystore *ks = node_keystore(s->node);
	const char *label = command_str(s->cmd, ARG_LABEL);

	for (size_t i = 0; i < keystore_count(ks); i++) {
		struct keystore_entry k = keystore_at(ks, i);

		if (label && strcmp(label, k.label) != 0)
			continue;
		emit_map(e, NULL);
		put_pair(s, e, &k);
		emit_end(e);
	}
}

struct ec_listing {
	struct showing *s;
	struct emit *e;
	const char *only; /* NULL: all */
};

static void
put_ec_key(void *arg, const struct sshd_public *key)
{
	struct ec_listing *l = arg;

	if (!key->pair || !key->pair->ec || (l->only && strcmp(l->only, key->label) != 0))
		return;
	emit_map(l->e, NULL);
	put_pair(l->s, l->e, key->pair);
	emit_printf(l->e, "ssh_public_key", "%s %s", key->type, key->base64);
	emit_end(l->e);
}

static void
put_ec_keys(struct showing *s, struct emit *e)
{
	struct ec_listing l = {s, e, command_str(s->cmd, ARG_LABEL)};

	sshd_each_host_key(s->router, put_ec_key, &l);
}

static void
rsa_keys(struct showing *s, struct emit *e)
{
	emit_list(e, "keys");
	put_rsa_keys(s, e);
	emit_end(e);
}

static void
ec_keys(struct showing *s, struct emit *e)
{
	emit_list(e, "keys");
	put_ec_keys(s, e);
	emit_end(e);
}

static void
all_keys(struct showing *s, struct emit *e)
{
	emit_list(e, "keys");
	put_rsa_keys(s, e);
	put_ec_keys(s, e);
	emit_end(e);
}

static void
put_fingerprint(struct emit *e, const char *key, const struct cert *c, enum hash_id h)
{
	char text[CERT_FINGERPRINT_MAX];

	cert_fingerprint_text(c, h, text);
	emit_string(e, key, text);
}

static void
put_certificate(struct emit *e, const char *trustpoint, struct span der, bool ca)
{
	struct cert *c = der.n ? cert_from_der(der) : NULL;
	char text[256];

	if (!c)
		return;
	emit_map(e, NULL);
	emit_string(e, "trustpoint", trustpoint);
	emit_bool(e, "ca", ca);
	cert_serial_text(c, text, sizeof(text));
	emit_string(e, "serial_number", text);
	cert_subject_text(c, text, sizeof(text));
	emit_string(e, "subject", text);
	cert_issuer_text(c, text, sizeof(text));
	emit_string(e, "issuer", text);
	put_time(e, "not_before", cert_not_before(c));
	put_time(e, "not_after", cert_not_after(c));
	put_fingerprint(e, "fingerprint_md5", c, HASH_MD5);
	put_fingerprint(e, "fingerprint_sha1", c, HASH_SHA1);
	put_fingerprint(e, "fingerprint_sha256", c, HASH_SHA256);
	emit_end(e);
	cert_free(c);
}

static void
put_certificates(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_NAME);

	emit_list(e, "certificates");
	for (size_t i = 0; i < s->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &s->policy->trustpoints[i];

		if (only && strcmp(only, t->name) != 0)
			continue;
		put_certificate(e, t->name, t->cert, false);
		for (size_t k = 0; k < t->n_cas; k++)
			put_certificate(e, t->name, t->cas[k], true);
	}
	emit_end(e);
}

static void
put_trustpoints(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_NAME);

	emit_list(e, "trustpoints");
	for (size_t i = 0; i < s->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &s->policy->trustpoints[i];

		if (only && strcmp(only, t->name) != 0)
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", t->name);
		emit_list(e, "certificates");
		put_certificate(e, t->name, t->cert, false);
		for (size_t k = 0; k < t->n_cas; k++)
			put_certificate(e, t->name, t->cas[k], true);
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

/* Imported for a trustpoint, or fetched from a url; why: it did not come. */
static void
put_crl(struct emit *e, const struct crl *l, const char *trustpoint, const char *url,
        const char *why)
{
	char issuer[256];

	emit_map(e, NULL);
	if (trustpoint)
		emit_string(e, "trustpoint", trustpoint);
	if (url)
		emit_string(e, "url", url);
	if (why)
		emit_string(e, "failed", why);
	if (l) {
		crl_issuer_text(l, issuer, sizeof(issuer));
		emit_string(e, "issuer", issuer);
		put_time(e, "this_update", crl_this_update(l));
		put_time(e, "next_update", crl_next_update(l));
		emit_int(e, "bytes", (int64_t)crl_size(l));
	}
	emit_end(e);
}

static void
put_crls(struct showing *s, struct emit *e)
{
	const struct policy *p = s->policy;
	struct node_crl_fetch f;
	const struct crl *l;

	emit_list(e, "crls");
	for (size_t i = 0; i < p->n_trustpoints; i++)
		for (size_t k = 0; (l = node_crl_kept(s->node, p->trustpoints[i].name, k)); k++)
			put_crl(e, l, p->trustpoints[i].name, NULL, NULL);
	for (size_t k = 0; node_crl_fetch(s->node, k, &f); k++)
		put_crl(e, f.crl, NULL, f.url, f.why);
	emit_end(e);
}

static void
put_pki_counters(struct showing *s, struct emit *e)
{
	const struct snap_pki p = node_pki(s->node);

	emit_map(e, "counters");
	emit_int(e, "validations_successful", (int64_t)p.taken);
	emit_int(e, "validations_failed", (int64_t)p.refused);
	emit_int(e, "validations_pending", (int64_t)p.waiting);
	emit_int(e, "crls_checked", (int64_t)p.lists_asked);
	emit_int(e, "crl_fetches", (int64_t)p.fetches);
	emit_int(e, "crl_fetches_failed", (int64_t)p.fetches_failed);
	emit_int(e, "crl_fetches_busy", (int64_t)p.fetches_busy);
	emit_end(e);
}

const struct command_view structured_crypto[] = {
    {.handler = H_SHOW_CRYPTO_ISAKMP_SA, .put = isakmp_sas},
    {.handler = H_SHOW_CRYPTO_ISAKMP_SA_DETAIL, .put = isakmp_sas},
    {.handler = H_SHOW_CRYPTO_ISAKMP_SA_COUNT, .put = isakmp_count},
    {.handler = H_SHOW_CRYPTO_ISAKMP_PEERS, .put = isakmp_peers},
    {.handler = H_SHOW_CRYPTO_ISAKMP_POLICY, .put = isakmp_policies},
    {.handler = H_SHOW_CRYPTO_ISAKMP_DEFAULT_POLICY, .put = isakmp_default},
    {.handler = H_SHOW_CRYPTO_ISAKMP_PROFILE, .put = isakmp_profiles},
    {.handler = H_SHOW_CRYPTO_ISAKMP_KEY, .put = isakmp_keys},
    {.handler = H_SHOW_CRYPTO_IPSEC_SA, .put = ipsec_sas},
    {.handler = H_SHOW_CRYPTO_IPSEC_SA_COUNT, .put = ipsec_count},
    {.handler = H_SHOW_CRYPTO_IPSEC_SPI_LOOKUP, .put = put_spis},
    {.handler = H_SHOW_CRYPTO_IPSEC_TRANSFORM_SET, .put = transform_sets},
    {.handler = H_SHOW_CRYPTO_IPSEC_PROFILE, .put = put_profiles},
    {.handler = H_SHOW_CRYPTO_SESSION, .put = put_sessions},
    {.handler = H_SHOW_CRYPTO_ENGINE_CONNECTIONS, .put = engine_connections},
    {.handler = H_SHOW_CRYPTO_MAP, .put = crypto_maps},
    {.handler = H_SHOW_CRYPTO_MAP_FAIL_CLOSE, .put = fail_close},
    {.handler = H_SHOW_CRYPTO_KEY_MYPUBKEY_RSA, .put = rsa_keys},
    {.handler = H_SHOW_CRYPTO_KEY_MYPUBKEY_EC, .put = ec_keys},
    {.handler = H_SHOW_CRYPTO_KEY_MYPUBKEY_ALL, .put = all_keys},
    {.handler = H_SHOW_CRYPTO_PKI_CERTIFICATES, .put = put_certificates},
    {.handler = H_SHOW_CRYPTO_PKI_TRUSTPOINTS, .put = put_trustpoints},
    {.handler = H_SHOW_CRYPTO_PKI_COUNTERS, .put = put_pki_counters},
    {.handler = H_SHOW_CRYPTO_PKI_CRLS, .put = put_crls},
    {0},
};

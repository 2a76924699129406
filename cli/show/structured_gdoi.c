/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto gdoi ...` for scripts: one shape for all of them, of which each shows its part. */
#include "cli/show/structured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show/show_gdoi.h"

/* Parts of a group. */
enum {
	PART_SERVER = 1 << 0,
	PART_MEMBERS = 1 << 1,
	PART_REKEY = 1 << 2,
	PART_KEK = 1 << 3,
	PART_SAS = 1 << 4,
	PART_ACL = 1 << 5,
	PART_REPLAY = 1 << 6,
	PART_IDENTIFIER = 1 << 7,
	PART_MEMBER = 1 << 8,
	PART_PUBKEY = 1 << 9,
	PART_COUNTERS = 1 << 10,
	PART_FEATURE = 1 << 11,
	PART_COOP = 1 << 12,
	PART_STORE = 1 << 13,
	PART_COOP_IDENTIFIER = 1 << 14
};

static void put_groups(struct showing *s, struct emit *e);
static void put_coop_versions(struct showing *s, struct emit *e);

const struct command_view structured_gdoi[] = {
    {H_SHOW_CRYPTO_GDOI, put_groups, ROLE_ANY,
     PART_SERVER | PART_MEMBER | PART_REKEY | PART_KEK | PART_SAS | PART_ACL | PART_REPLAY},
    {H_SHOW_CRYPTO_GDOI_FEATURE, put_groups, ROLE_ANY, PART_FEATURE},
    {H_SHOW_CRYPTO_GDOI_KS, put_groups, ROLE_SERVER, PART_SERVER | PART_REKEY},
    {H_SHOW_CRYPTO_GDOI_KS_MEMBERS, put_groups, ROLE_SERVER, PART_MEMBERS},
    {H_SHOW_CRYPTO_GDOI_KS_POLICY, put_groups, ROLE_SERVER, PART_KEK | PART_SAS},
    {H_SHOW_CRYPTO_GDOI_KS_ACL, put_groups, ROLE_SERVER, PART_ACL},
    {H_SHOW_CRYPTO_GDOI_KS_COOP, put_groups, ROLE_SERVER, PART_COOP},
    {H_SHOW_CRYPTO_GDOI_KS_COOP_IDENTIFIER, put_groups, ROLE_SERVER, PART_COOP_IDENTIFIER},
    {H_SHOW_CRYPTO_GDOI_KS_COOP_VERSION, put_coop_versions, ROLE_ANY, 0},
    {H_SHOW_CRYPTO_GDOI_STORE, put_groups, ROLE_SERVER, PART_STORE},
    {H_SHOW_CRYPTO_GDOI_KS_REKEY, put_groups, ROLE_SERVER, PART_REKEY | PART_KEK},
    {H_SHOW_CRYPTO_GDOI_KS_REPLAY, put_groups, ROLE_SERVER, PART_REPLAY},
    {H_SHOW_CRYPTO_GDOI_KS_IDENTIFIER, put_groups, ROLE_SERVER, PART_IDENTIFIER},
    {H_SHOW_CRYPTO_GDOI_GM, put_groups, ROLE_MEMBER, PART_MEMBER | PART_REKEY},
    {H_SHOW_CRYPTO_GDOI_GM_ACL, put_groups, ROLE_MEMBER, PART_ACL},
    {H_SHOW_CRYPTO_GDOI_GM_REKEY, put_groups, ROLE_MEMBER, PART_REKEY | PART_KEK},
    {H_SHOW_CRYPTO_GDOI_GM_REPLAY, put_groups, ROLE_MEMBER, PART_REPLAY | PART_COUNTERS},
    {H_SHOW_CRYPTO_GDOI_GM_IDENTIFIER, put_groups, ROLE_MEMBER, PART_IDENTIFIER},
    {H_SHOW_CRYPTO_GDOI_GM_PUBKEY, put_groups, ROLE_MEMBER, PART_PUBKEY},
    {H_SHOW_CRYPTO_GDOI_GM_DATAPLANE, put_groups, ROLE_MEMBER, PART_COUNTERS},
    {H_SHOW_CRYPTO_GDOI_IPSEC_SA, put_groups, ROLE_ANY, PART_SAS},
    {H_SHOW_CRYPTO_GDOI_REKEY_SA, put_groups, ROLE_MEMBER, PART_KEK},
    {0},
};

/* --- parts ------------------------------------------------------------------------------------ */

static void
put_server(struct emit *e, const struct snap_group *g, const struct policy_group *p)
{
	const struct policy_server *s = &p->server;

	emit_map(e, "server");
	emit_addr(e, "address", s->addr);
	emit_int(e, "members", (int64_t)g->n_members);
	emit_string(e, "authorization", s->authorization ? s->authorization_name : NULL);
	emit_string(e, "members_crl", s->members_crl);
	emit_string(e, "rekey_transport", s->rekey.unicast ? "unicast" : "multicast");
	emit_string(e, "rekey_rsa_key", s->rekey.rsa_label);
	emit_int(e, "rekey_lifetime_seconds", s->rekey.lifetime);
	emit_int(e, "retransmit_period_seconds", s->rekey.retransmit_period);
	emit_int(e, "retransmit_number", s->rekey.retransmit_number);
	emit_end(e);
}

static void
put_members(struct emit *e, const struct snap_group *g, uint32_t only)
{
	emit_list(e, "members");
	for (size_t i = 0; i < g->n_members; i++) {
		const struct snap_member *m = &g->members[i];

		if (only && m->addr != only)
			continue;
		emit_map(e, NULL);
		emit_addr(e, "address", m->addr);
		emit_addr(e, "key_server", m->server);
		emit_string(e, "version", show_member_version(m));
		emit_int(e, "registrations", m->registrations);
		emit_int(e, "registered_for_seconds", m->registered_for);
		emit_int(e, "rekeys_sent", m->rekeys_sent);
		emit_int(e, "rekey_acks_received", m->acks_received);
		emit_int(e, "rekey_retries", m->retries);
		emit_int(e, "rekeys_missed", m->failures);
		emit_end(e);
	}
	emit_end(e);
}

/* A number that is not known is left out. */
static void
put_known(struct emit *e, const char *key, uint64_t number)
{
	if (number)
		emit_int(e, key, (int64_t)number);
}

static void
put_store(struct emit *e, const struct snap_group *g)
{
	const struct snap_kept *k = &g->kept;
	char lease[24];

	if (!k->engine) {
		emit_null(e, "store");
		return;
	}
	emit_map(e, "store");
	emit_bool(e, "shared", k->shared);
	emit_string(e, "engine", k->engine);
	emit_string(e, k->prefix ? "endpoint" : "file", k->place);
	if (k->prefix)
		emit_string(e, "prefix", k->prefix);
	emit_string(e, "state", show_store_state(g));
	emit_string(e, "error", k->error ? k->error : g->store_error);
	if (k->shared) {
		emit_addr(e, "leader", g->coop.leader);
		emit_bool(e, "leads", g->coop.leads);
		snprintf(lease, sizeof(lease), "0x%" PRIX64, k->lease);
		emit_string(e, "lease", k->lease ? lease : NULL); /* too long for a number */
		emit_int(e, "lease_remaining_seconds", (k->lease_left + 999) / 1000);
	}
	put_known(e, "revision", k->revision);
	put_known(e, "records", k->records);
	put_known(e, "octets", k->octets);
	emit_int(e, "last_call_milliseconds", k->lag);
	emit_end(e);
}

static void
put_rekey(struct emit *e, const struct snap_group *g)
{
	emit_map(e, "rekey");
	if (g->local) {
		emit_int(e, "sent", g->rekeys_sent);
		emit_int(e, "last_retransmits", g->retransmits);
	} else {
		emit_int(e, "received", g->rekeys_received);
		emit_int(e, "received_since_registration", g->rekeys_since_register);
		emit_int(e, "acks_sent", g->acks_sent);
		emit_addr(e, "last_from", g->last_rekey_from);
		if (g->rekeys_received) {
			emit_int(e, "last_sequence", g->last_rekey_seq);
			emit_int(e, "last_ago_seconds", g->last_rekey_ago);
		}
	}
	emit_end(e);
}

static void
put_kek(struct emit *e, const struct snap_group *g)
{
	const struct snap_kek *k = &g->kek;

	if (!k->present) {
		emit_null(e, "kek");
		return;
	}
	emit_map(e, "kek");
	emit_hex(e, "spi", k->spi, sizeof(k->spi));
	emit_string(e, "encryption", cipher_row(k->cipher)->name);
	emit_string(e, "signature_hash", hash_row(k->sig_hash)->name);
	emit_int(e, "signature_key_bits", k->sig_bits);
	emit_string(e, "transport", k->unicast ? "unicast" : "multicast");
	emit_int(e, "lifetime_seconds", k->lifetime);
	emit_int(e, "remaining_seconds", k->remaining);
	emit_int(e, "sequence", k->seq);
	if (k->lkh.depth)
		emit_int(e, "key_hierarchy_depth", k->lkh.depth);
	emit_end(e);
}

static void
put_sas(struct emit *e, const struct snap_group *g)
{
	emit_list(e, "sas");
	for (size_t i = 0; i < g->n_teks; i++) {
		const struct snap_tek *t = &g->teks[i];

		emit_map(e, NULL);
		emit_int(e, "number", t->sa);
		emit_printf(e, "spi", "0x%08X", t->spi);
		emit_string(e, "encryption", cipher_row(t->suite.cipher)->name);
		emit_string(e, "authentication", hash_row(t->suite.auth)->name);
		emit_string(e, "mode", t->transport ? "transport" : "tunnel");
		emit_int(e, "lifetime_seconds", t->lifetime);
		emit_int(e, "remaining_seconds", t->remaining);
		emit_int(e, "replay_window_packets", t->window);
		emit_int(e, "replay_window_seconds", t->time_window);
		emit_string(e, "profile", *t->profile ? t->profile : NULL);
		emit_string(e, "access_list", *t->acl_name ? t->acl_name : NULL);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_acl(struct emit *e, const struct snap_group *g, const struct policy_group *p)
{
	emit_list(e, "acl");
	for (size_t i = 0; i < g->n_entries; i++) {
		emit_map(e, NULL);
		emit_int(e, "sa", g->entries[i].sa);
		emit_selector(e, &g->entries[i].selector);
		emit_end(e);
	}
	emit_end(e);
	if (g->local)
		return;
	emit_list(e, "local_acl");
	for (size_t i = 0; i < p->n_interfaces; i++)
		for (size_t k = 0; k < p->interfaces[i].n_deny; k++) {
			emit_map(e, NULL);
			emit_string(e, "interface", p->interfaces[i].name);
			emit_selector(e, &p->interfaces[i].deny[k]);
			emit_end(e);
		}
	emit_end(e);
}

static void
put_replay(struct emit *e, const struct snap_group *g)
{
	uint32_t seconds = show_time_window(g);

	emit_map(e, "replay");
	emit_string(e, "method",
	            seconds                          ? "time"
	            : g->n_teks && g->teks[0].window ? "counter"
	                                             : "none");
	emit_int(e, "window_seconds", seconds);
	emit_int(e, "window_packets", g->n_teks ? g->teks[0].window : 0);
	if (seconds)
		emit_printf(e, "pseudotime_seconds", "%llu.%03u",
		            (unsigned long long)(g->pseudotime / 1000),
		            (unsigned)(g->pseudotime % 1000));
	emit_end(e);
}

static void
put_identifier(struct emit *e, const struct snap_group *g)
{
	emit_map(e, "identifier");
	emit_int(e, "bits", g->sid_bits);
	if (g->local)
		emit_int(e, "given", g->sids_given);
	else if (g->sid_bits)
		emit_int(e, "value", g->sid);
	emit_end(e);
}

static void
put_member(struct emit *e, const struct snap_group *g, const struct policy_group *p)
{
	static const char *const states[] = {"not_registered", "registering", "registered"};
	static const char *const directions[] = {"both", "inbound_optional", "inbound_only"};

	emit_map(e, "member");
	emit_string(e, "state", states[g->registration]);
	emit_addr(e, "registered_with", g->server);
	emit_addr(e, "local_address", g->local_addr);
	emit_string(e, "direction", directions[g->direction]);
	emit_int(e, "reregisters_in_seconds", g->reregister);
	emit_int(e, "attempts", g->attempts);
	emit_int(e, "recovery_check_seconds", g->recovery_check);
	emit_int(e, "recovery_registrations", g->recoveries);
	emit_int(e, "recovery_registrations_postponed", g->recoveries_postponed);
	emit_int(e, "successes", g->successes);
	emit_list(e, "key_servers");
	for (size_t i = 0; i < p->n_servers; i++)
		emit_addr(e, NULL, p->servers[i]);
	emit_end(e);
	emit_list(e, "interfaces");
	for (size_t i = 0; i < p->n_interfaces; i++)
		emit_string(e, NULL, p->interfaces[i].name);
	emit_end(e);
	emit_end(e);
}

static void
put_counters(struct showing *s, struct emit *e, const struct snap_group *g)
{
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	uint64_t in = 0, out = 0, clear = 0, unsent = 0, replay = 0, bad = 0;

	if (node_dp_stat(s->node, g->name, stat)) {
		for (size_t i = 0; i < stat->n_entries; i++) {
			out += stat->entries[i].out_packets;
			in += stat->entries[i].in_packets;
			clear += stat->entries[i].clear_drops;
			unsent += stat->entries[i].send_errors;
		}
		for (size_t i = 0; i < stat->n_sas; i++) {
			replay += stat->sas[i].replay_drops;
			bad += stat->sas[i].auth_errors + stat->sas[i].other_errors;
		}
	}
	emit_map(e, "counters");
	emit_int(e, "encrypted_packets", (int64_t)out);
	emit_int(e, "decrypted_packets", (int64_t)in);
	emit_int(e, "clear_dropped_packets", (int64_t)clear);
	emit_int(e, "send_errors", (int64_t)unsent);
	emit_int(e, "replay_dropped_packets", (int64_t)replay);
	emit_int(e, "receive_errors", (int64_t)bad);
	emit_int(e, "invalid_spi_packets", (int64_t)stat->invalid_spi);
	emit_end(e);
	free(stat);
}

static void
put_supporter(struct emit *e, uint32_t addr, const char *version, bool supported)
{
	emit_map(e, NULL);
	emit_addr(e, "address", addr);
	emit_string(e, "version", version);
	emit_bool(e, "supported", supported);
	emit_end(e);
}

static void
put_features(struct emit *e)
{
	const char *name;

	emit_list(e, "features");
	for (size_t i = 0; (name = show_feature_at(i)); i++) {
		emit_map(e, NULL);
		emit_string(e, "name", name);
		emit_bool(e, "supported", show_feature_is_here(name));
		emit_end(e);
	}
	emit_end(e);
}

static void
put_feature(struct emit *e, const struct snap_group *g, const char *feature)
{
	bool here = show_feature_is_here(feature);

	emit_map(e, "feature");
	emit_string(e, "name", feature);
	emit_list(e, "key_servers");
	if (g->local)
		put_supporter(e, g->local_addr, SHOW_GDOI_VERSION, here);
	emit_end(e);
	emit_list(e, "members");
	if (!g->local)
		put_supporter(e, g->local_addr, SHOW_GDOI_VERSION, here);
	for (size_t i = 0; g->local && i < g->n_members; i++)
		put_supporter(e, g->members[i].addr, show_member_version(&g->members[i]),
		              show_member_has_feature(&g->members[i], feature));
	emit_end(e);
	if (!feature)
		put_features(e);
	emit_end(e);
}

/* --- groups ----------------------------------------------------------------------------------- */

/* A group_fn gets no argument of its own, so what it needs stands behind the showing. */
struct gdoi_showing {
	struct showing showing;
	struct emit *e;
};

static void
put_group(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct gdoi_showing *gs = (struct gdoi_showing *)s;
	struct emit *e = gs->e;
	unsigned parts = s->view->parts;

	(void)nth;
	emit_map(e, NULL);
	emit_string(e, "name", g->name);
	if (g->id.type == GROUP_ID_NUMBER)
		emit_int(e, "identity", g->id.value);
	else
		emit_addr(e, "identity", g->id.value);
	emit_string(e, "role", g->local ? "key_server" : "group_member");
	if (parts & PART_SERVER && g->local)
		put_server(e, g, p);
	if (parts & PART_MEMBER && !g->local)
		put_member(e, g, p);
	if (parts & PART_MEMBERS)
		put_members(e, g, command_u32(s->cmd, ARG_MEMBER));
	if (parts & PART_COOP)
		structured_coop(e, g, p);
	if (parts & PART_COOP_IDENTIFIER)
		structured_coop_identifier(e, g, p);
	if (parts & PART_STORE)
		put_store(e, g);
	if (parts & PART_REKEY)
		put_rekey(e, g);
	if (parts & PART_KEK)
		put_kek(e, g);
	if (parts & PART_SAS)
		put_sas(e, g);
	if (parts & PART_ACL)
		put_acl(e, g, p);
	if (parts & PART_REPLAY)
		put_replay(e, g);
	if (parts & PART_IDENTIFIER)
		put_identifier(e, g);
	if (parts & PART_PUBKEY && g->kek.present)
		emit_hex(e, "public_key", g->kek.public_key.p, g->kek.public_key.n);
	if (parts & PART_COUNTERS)
		put_counters(s, e, g);
	if (parts & PART_FEATURE)
		put_feature(e, g, command_str(s->cmd, ARG_FEATURE));
	emit_end(e);
}

static void
put_groups(struct showing *s, struct emit *e)
{
	const char *name = command_str(s->cmd, ARG_GROUP);
	struct gdoi_showing gs = {.showing = *s, .e = e};

	emit_list(e, "groups");
	if (!showing_groups(&gs.showing, s->view->role, name, put_group) && name)
		shell_refuse(s->sh);
	emit_end(e);
}

/* Not of a group. */
static void
put_coop_versions(struct showing *s, struct emit *e)
{
	(void)s;
	emit_map(e, "versions");
	emit_string(e, "infra", SHOW_COOP_VERSION);
	emit_string(e, "ks_policy", SHOW_COOP_VERSION);
	emit_string(e, "group_member", SHOW_COOP_VERSION);
	emit_string(e, "sid", SHOW_COOP_VERSION);
	emit_end(e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups: what a key server serves, where a member registers and on which interfaces. RFC 6407;
 * what an undefined reference means here is said in each diagnostic.
 */
#include <stdio.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"
#include "compiler/policy/vrf.h"
#include "compiler/policy/protocol.h"

/* --- the key server --------------------------------------------------------------------------- */

/* "permit udp host KS eq 848 host GROUP eq 848": the first permit says where rekeys go. */
static void
rekey_address(struct compiler *c, const struct raw_group *g, struct policy_rekey *rekey)
{
	const struct word *name = &g->server.rekey_address;
	struct raw_acl *raw = name->text ? raw_acl_find(c, name->text) : NULL;

	if (!name->text) {
		complain(c, DIAG_WARNING, "rekey-no-address", &g->server.at,
		         "rekey transport unicast",
		         "rekeys of group %s are multicast, and no rekey address is configured: "
		         "none are sent",
		         g->name.text);
		return;
	}
	if (!raw) {
		complain(c, DIAG_ERROR, "rekey-address-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: group %s sends no rekeys", name->text,
		         g->name.text);
		return;
	}
	raw->used = true;
	for (size_t i = 0; i < raw->n; i++) {
		const struct policy_ace *e = &raw->aces[i].ace;

		if (!e->permit)
			continue;
		if (e->dst_mask == UINT32_MAX && addr_is_multicast(e->dst)) {
			rekey->group_addr = e->dst;
			rekey->group_port = e->n_dport ? e->dport[0].lo : GDOI_PORT;
			return;
		}
		break;
	}
	complain(c, DIAG_ERROR, "rekey-address-unfit", name, NULL,
	         "access list %s does not begin with a permit to one multicast address (permit udp "
	         "host KS eq 848 host 239.x.x.x eq 848): group %s sends no rekeys",
	         name->text, g->name.text);
}

/* Does `crypto engine legacy disable` refuse what the rekeys use? Complains when it does. */
static bool
rekey_is_legacy(struct compiler *c, const struct raw_group *g, const struct policy_rekey *r)
{
	bool cipher = cipher_is_legacy(r->cipher);

	if (!c->raw.no_legacy || (!cipher && !hash_is_legacy(r->sig_hash)))
		return false;
	complain(c, DIAG_ERROR, "legacy-disabled", &g->server.at,
	         cipher ? "rekey algorithm aes 256" : "rekey sig-hash algorithm sha256",
	         "rekeys of group %s use %s: it sends none", g->name.text,
	         cipher ? cipher_row(r->cipher)->family : hash_row(r->sig_hash)->title);
	return true;
}

static void
compile_rekey(struct compiler *c, const struct raw_group *g, struct policy_rekey *rekey)
{
	const struct word *label = &g->server.rsa_label;

	*rekey = g->server.rekey;
	if (rekey->lkh && g->server.coop.configured) {
		complain(
		    c, DIAG_WARNING, "coop-lkh", &g->server.at, NULL,
		    "group %s has redundancy: only one key server can have a key hierarchy, and "
		    "it is left out",
		    g->name.text);
		rekey->lkh = false;
	}
	if (rekey->deactivation && rekey->deactivation <= rekey->activation)
		complain(c, DIAG_WARNING, "rekey-delay", &g->server.at, NULL,
		         "group %s gives up its old keys %u seconds after a rekey, before the new "
		         "ones send at %u: packets are lost",
		         g->name.text, rekey->deactivation, rekey->activation);
	rekey->rsa_label = label->text;
	if (!label->text) {
		complain(c, DIAG_WARNING, "rekey-no-authentication", &g->server.at,
		         "rekey authentication mypubkey rsa",
		         "group %s signs no rekeys: members register again when keys expire",
		         g->name.text);
		return;
	}
	if (rekey_is_legacy(c, g, rekey))
		return;
	/* A key that is shared may come from another server. */
	rekey->configured =
	    (rekey->shared && g->server.coop.configured) ||
	    compile_has_label(c->facts->rsa_labels, c->facts->n_rsa_labels, label->text);
	if (!rekey->configured)
		complain(
		    c, DIAG_WARNING, "rsa-undefined", label,
		    diag_nearest(label->text, c->facts->rsa_labels, c->facts->n_rsa_labels),
		    g->server.coop.configured
			? "there is no RSA key pair %s: this key server of group %s cannot lead"
			: "there is no RSA key pair %s: group %s sends no rekeys",
		    label->text, g->name.text);
	else if (!rekey->unicast)
		rekey_address(c, g, rekey);
}

static bool
is_own_address(const struct compiler *c, uint32_t addr)
{
	for (size_t i = 0; i < c->raw.n_interfaces; i++)
		if (c->raw.interfaces[i].address.text && c->raw.interfaces[i].addr == addr)
			return true;
	return false;
}

static void
check_coop(struct compiler *c, const struct raw_group *g)
{
	const struct policy_store *store = &c->raw.store;
	char addr[ADDR_TEXT_MAX];

	if (g->server.coop.configured && !c->facts->has_shared_store && !store->file &&
	    !store->etcd.endpoints)
		complain(
		    c, DIAG_WARNING, "coop-alone", &g->server.at, "crypto gdoi store etcd",
		    "group %s has redundancy, and no line names the store that its key servers "
		    "share",
		    g->name.text);
	for (size_t i = 0; i < g->server.coop.n_peers; i++)
		if (is_own_address(c, g->server.coop.peers[i]))
			complain(c, DIAG_WARNING, "coop-peer", &g->server.at, NULL,
			         "peer %s of group %s is this key server itself",
			         addr_text(g->server.coop.peers[i], addr), g->name.text);
}

static void
compile_members_crl(struct compiler *c, const struct raw_group *g, struct policy_server *s)
{
	const struct word *name = &g->server.members_crl;

	s->members_crl = name->text;
	if (!name->text)
		return;
	for (size_t i = 0; i < c->policy->n_trustpoints; i++)
		if (!strcmp(c->policy->trustpoints[i].name, name->text))
			return;
	complain(c, DIAG_WARNING, "members-crl-undefined", name,
	         NEAREST(c, name->text, c->raw.trustpoints, c->raw.n_trustpoints),
	         "trustpoint %s does not exist: no member of group %s loses its registration when "
	         "its certificate is revoked",
	         name->text, g->name.text);
}

static void
compile_authorization(struct compiler *c, const struct raw_group *g, struct policy_server *s)
{
	const struct word *name = &g->server.authorization;
	const struct word *identity = &g->server.authorization_identity;
	struct raw_acl *list;

	if (identity->text) {
		static const struct policy_identity nobody = {.name = ""};
		const struct policy_identity *who = compile_identity(
		    c, identity, "authorization-identity",
		    arena_printf(c->arena, "nobody may join group %s", g->name.text));

		s->authorization = true;
		s->authorization_name = identity->text;
		s->authorized_identity = who ? who : &nobody;
	}
	if (!name->text)
		return;
	s->authorization = true;
	s->authorization_name = name->text;
	list = raw_acl_find(c, name->text);
	s->authorized = list ? NULL : compile_authorized_before(c, g, name);
	if (s->authorized)
		return;
	if (!list) {
		complain(c, DIAG_WARNING, "authorization-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: every device that holds a key may join "
		         "group %s",
		         name->text, g->name.text);
		return;
	}
	list->used = true;
	s->authorized = policy_acl_find(c->policy, name->text);
	if (!list->standard)
		complain(c, DIAG_WARNING, "authorization-extended", name, NULL,
		         "access list %s is extended: only what it says of the source counts, "
		         "with any destination",
		         name->text);
}

static bool
has_address(const struct compiler *c, const struct raw_interface *e, uint32_t addr)
{
	const struct policy_interface *f = policy_interface_find(c->policy, e->name.text);

	for (size_t i = 0; f && i < f->n_secondaries; i++)
		if (f->secondaries[i].addr == addr)
			return true;
	return e->addr == addr;
}

static void
compile_address(struct compiler *c, const struct raw_group *g, struct policy_server *s)
{
	const char **own = arena_alloc(c->arena, (c->raw.n_interfaces + 1) * sizeof(*own));
	const struct word *address = &g->server.address;
	size_t n = 0, i;

	for (i = 0; i < c->raw.n_interfaces; i++) {
		const struct raw_interface *e = &c->raw.interfaces[i];

		if (!e->address.text)
			continue;
		own[n++] = e->address.text;
		if (address->text && has_address(c, e, g->server.addr) &&
		    (!s->addr || !e->vrf.text)) { /* of several, the global table's */
			s->addr = g->server.addr;
			s->vrf = e->vrf.text;
		}
	}
	if (s->addr)
		return;
	if (!address->text)
		complain(
		    c, DIAG_ERROR, "server-no-address", &g->server.at,
		    n == 1 ? arena_printf(c->arena, "address ipv4 %s", own[0]) : "address ipv4",
		    "the key server of group %s has no address: it does not serve", g->name.text);
	else
		complain(c, DIAG_ERROR, "server-address-foreign", address,
		         n == 1 ? own[0] : diag_nearest(address->text, own, n),
		         "%s is the address of no interface: the key server of group %s does not "
		         "serve",
		         address->text, g->name.text);
}

/* Does the first entry that decides on GDOI between two addresses say "encrypt"? */
static bool
encrypts_gdoi(const struct policy_sa *sa, uint32_t src, uint32_t dst)
{
	const struct flow f = {
	    .src = src, .dst = dst, .proto = PROTO_UDP, .sport = GDOI_PORT, .dport = GDOI_PORT};
	size_t i;

	for (i = 0; i < sa->n_selectors; i++)
		if (selector_match(&sa->selectors[i], &f))
			return sa->selectors[i].permit;
	return false;
}

/*
 * Warns when members would encrypt what they send to the key server. Their addresses are taken from
 * the pre-shared keys and, because a key for everybody names no peer, from each entry of the list.
 */
static void
check_gdoi_is_clear(struct compiler *c, const struct policy_sa *sa, const struct word *at,
                    uint32_t server)
{
	uint32_t peer = 0;
	bool wrong = false;
	size_t i;

	for (i = 0; i < c->raw.n_psks && !wrong; i++) {
		peer = c->raw.psks[i].psk.addr;
		wrong = c->raw.psks[i].psk.mask == UINT32_MAX &&
		        (encrypts_gdoi(sa, peer, server) || encrypts_gdoi(sa, server, peer));
	}
	for (i = 0; i < sa->n_selectors && !wrong; i++) {
		const struct selector *s = &sa->selectors[i];

		wrong = encrypts_gdoi(sa, s->src, server) || encrypts_gdoi(sa, server, s->dst);
	}
	if (wrong)
		complain(c, DIAG_WARNING, "acl-encrypts-gdoi", at, "deny udp any eq 848 any eq 848",
		         "access list %s does not deny UDP port 848: members would encrypt what "
		         "they send to their key server",
		         sa->acl_name);
}

static void
compile_sa(struct compiler *c, const struct raw_group *g, const struct raw_sa *raw,
           struct policy_sa *sa)
{
	bool fine = true;
	char what[96];

	snprintf(what, sizeof(what), "sa ipsec %u of group %.48s", raw->number, g->name.text);
	sa->number = raw->number;
	sa->profile = raw->profile.text ? raw->profile.text : "";
	sa->acl_name = raw->acl.text ? raw->acl.text : "";
	sa->window = raw->window;
	sa->time_window = raw->time_window;
	sa->receive_only = g->server.receive_only.text;
	sa->lifetime = c->raw.sa_lifetime;
	if (raw->profile.text) {
		fine = compile_profile(c, &raw->profile, what, sa);
	} else {
		complain(c, DIAG_ERROR, "sa-no-profile", &raw->at, "profile",
		         "%s has no IPsec profile: it is not served", what);
		fine = false;
	}
	if (fine && sa->time_window && !esp_suite_protects(&sa->suite)) {
		complain(c, DIAG_WARNING, "replay-time-unprotected", &raw->replay, NULL,
		         "%s has no integrity, so that anyone can change a packet's time: there "
		         "is no replay protection",
		         what);
		sa->time_window = 0;
	}
	if (!raw->acl.text) {
		complain(c, DIAG_ERROR, "sa-no-acl", &raw->at, "match address ipv4",
		         "%s has no access list: it is not served", what);
		return;
	}
	sa->selectors = compile_selectors(c, &raw->acl, what, &sa->n_selectors);
	if (g->server.addr)
		check_gdoi_is_clear(c, sa, &raw->acl, g->server.addr);
	if (!fine)
		sa->n_selectors = 0;
}

static void
compile_server(struct compiler *c, const struct raw_group *g, struct policy_server *s)
{
	struct policy_sa *sas = arena_alloc(c->arena, g->server.n_sas * sizeof(*sas));
	size_t i;

	compile_address(c, g, s);
	compile_rekey(c, g, &s->rekey);
	compile_authorization(c, g, s);
	compile_members_crl(c, g, s);
	compile_sids(c, g, s);
	s->coop = g->server.coop;
	check_coop(c, g);
	for (i = 0; i < g->server.n_sas; i++) {
		compile_sa(c, g, &g->server.sas[i], &sas[i]);
		compile_sa_before(c, g, &g->server.sas[i], &sas[i]);
	}
	s->n_sas = g->server.n_sas;
	s->sas = sas;
	if (g->server.receive_only.text)
		complain(
		    c, DIAG_WARNING, "sa-receive-only", &g->server.receive_only, NULL,
		    "members of group %s encrypt nothing: what the group's lists permit leaves "
		    "them in clear, and is taken encrypted or in clear",
		    g->name.text);
	if (!s->n_sas)
		complain(c, DIAG_WARNING, "server-no-sa", &g->server.at, "sa ipsec 1",
		         "group %s has no sa ipsec: there is nothing to serve", g->name.text);
}

/* --- the member ------------------------------------------------------------------------------- */

static const struct raw_map *map_find(const struct compiler *c, const char *name);

static bool
entry_names(const struct raw_map_entry *e, const struct raw_group *g)
{
	return e->group.text && strcmp(e->group.text, g->name.text) == 0;
}

static bool
interface_applies(const struct compiler *c, const struct raw_interface *on,
                  const struct raw_group *g)
{
	const struct raw_map *map = on->crypto_map.text ? map_find(c, on->crypto_map.text) : NULL;

	for (size_t i = 0; map && i < map->n; i++)
		if (entry_names(&map->entries[i], g))
			return true;
	return false;
}

/* The interface that a group registers by where its map is applied to `on`; by name. */
static const char *
registers_by(const struct compiler *c, const struct raw_interface *on, const struct raw_group *g)
{
	const struct raw_map *map = map_find(c, on->crypto_map.text);

	return g->client_interface.text  ? g->client_interface.text
	       : map->local_address.text ? map->local_address.text
	                                 : on->name.text;
}

/* Does something hold in one of the tables that the group registers through? */
static bool
holds_where_it_registers(const struct compiler *c, const struct raw_group *g, uint32_t addr,
                         bool (*holds)(const struct compiler *c, const char *vrf, uint32_t addr))
{
	bool applied = false;

	for (size_t i = 0; i < c->raw.n_interfaces; i++) {
		const struct raw_interface *on = &c->raw.interfaces[i];

		if (!interface_applies(c, on, g))
			continue;
		applied = true;
		if (holds(c, compile_vrf_of(c, registers_by(c, on, g)), addr))
			return true;
	}
	return !applied &&
	       holds(c,
	             g->client_interface.text ? compile_vrf_of(c, g->client_interface.text) : NULL,
	             addr);
}

static bool
has_key(const struct compiler *c, const char *vrf, uint32_t addr)
{
	return policy_psk_find(c->policy, vrf, addr).n > 0;
}

/*
 * The peer that the user probably meant to name as a server: one that has a key, is not a server
 * yet, and can be reached; of several, the one whose address is written most alike.
 */
static const char *
server_suggestion(struct compiler *c, const struct raw_group *g, const struct word *wrong)
{
	const char **names = arena_alloc(c->arena, (c->raw.n_psks + 1) * sizeof(*names));
	size_t n = 0, i, j;

	for (i = 0; i < c->raw.n_psks; i++) {
		const struct policy_psk *k = &c->raw.psks[i].psk;
		bool fits =
		    k->mask == UINT32_MAX && !k->host && compile_reaches(c, k->vrf, k->addr);

		for (j = 0; j < g->n_servers; j++)
			fits &= g->servers[j] != k->addr;
		if (fits)
			names[n++] = c->raw.psks[i].address.text;
	}
	return n == 1 ? names[0] : diag_nearest(wrong->text, names, n);
}

static void
check_server(struct compiler *c, const struct raw_group *g, size_t i)
{
	const struct word *at = &g->server_words[i];
	bool key = holds_where_it_registers(c, g, g->servers[i], has_key) || c->raw.n_trustpoints;
	bool route = holds_where_it_registers(c, g, g->servers[i], compile_reaches);

	if (!key)
		complain(c, DIAG_ERROR, "server-no-key", at, server_suggestion(c, g, at),
		         "no pre-shared key%s key server %s: group %s cannot register there",
		         route ? " for" : " and no route for", at->text, g->name.text);
	else if (!route)
		complain(c, DIAG_WARNING, "server-no-route", at, server_suggestion(c, g, at),
		         "no route leads to key server %s: group %s cannot register there",
		         at->text, g->name.text);
}

/*
 * Warns when any device with a certificate of the CA could pose as the key server (RFC 6407 3.1).
 */
static void
check_server_bound(struct compiler *c, const struct raw_group *g)
{
	size_t i, j;

	if (!compile_signs(c) || !c->raw.n_trustpoints || !g->n_servers)
		return;
	for (i = 0; i < c->raw.n_trustpoints; i++)
		if (c->raw.trustpoints[i].n_maps)
			return;
	for (i = 0; i < c->raw.n_maps; i++)
		for (j = 0; j < c->raw.maps[i].n; j++) {
			const struct raw_map_entry *e = &c->raw.maps[i].entries[j];

			if (e->identity.text && e->group.text &&
			    strcmp(e->group.text, g->name.text) == 0)
				return;
		}
	complain(c, DIAG_WARNING, "pki-server-unbound", &g->server_words[0], "match certificate",
	         "nothing says which certificate is that of group %s's key server: only one that "
	         "lists %s among its addresses is taken",
	         g->name.text, g->server_words[0].text);
}

static const struct raw_map *
map_find(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->raw.n_maps; i++)
		if (strcmp(c->raw.maps[i].name.text, name) == 0)
			return &c->raw.maps[i];
	return NULL;
}

/* The source of a registration; 0 after having complained. */
static uint32_t
local_address(struct compiler *c, const struct raw_group *group, const struct raw_map *map,
              const struct raw_interface *on)
{
	const struct word *name =
	    group->client_interface.text ? &group->client_interface : &map->local_address;
	const struct policy_interface *f;
	size_t i;

	if (name->text) {
		for (i = 0; i < c->raw.n_interfaces; i++)
			if (strcmp(c->raw.interfaces[i].name.text, name->text) == 0)
				on = &c->raw.interfaces[i];
		if (strcmp(on->name.text, name->text) != 0) {
			complain(c, DIAG_ERROR, "local-address-undefined", name,
			         NEAREST(c, name->text, c->raw.interfaces, c->raw.n_interfaces),
			         "interface %s does not exist: members cannot register from it",
			         name->text);
			return 0;
		}
	}
	f = policy_interface_find(c->policy, on->name.text);
	if (!f || (!f->has_address && !f->dhcp))
		complain(c, DIAG_WARNING, "map-no-address", name->text ? name : &on->crypto_map,
		         "ip address", "%s has no address: a member cannot register from it",
		         on->name.text);
	return f && f->has_address ? f->addr : 0;
}

/*
 * The identity that may join the group. An identity that does not exist matches nobody: a typing
 * error must not let everybody in.
 */
static const struct policy_identity *
server_identity(struct compiler *c, const struct raw_group *g, const struct word *name)
{
	static const struct policy_identity nobody = {.name = ""};
	const struct policy_identity *i =
	    compile_identity(c, name, "map-identity",
	                     arena_printf(c->arena,
	                                  "group %s registers with no key server that "
	                                  "shows a certificate",
	                                  g->name.text));

	return i ? i : &nobody;
}

/* Where it registers, and where its traffic is: the front and the inner VRF. */
static void
place_in_vrfs(const struct compiler *c, const struct raw_group *raw, const struct raw_interface *on,
              struct policy_group_interface *ret)
{
	const char *by = registers_by(c, on, raw);

	ret->vrf = compile_vrf_of(c, by);
	ret->inner = compile_vrf_of(c, on->name.text);
	if (!vrf_same(ret->vrf, ret->inner))
		ret->hears = by;
}

static void
compile_group_interfaces(struct compiler *c, const struct raw_group *raw, struct policy_group *g)
{
	struct policy_group_interface *list;
	size_t most = 0, n = 0, i, j;

	for (i = 0; i < c->raw.n_maps; i++)
		most += c->raw.maps[i].n * c->raw.n_interfaces;
	list = arena_alloc(c->arena, most * sizeof(*list));
	for (i = 0; i < c->raw.n_interfaces; i++) {
		const struct raw_interface *on = &c->raw.interfaces[i];
		const struct raw_map *map =
		    on->crypto_map.text ? map_find(c, on->crypto_map.text) : NULL;

		for (j = 0; map && j < map->n; j++) {
			const struct raw_map_entry *e = &map->entries[j];
			uint32_t local;

			if (!e->group.text || strcmp(e->group.text, raw->name.text) != 0)
				continue;
			local = local_address(c, raw, map, on);
			if (!local)
				continue;
			list[n] = (struct policy_group_interface){.name = on->name.text,
			                                          .map = map->name.text,
			                                          .seq = e->seq,
			                                          .local_addr = local,
			                                          .df = on->df,
			                                          .acl_name = e->acl.text};
			place_in_vrfs(c, raw, on, &list[n]);
			if (e->acl.text)
				list[n].deny = compile_denies(c, &e->acl, &list[n].n_deny);
			if (e->identity.text)
				list[n].server_identity = server_identity(c, raw, &e->identity);
			list[n].profile = compile_map_profile(c, map, e, list[n].inner);
			n++;
		}
	}
	g->n_interfaces = n;
	g->interfaces = list;
}

static bool
named_by_a_map(const struct compiler *c, const struct raw_group *g)
{
	size_t i, j;

	for (i = 0; i < c->raw.n_maps; i++)
		for (j = 0; j < c->raw.maps[i].n; j++)
			if (c->raw.maps[i].entries[j].group.text &&
			    strcmp(c->raw.maps[i].entries[j].group.text, g->name.text) == 0)
				return true;
	return false;
}

/* `client transform-sets`. A transform set that does not exist adds nothing to what is allowed. */
static void
compile_suites(struct compiler *c, const struct raw_group *raw, struct policy_group *g)
{
	struct esp_suite *suites = arena_alloc(c->arena, raw->n_transforms * sizeof(*suites));
	size_t i;

	g->only_suites = raw->n_transforms;
	g->suites = suites;
	for (i = 0; i < raw->n_transforms; i++) {
		const struct word *name = &raw->transforms[i];
		const struct raw_transform *set = transform_find(c, name->text);

		if (!set)
			complain(c, DIAG_ERROR, "client-transform-undefined", name,
			         NEAREST(c, name->text, c->raw.transforms, c->raw.n_transforms),
			         "transform set %s does not exist: group %s accepts no keys for it",
			         name->text, raw->name.text);
		else if (!set->unfit)
			suites[g->n_suites++] = set->suite;
	}
}

/*
 * `crypto engine legacy disable`: a member takes no keys that are legacy. A set of 0 allows all, so
 * that one where nothing is left holds what no server sends.
 */
static void
refuse_legacy(struct policy_group *g)
{
	uint32_t ciphers_left = 0, hashes_left = 0;

	for (enum cipher_id id = CIPHER_NULL + 1; id < CIPHER_COUNT; id++)
		if (!cipher_is_legacy(id))
			ciphers_left |= 1u << id;
	for (enum hash_id id = HASH_NONE + 1; id < HASH_COUNT; id++)
		if (!hash_is_legacy(id))
			hashes_left |= 1u << id;
	g->no_legacy = true;
	g->rekey_ciphers = g->rekey_ciphers ? g->rekey_ciphers & ciphers_left : ciphers_left;
	g->rekey_hashes = g->rekey_hashes ? g->rekey_hashes & hashes_left : hashes_left;
	if (!g->rekey_ciphers)
		g->rekey_ciphers = 1u << CIPHER_NULL;
	if (!g->rekey_hashes)
		g->rekey_hashes = 1u << HASH_NONE;
}

/* --- a group ---------------------------------------------------------------------------------- */

static void
check_identity(struct compiler *c, size_t group)
{
	const struct raw_group *g = &c->raw.groups[group], *other;
	size_t i;

	if (g->id.type == GROUP_ID_NONE) {
		complain(c, DIAG_ERROR, "group-no-identity", &g->name, "identity number",
		         "group %s has no identity: it neither serves nor registers", g->name.text);
		return;
	}
	for (i = 0; i < group; i++) {
		other = &c->raw.groups[i];
		if (g->local && other->local && other->id.type == g->id.type &&
		    other->id.value == g->id.value)
			complain(c, DIAG_ERROR, "group-identity-taken", &g->identity, NULL,
			         "groups %s and %s have the same identity: who asks for it gets %s",
			         other->name.text, g->name.text, other->name.text);
	}
}

static void
compile_group(struct compiler *c, size_t i, struct policy_group *g)
{
	const struct raw_group *raw = &c->raw.groups[i];
	size_t j;

	g->name = raw->name.text;
	g->id = raw->id;
	g->local = raw->local;
	check_identity(c, i);
	if (raw->local) {
		compile_server(c, raw, &g->server);
		if (raw->n_servers)
			complain(c, DIAG_WARNING, "group-both", &raw->server_words[0], NULL,
			         "group %s is served here: `server address` is ignored",
			         raw->name.text);
	} else {
		g->n_servers = raw->n_servers;
		memcpy(g->servers, raw->servers, sizeof(g->servers));
		g->passive = raw->passive;
		g->recovery_check = raw->recovery_check;
		g->rekey_ciphers = raw->rekey_ciphers;
		g->rekey_hashes = raw->rekey_hashes;
		compile_suites(c, raw, g);
		if (c->raw.no_legacy)
			refuse_legacy(g);
		for (j = 0; j < raw->n_servers; j++)
			check_server(c, raw, j);
		check_server_bound(c, raw);
		if (!raw->n_servers)
			complain(c, DIAG_WARNING, "group-no-server", &raw->name,
			         "server address ipv4", "group %s has no key server",
			         raw->name.text);
		if (!named_by_a_map(c, raw))
			complain(c, DIAG_NOTE, "group-unapplied", &raw->name, "set group",
			         "no crypto map names group %s: it does not register",
			         raw->name.text);
	}
	compile_group_interfaces(c, raw, g);
}

void
compile_groups(struct compiler *c)
{
	struct policy_group *groups = arena_alloc(c->arena, c->raw.n_groups * sizeof(*groups));
	size_t i;

	for (i = 0; i < c->raw.n_groups; i++)
		compile_group(c, i, &groups[i]);
	c->policy->n_groups = c->raw.n_groups;
	c->policy->groups = groups;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups, access list matching and comparison over a finished policy; see policy.h. */
#include "compiler/policy/policy.h"

#include <string.h>

#include "compiler/policy/profile.h"
#include "compiler/policy/protocol.h"
#include "compiler/policy/vrf.h"

void
policy_free(struct policy *p)
{
	if (p)
		arena_free(p->arena); /* the policy itself lives in it */
}

const struct policy_group *
policy_group_find(const struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_groups; i++)
		if (strcmp(p->groups[i].name, name) == 0)
			return &p->groups[i];
	return NULL;
}

bool
policy_names_loopback(const char *interface)
{
	return !strncmp(interface, "Loopback", 8);
}

const struct policy_interface *
policy_interface_find(const struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_interfaces; i++)
		if (strcmp(p->interfaces[i].name, name) == 0)
			return &p->interfaces[i];
	return NULL;
}

const struct policy_acl *
policy_acl_find(const struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_acls; i++)
		if (strcmp(p->acls[i].name, name) == 0)
			return &p->acls[i];
	return NULL;
}

struct span
policy_psk_find(const struct policy *p, const char *vrf, uint32_t peer)
{
	const struct policy_psk *best = NULL;
	size_t i;

	for (i = 0; i < p->n_psks; i++) {
		const struct policy_psk *k = &p->psks[i];

		if (vrf_same(k->vrf, vrf) && ((k->addr ^ peer) & k->mask) == 0 &&
		    (!best || k->mask > best->mask))
			best = k;
	}
	return best ? best->key : SPAN(NULL, 0);
}

static bool
ports_match(const struct port_range *ranges, size_t n, uint16_t port)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (port >= ranges[i].lo && port <= ranges[i].hi)
			return true;
	return n == 0;
}

/* Does the entry ask for something that only the first fragment shows? */
static bool
asks_layer4(const struct policy_ace *e)
{
	return e->n_sport || e->n_dport || e->established || e->icmp_type >= 0;
}

bool
policy_ace_match(const struct policy_acl *acl, const struct policy_ace *e, const struct flow *f)
{
	if (e->inactive || ((e->src ^ f->src) & e->src_mask))
		return false;
	if (acl->standard)
		return true;
	if (((e->dst ^ f->dst) & e->dst_mask) || (e->proto && e->proto != f->proto))
		return false;
	if (e->fragments && !f->fragment)
		return false;
	/*
	 * IOS on later fragments: a permit counts by its addresses alone, since without the first
	 * fragment they are of no use; a deny does not count.
	 */
	if (f->fragment && asks_layer4(e))
		return e->permit;
	if (e->established && (f->proto != PROTO_TCP || !(f->tcp_flags & (TCP_ACK | TCP_RST))))
		return false;
	if (e->icmp_type >= 0 && (f->proto != PROTO_ICMP || e->icmp_type != f->icmp_type ||
	                          (e->icmp_code >= 0 && e->icmp_code != f->icmp_code)))
		return false;
	return ports_match(e->sport, e->n_sport, f->sport) &&
	       ports_match(e->dport, e->n_dport, f->dport);
}

int
policy_acl_match(const struct policy_acl *acl, const struct flow *f)
{
	size_t i;

	for (i = 0; i < acl->n_aces; i++)
		if (policy_ace_match(acl, &acl->aces[i], f))
			return (int)i;
	return -1;
}

bool
policy_acl_permits(const struct policy_acl *acl, const struct flow *f)
{
	int i = policy_acl_match(acl, f);

	return i >= 0 && acl->aces[i].permit;
}

/* --- equality: field by field, since padding and pointers differ between equals --------------- */

static bool
text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Two references by name: both unset, or both to a thing of the same name. */
#define REF_EQUAL(a, b) ((a) && (b) ? strcmp((a)->name, (b)->name) == 0 : !(a) == !(b))

static bool
span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool
selectors_equal(const struct selector *a, size_t n, const struct selector *b, size_t m)
{
	size_t i;

	for (i = 0; i < n && n == m; i++)
		if (!selector_equal(&a[i], &b[i]))
			return false;
	return n == m;
}

static bool
ports_equal(const struct port_range *a, size_t n, const struct port_range *b, size_t m)
{
	size_t i;

	for (i = 0; i < n && n == m; i++)
		if (a[i].lo != b[i].lo || a[i].hi != b[i].hi)
			return false;
	return n == m;
}

static bool
ace_equal(const struct policy_ace *a, const struct policy_ace *b)
{
	return a->seq == b->seq && a->permit == b->permit && a->established == b->established &&
	       a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
	       a->fragments == b->fragments && a->proto == b->proto && a->src == b->src &&
	       a->src_mask == b->src_mask && a->dst == b->dst && a->dst_mask == b->dst_mask &&
	       ports_equal(a->sport, a->n_sport, b->sport, b->n_sport) &&
	       ports_equal(a->dport, a->n_dport, b->dport, b->n_dport) &&
	       text_equal(a->text, b->text) && a->log == b->log && a->inactive == b->inactive &&
	       a->line == b->line && a->hash == b->hash;
}

static bool
acl_equal(const struct policy_acl *a, const struct policy_acl *b)
{
	size_t i;

	if (strcmp(a->name, b->name) != 0 || a->standard != b->standard || a->n_aces != b->n_aces)
		return false;
	for (i = 0; i < a->n_aces; i++)
		if (!ace_equal(&a->aces[i], &b->aces[i]))
			return false;
	return true;
}

static bool
sa_equal(const struct policy_sa *a, const struct policy_sa *b)
{
	return a->number == b->number && text_equal(a->profile, b->profile) &&
	       text_equal(a->acl_name, b->acl_name) && a->suite.cipher == b->suite.cipher &&
	       a->suite.auth == b->suite.auth && a->transport == b->transport &&
	       a->receive_only == b->receive_only && a->lifetime == b->lifetime &&
	       a->window == b->window && a->time_window == b->time_window &&
	       selectors_equal(a->selectors, a->n_selectors, b->selectors, b->n_selectors);
}

static bool
rekey_equal(const struct policy_rekey *a, const struct policy_rekey *b)
{
	return a->configured == b->configured && text_equal(a->rsa_label, b->rsa_label) &&
	       a->unicast == b->unicast && a->cipher == b->cipher && a->sig_hash == b->sig_hash &&
	       a->lifetime == b->lifetime && a->retransmit_period == b->retransmit_period &&
	       a->retransmit_number == b->retransmit_number && a->periodic == b->periodic &&
	       a->acks == b->acks && a->lkh == b->lkh && a->shared == b->shared &&
	       a->bare_hash == b->bare_hash && a->activation == b->activation &&
	       a->deactivation == b->deactivation && a->group_addr == b->group_addr &&
	       a->group_port == b->group_port;
}

unsigned
policy_kssid_bits(unsigned sid_bits)
{
	return sid_bits == 32   ? 9
	       : sid_bits == 24 ? 7
	       : sid_bits == 16 ? 4
	       : sid_bits == 12 ? 3
	                        : 2;
}

bool
policy_sids_equal(const struct policy_server *a, const struct policy_server *b)
{
	if (a->sid_bits != b->sid_bits || a->n_kssids != b->n_kssids)
		return false;
	for (size_t i = 0; i < a->n_kssids; i++)
		if (a->kssids[i].low != b->kssids[i].low || a->kssids[i].high != b->kssids[i].high)
			return false;
	return true;
}

static bool
suites_equal(const struct policy_group *a, const struct policy_group *b)
{
	if (a->only_suites != b->only_suites || a->no_legacy != b->no_legacy ||
	    a->n_suites != b->n_suites)
		return false;
	for (size_t i = 0; i < a->n_suites; i++)
		if (a->suites[i].cipher != b->suites[i].cipher ||
		    a->suites[i].auth != b->suites[i].auth)
			return false;
	return true;
}

bool
policy_suite_allowed(const struct policy_group *g, const struct esp_suite *s)
{
	size_t i;

	if (g->no_legacy && esp_suite_is_legacy(s))
		return false;
	for (i = 0; i < g->n_suites; i++)
		if (g->suites[i].cipher == s->cipher && g->suites[i].auth == s->auth)
			return true;
	return !g->only_suites;
}

static bool
coop_equal(const struct policy_coop *a, const struct policy_coop *b)
{
	return a->configured == b->configured && a->priority == b->priority &&
	       a->n_peers == b->n_peers && a->refresh == b->refresh && a->periodic == b->periodic &&
	       a->retransmit == b->retransmit && a->optimize == b->optimize &&
	       !memcmp(a->peers, b->peers, a->n_peers * sizeof(a->peers[0]));
}

static bool
server_equal(const struct policy_server *a, const struct policy_server *b)
{
	size_t i;

	if (a->addr != b->addr || !vrf_same(a->vrf, b->vrf) || !rekey_equal(&a->rekey, &b->rekey) ||
	    a->authorization != b->authorization ||
	    !text_equal(a->authorization_name, b->authorization_name) ||
	    !text_equal(a->members_crl, b->members_crl) || !a->authorized != !b->authorized ||
	    a->n_sas != b->n_sas)
		return false;
	if (a->authorized && !acl_equal(a->authorized, b->authorized))
		return false;
	if (!policy_identity_equal(a->authorized_identity, b->authorized_identity))
		return false;
	for (i = 0; i < a->n_sas; i++)
		if (!sa_equal(&a->sas[i], &b->sas[i]))
			return false;
	return policy_sids_equal(a, b) && coop_equal(&a->coop, &b->coop);
}

static bool
group_interface_equal(const struct policy_group_interface *a,
                      const struct policy_group_interface *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->map, b->map) == 0 && a->seq == b->seq &&
	       a->local_addr == b->local_addr && a->df == b->df && vrf_same(a->vrf, b->vrf) &&
	       text_equal(a->hears, b->hears) && vrf_same(a->inner, b->inner) &&
	       policy_identity_equal(a->server_identity, b->server_identity) &&
	       policy_profile_equal(a->profile, b->profile) &&
	       selectors_equal(a->deny, a->n_deny, b->deny, b->n_deny);
}

bool
policy_group_equal(const struct policy_group *a, const struct policy_group *b)
{
	size_t i;

	if (strcmp(a->name, b->name) != 0 || a->id.type != b->id.type ||
	    a->id.value != b->id.value || a->local != b->local || a->n_servers != b->n_servers ||
	    a->passive != b->passive || a->rekey_ciphers != b->rekey_ciphers ||
	    a->rekey_hashes != b->rekey_hashes || a->n_interfaces != b->n_interfaces ||
	    a->recovery_check != b->recovery_check || !suites_equal(a, b))
		return false;
	if (a->local && !server_equal(&a->server, &b->server))
		return false;
	for (i = 0; i < a->n_servers; i++)
		if (a->servers[i] != b->servers[i])
			return false;
	for (i = 0; i < a->n_interfaces; i++)
		if (!group_interface_equal(&a->interfaces[i], &b->interfaces[i]))
			return false;
	return true;
}

static bool
addresses_equal(const struct policy_interface *a, const struct policy_interface *b)
{
	if (a->has_address != b->has_address || a->dhcp != b->dhcp || a->addr != b->addr ||
	    a->len != b->len || a->n_secondaries != b->n_secondaries ||
	    !text_equal(a->unnumbered, b->unnumbered))
		return false;
	for (size_t i = 0; i < a->n_secondaries; i++)
		if (a->secondaries[i].addr != b->secondaries[i].addr ||
		    a->secondaries[i].len != b->secondaries[i].len)
			return false;
	return true;
}

static bool
interface_equal(const struct policy_interface *a, const struct policy_interface *b)
{
	return strcmp(a->name, b->name) == 0 && addresses_equal(a, b) &&
	       a->shutdown == b->shutdown && text_equal(a->vrf, b->vrf) && a->vlan == b->vlan &&
	       a->native == b->native && a->mtu == b->mtu && a->l2mtu == b->l2mtu &&
	       a->mss == b->mss && REF_EQUAL(a->acl_in, b->acl_in) &&
	       REF_EQUAL(a->acl_out, b->acl_out) && REF_EQUAL(a->crypto_map, b->crypto_map) &&
	       text_equal(a->crypto_map_name, b->crypto_map_name) && a->shut == b->shut &&
	       text_equal(a->nameif, b->nameif) && a->security_level == b->security_level;
}

static bool
pool_equal(const struct policy_pool *a, const struct policy_pool *b)
{
	return strcmp(a->name, b->name) == 0 && a->network.addr == b->network.addr &&
	       a->network.len == b->network.len && a->router == b->router;
}

static bool
excluded_equal(const struct policy_excluded *a, const struct policy_excluded *b)
{
	return a->low == b->low && a->high == b->high;
}

static bool
route_equal(const struct policy_route *a, const struct policy_route *b)
{
	return a->to.addr == b->to.addr && a->to.len == b->to.len && a->via == b->via &&
	       text_equal(a->interface, b->interface) && a->distance == b->distance &&
	       text_equal(a->vrf, b->vrf) && a->global == b->global && a->tag == b->tag;
}

static bool
targets_equal(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
	return n_a == n_b && (!n_a || !memcmp(a, b, n_a * sizeof(*a)));
}

static bool
vrf_equal(const struct policy_vrf *a, const struct policy_vrf *b)
{
	return strcmp(a->name, b->name) == 0 && a->ipv4 == b->ipv4 && a->has_rd == b->has_rd &&
	       a->rd == b->rd &&
	       targets_equal(a->imports, a->n_imports, b->imports, b->n_imports) &&
	       targets_equal(a->exports, a->n_exports, b->exports, b->n_exports);
}

static bool
isakmp_equal(const struct policy_isakmp *a, const struct policy_isakmp *b)
{
	return a->number == b->number && a->cipher == b->cipher && a->hash == b->hash &&
	       a->auth == b->auth && a->group == b->group && a->lifetime == b->lifetime;
}

static bool
psk_equal(const struct policy_psk *a, const struct policy_psk *b)
{
	return a->addr == b->addr && a->mask == b->mask && span_equal(a->key, b->key) &&
	       vrf_same(a->vrf, b->vrf) && text_equal(a->ring, b->ring) &&
	       text_equal(a->host, b->host) && a->local == b->local;
}

const char *
isakmp_auth_word(enum isakmp_auth auth)
{
	static const char *const words[] = {[ISAKMP_AUTH_PSK] = "pre-share",
	                                    [ISAKMP_AUTH_RSA_SIG] = "rsa-sig",
	                                    [ISAKMP_AUTH_ECDSA_SIG] = "ecdsa-sig"};

	return words[auth];
}

static bool
trustpoint_equal(const struct policy_trustpoint *a, const struct policy_trustpoint *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->subject, b->subject) != 0 ||
	    strcmp(a->rsa_label, b->rsa_label) != 0 || !text_equal(a->ec_label, b->ec_label) ||
	    !span_equal(a->cert, b->cert) || a->n_cas != b->n_cas || a->n_maps != b->n_maps ||
	    a->revocation != b->revocation)
		return false;
	for (size_t i = 0; i < a->n_maps; i++)
		if (!policy_cert_map_equal(a->maps[i], b->maps[i]))
			return false;
	for (size_t i = 0; i < a->n_cas; i++)
		if (!span_equal(a->cas[i], b->cas[i]))
			return false;
	return true;
}

static bool
fail_close_equal(const struct policy_fail_close *a, const struct policy_fail_close *b)
{
	return a->configured == b->configured && a->active == b->active &&
	       text_equal(a->acl_name, b->acl_name) &&
	       selectors_equal(a->selectors, a->n_selectors, b->selectors, b->n_selectors);
}

static bool
map_equal(const struct policy_crypto_map *a, const struct policy_crypto_map *b)
{
	size_t i;

	if (strcmp(a->name, b->name) != 0 || a->n_entries != b->n_entries ||
	    !fail_close_equal(&a->fail_close, &b->fail_close))
		return false;
	for (i = 0; i < a->n_entries; i++) {
		const struct policy_crypto_map_entry *x = &a->entries[i], *y = &b->entries[i];

		if (x->seq != y->seq || !REF_EQUAL(x->group, y->group) ||
		    !text_equal(x->group_name, y->group_name) ||
		    !text_equal(x->acl_name, y->acl_name))
			return false;
	}
	return true;
}

#define LIST_EQUAL(list, equal)                                                                    \
	do {                                                                                       \
		if (a->n_##list != b->n_##list)                                                    \
			return false;                                                              \
		for (i = 0; i < a->n_##list; i++)                                                  \
			if (!equal(&a->list[i], &b->list[i]))                                      \
				return false;                                                      \
	} while (0)

bool
policy_trustpoints_equal(const struct policy *a, const struct policy *b)
{
	size_t i;

	LIST_EQUAL(trustpoints, trustpoint_equal);
	return true;
}

bool
policy_equal(const struct policy *a, const struct policy *b)
{
	size_t i;

	if (strcmp(a->hostname, b->hostname) != 0 || strcmp(a->domain_name, b->domain_name) != 0 ||
	    a->ip_routing != b->ip_routing || a->isakmp_enabled != b->isakmp_enabled ||
	    a->no_legacy != b->no_legacy || a->store.none != b->store.none ||
	    a->store.required != b->store.required || !text_equal(a->store.file, b->store.file) ||
	    a->isakmp_identity != b->isakmp_identity ||
	    !policy_keepalive_equal(&a->keepalive, &b->keepalive) || a->firewall != b->firewall ||
	    a->same_security_inter != b->same_security_inter ||
	    a->same_security_intra != b->same_security_intra ||
	    !REF_EQUAL(a->acl_global, b->acl_global))
		return false;
	LIST_EQUAL(interfaces, interface_equal);
	LIST_EQUAL(routes, route_equal);
	LIST_EQUAL(pools, pool_equal);
	LIST_EQUAL(excluded, excluded_equal);
	LIST_EQUAL(vrfs, vrf_equal);
	LIST_EQUAL(acls, acl_equal);
	LIST_EQUAL(isakmp, isakmp_equal);
	LIST_EQUAL(psks, psk_equal);
	LIST_EQUAL(trustpoints, trustpoint_equal);
	if (!policy_profiles_equal(a, b))
		return false;
	LIST_EQUAL(groups, policy_group_equal);
	LIST_EQUAL(maps, map_equal);
	return true;
}

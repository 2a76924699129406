/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be said against one device's configuration beyond that it compiles: algorithms that no
 * longer protect, lifetimes that cannot work, filters in the way of GDOI.
 */
#include <string.h>

#include "compiler/check/check_parts.h"
#include "compiler/policy/protocol.h"

#define KEK_PER_TEK 3 /* how many TEK lifetimes a KEK should see */

/* --- algorithms ------------------------------------------------------------------------------- */

static void
check_isakmp(struct compiler *c)
{
	for (size_t i = 0; i < c->raw.n_isakmp; i++) {
		const struct raw_isakmp *raw = &c->raw.isakmp[i];
		const struct policy_isakmp *p = &raw->policy;

		if (raw->unfit)
			continue;
		if (cipher_row(p->cipher)->weak)
			complain(c, DIAG_WARNING, "weak-encryption", &raw->at, "encryption aes 256",
			         "ISAKMP policy %u encrypts with %s", p->number,
			         cipher_row(p->cipher)->family);
		if (hash_row(p->hash)->weak)
			complain(c, DIAG_WARNING, "weak-hash", &raw->at, "hash sha256",
			         "ISAKMP policy %u hashes with %s", p->number,
			         hash_row(p->hash)->title);
		if (dh_row(p->group)->weak)
			complain(c, DIAG_WARNING, "weak-dh-group", &raw->at, "group 14",
			         "ISAKMP policy %u uses Diffie-Hellman group %u, which is within "
			         "reach of an attacker",
			         p->number, p->group);
	}
}

static void
check_transforms(struct compiler *c)
{
	for (size_t i = 0; i < c->raw.n_transforms; i++) {
		const struct raw_transform *t = &c->raw.transforms[i];

		if (t->unfit)
			continue;
		if (cipher_row(t->suite.cipher)->weak)
			complain(c, DIAG_WARNING, "weak-encryption", &t->name, "esp-aes 256",
			         "transform set %s encrypts with %s", t->name.text,
			         cipher_row(t->suite.cipher)->family);
		if (hash_row(t->suite.auth)->weak)
			complain(c, DIAG_WARNING, "weak-hash", &t->name, "esp-sha256-hmac",
			         "transform set %s authenticates with %s", t->name.text,
			         hash_row(t->suite.auth)->title);
		if (!esp_suite_protects(&t->suite) && t->suite.cipher != CIPHER_NULL)
			complain(c, DIAG_WARNING, "no-integrity", &t->name, "esp-sha256-hmac",
			         "transform set %s encrypts and does not authenticate: packets can "
			         "be changed on the way",
			         t->name.text);
	}
}

static void
check_keys(struct compiler *c)
{
	for (size_t i = 0; i < c->raw.n_psks; i++)
		if (c->raw.psks[i].psk.mask == 0)
			complain(c, DIAG_NOTE, "psk-any", &c->raw.psks[i].address, NULL,
			         "this key is every peer's: who has it can pass for the key "
			         "server");
}

/* --- the key server's times ------------------------------------------------------------------- */

static void
check_lifetimes(struct compiler *c, const struct raw_group *g, const struct policy_server *s)
{
	const struct policy_rekey *r = &s->rekey;
	uint32_t resending = r->retransmit_period * r->retransmit_number;

	if (cipher_row(r->cipher)->weak)
		complain(c, DIAG_WARNING, "weak-encryption", &g->server.at,
		         "rekey algorithm aes 256", "rekeys of group %s are encrypted with %s",
		         g->name.text, cipher_row(r->cipher)->family);
	for (size_t i = 0; i < s->n_sas; i++) {
		const struct policy_sa *sa = &s->sas[i];
		const struct word *at = &g->server.sas[i].at;

		if (!sa->n_selectors || !r->rsa_label)
			continue;
		if (resending >= sa->lifetime)
			complain(c, DIAG_WARNING, "lifetime-retransmit", at, NULL,
			         "a rekey is sent for %u seconds (retransmit %u number %u), and "
			         "keys of sa ipsec %u live for %u: they expire before it ends",
			         resending, r->retransmit_period, r->retransmit_number, sa->number,
			         sa->lifetime);
		if (r->lifetime < KEK_PER_TEK * sa->lifetime)
			complain(c, DIAG_WARNING, "lifetime-kek", at, NULL,
			         "the key that protects rekeys lives for %u seconds and those of "
			         "sa ipsec %u for %u: it should see at least %d of them",
			         r->lifetime, sa->number, sa->lifetime, KEK_PER_TEK);
	}
}

/* RFC 6407 4.1: a key that signs rekeys should sign nothing else. */
static void
check_shared_key(struct compiler *c, const struct raw_group *g, const struct policy_server *s)
{
	for (size_t i = 0; i < c->raw.n_trustpoints && compile_signs(c); i++) {
		const struct raw_trustpoint *t = &c->raw.trustpoints[i];

		if (s->rekey.rsa_label && !t->policy.ec_label &&
		    !strcmp(s->rekey.rsa_label, t->policy.rsa_label))
			complain(c, DIAG_WARNING, "rsa-shared", &g->server.rsa_label, NULL,
			         "RSA key %s signs the rekeys of group %s and, by trustpoint %s, "
			         "phase 1: each should have a key of its own",
			         s->rekey.rsa_label, g->name.text, t->name.text);
	}
}

/* --- filters on the way ----------------------------------------------------------------------- */

static bool
udp_passes(const struct policy_acl *acl, uint32_t src, uint32_t dst)
{
	const struct flow f = {
	    .src = src, .dst = dst, .proto = PROTO_UDP, .sport = GDOI_PORT, .dport = GDOI_PORT};

	return policy_acl_permits(acl, &f);
}

/* Does any entry let ESP in, whoever sends it? */
static bool
esp_may_pass(const struct policy_acl *acl)
{
	for (size_t i = 0; i < acl->n_aces; i++) {
		const struct policy_ace *e = &acl->aces[i];

		if (e->permit && (e->proto == 0 || e->proto == PROTO_ESP))
			return true;
	}
	return false;
}

static void
check_filters(struct compiler *c, const struct policy_group *g)
{
	for (size_t i = 0; i < g->n_interfaces; i++) {
		const struct policy_interface *on =
		    policy_interface_find(c->policy, g->interfaces[i].name);
		const struct raw_interface *raw = &c->raw.interfaces[on - c->policy->interfaces];
		uint32_t local = g->interfaces[i].local_addr;

		if (!on->acl_in)
			continue;
		for (size_t k = 0; k < g->n_servers; k++) {
			char addr[ADDR_TEXT_MAX];

			if (!udp_passes(on->acl_in, g->servers[k], local))
				complain(c, DIAG_WARNING, "filter-blocks-gdoi", &raw->acl_in,
				         "permit udp any eq 848 any eq 848",
				         "access list %s drops what key server %s sends to %s (UDP "
				         "848): neither registrations nor rekeys arrive",
				         on->acl_in->name, addr_text(g->servers[k], addr),
				         on->name);
		}
		if (!esp_may_pass(on->acl_in))
			complain(c, DIAG_WARNING, "filter-blocks-esp", &raw->acl_in,
			         "permit esp any any",
			         "access list %s drops ESP: nothing that group %s encrypts comes "
			         "in at %s",
			         on->acl_in->name, g->name, on->name);
	}
}

/* --- all of it -------------------------------------------------------------------------------- */

void
check_device(struct device *d)
{
	struct compiler *c = &d->compiler;

	check_isakmp(c);
	check_transforms(c);
	check_keys(c);
	for (size_t i = 0; i < c->raw.n_groups; i++) {
		const struct policy_group *g = &c->policy->groups[i];

		if (g->local) {
			check_lifetimes(c, &c->raw.groups[i], &g->server);
			check_shared_key(c, &c->raw.groups[i], &g->server);
		} else {
			check_filters(c, g);
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP profiles, dead peer detection, and the addresses of ours that keyrings and profiles are
 * for. Whatever a profile names that does not exist leaves it without: it never lets more peers in.
 */
#include <string.h>

#include "compiler/compile/compile_parts.h"
#include "compiler/policy/profile.h"
#include "compiler/policy/vrf.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

#define KEEPALIVE_RETRY 2 /* seconds, as IOS */

struct policy_keepalive
read_keepalive(const struct tnode *n)
{
	struct policy_keepalive k = {0};

	if (!n)
		return k;
	k.seconds = (uint16_t)tnode_u32(n, ARG_SECONDS);
	k.retry = tnode_has(n, ARG_RETRY) ? (uint16_t)tnode_u32(n, ARG_RETRY) : KEEPALIVE_RETRY;
	k.periodic = tnode_says(n, ARG_WHEN, "periodic");
	return k;
}

/* Who only answers members never relies on them: it asks none, unless it is to ask always. */
void
compile_keepalive(struct compiler *c)
{
	const struct policy_keepalive *k = &c->policy->keepalive;
	bool serves_alone = c->policy->n_groups > 0;

	for (size_t i = 0; i < c->policy->n_groups; i++)
		serves_alone &= c->policy->groups[i].local;
	if (k->seconds && !k->periodic && serves_alone)
		complain(c, DIAG_NOTE, "keepalive-on-demand", &c->raw.keepalive_line, "periodic",
		         "a key server has nothing to ask its members for: on demand it never asks "
		         "whether one is there");
}

/* --- addresses of ours ------------------------------------------------------------------------ */

struct raw_local
read_local(struct compiler *c, const struct tnode *n)
{
	struct raw_local l = {0};

	if (!n)
		return l;
	l.by_interface = tnode_has(n, ARG_INTERFACE);
	l.at = read_word(c, n, l.by_interface ? ARG_INTERFACE : ARG_ADDRESS);
	l.addr = tnode_u32(n, ARG_ADDRESS);
	return l;
}

uint32_t
compile_local(struct compiler *c, const struct raw_local *l, const char *consequence)
{
	const struct policy_interface *f =
	    l->by_interface ? policy_interface_find(c->policy, l->at.text) : NULL;

	if (!l->by_interface)
		return l->addr;
	if (f && f->has_address)
		return f->addr;
	complain(c, DIAG_ERROR, "isakmp-local-address", &l->at,
	         f ? NULL : NEAREST(c, l->at.text, c->raw.interfaces, c->raw.n_interfaces),
	         "interface %s %s: %s", l->at.text, f ? "has no address" : "does not exist",
	         consequence);
	return 0;
}

/* --- what is in a profile --------------------------------------------------------------------- */

static struct policy_isakmp_match
read_match_line(struct compiler *c, const struct tnode *n)
{
	static const struct {
		enum gram_arg arg;
		enum isakmp_match kind, of_domain;
	} kinds[] = {
	    {ARG_HOST, ISAKMP_MATCH_HOST, ISAKMP_MATCH_HOST_DOMAIN},
	    {ARG_USER, ISAKMP_MATCH_USER, ISAKMP_MATCH_USER_DOMAIN},
	    {ARG_GROUP, ISAKMP_MATCH_GROUP, ISAKMP_MATCH_GROUP},
	};
	struct policy_isakmp_match m = {.kind = ISAKMP_MATCH_ADDRESS};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (tnode_has(n, kinds[i].arg)) {
			m.kind = tnode_has(n, ARG_DOMAIN) ? kinds[i].of_domain : kinds[i].kind;
			m.name = arena_strdup(c->arena, tnode_str(n, kinds[i].arg));
			return m;
		}
	m.mask = tnode_has(n, ARG_MASK) ? tnode_u32(n, ARG_MASK) : UINT32_MAX;
	/* 0.0.0.0 is any peer, as in `crypto isakmp key`. */
	if (!tnode_has(n, ARG_MASK) && !tnode_u32(n, ARG_ADDRESS))
		m.mask = 0;
	m.addr = tnode_u32(n, ARG_ADDRESS) & m.mask;
	if (tnode_has(n, ARG_VRF))
		m.vrf = arena_strdup(c->arena, tnode_str(n, ARG_VRF));
	return m;
}

static void
compile_matches(struct compiler *c, const struct tnode *n, struct policy_isakmp_profile *p)
{
	struct policy_isakmp_match *m = read_array(c, n, KEY_ISA_MATCH, sizeof(*m));
	const struct tnode *line;
	struct word name = read_word(c, n, ARG_NAME);

	p->matches = m;
	for (EACH(line, n, KEY_ISA_MATCH)) {
		struct word vrf = read_word(c, line, ARG_VRF);

		if (!vrf.text || compile_vrf_known(c, &vrf,
		                                   arena_printf(c->arena,
		                                                "the line of ISAKMP profile %s "
		                                                "matches no peer",
		                                                p->name)))
			m[p->n_matches++] = read_match_line(c, line);
	}
	if (!p->n_matches)
		complain(c, DIAG_WARNING, "isakmp-profile-incomplete", &name, "match identity",
		         "ISAKMP profile %s has no match identity: it matches no peer", p->name);
}

static bool
has_ring(const struct tnode *top, const char *name)
{
	return tnode_named(top, KEY_CRYPTO_KEYRING, ARG_NAME, name);
}

/* Names of keyrings that do not exist stay, too: a profile that names one has no other key. */
static void
compile_rings(struct compiler *c, const struct tnode *top, const struct tnode *n,
              struct policy_isakmp_profile *p)
{
	const char **rings = read_array(c, n, KEY_ISA_KEYRING, sizeof(*rings));
	const struct tnode *line;

	p->rings = rings;
	for (EACH(line, n, KEY_ISA_KEYRING)) {
		struct word ring = read_word(c, line, ARG_KEYRING);

		rings[p->n_rings++] = ring.text;
		if (!has_ring(top, ring.text))
			complain(c, DIAG_ERROR, "keyring-undefined", &ring, "crypto keyring",
			         "keyring %s does not exist: ISAKMP profile %s has no key of it",
			         ring.text, p->name);
	}
}

static void
compile_trustpoints(struct compiler *c, const struct tnode *n, struct policy_isakmp_profile *p)
{
	const char **names = read_array(c, n, KEY_ISA_TRUST_POINT, sizeof(*names));
	const struct tnode *line;

	p->trustpoints = names;
	for (EACH(line, n, KEY_ISA_TRUST_POINT)) {
		struct word name = read_word(c, line, ARG_TRUSTPOINT);
		size_t i = 0;

		names[p->n_trustpoints++] = name.text;
		while (i < c->raw.n_trustpoints &&
		       strcmp(c->raw.trustpoints[i].name.text, name.text) != 0)
			i++;
		if (i == c->raw.n_trustpoints)
			complain(c, DIAG_ERROR, "isakmp-trustpoint-undefined", &name,
			         NEAREST(c, name.text, c->raw.trustpoints, c->raw.n_trustpoints),
			         "trustpoint %s does not exist: ISAKMP profile %s takes no "
			         "certificate of it",
			         name.text, p->name);
	}
}

static void
compile_self(struct compiler *c, const struct tnode *n, struct policy_isakmp_profile *p)
{
	const struct tnode *line = tnode_first(n, KEY_ISA_SELF_IDENTITY);

	if (!line)
		return;
	p->has_self = true;
	p->self = tnode_says(line, ARG_SELF, "fqdn")        ? ISAKMP_ID_HOSTNAME
	          : tnode_says(line, ARG_SELF, "user-fqdn") ? ISAKMP_ID_USER
	                                                    : ISAKMP_ID_ADDRESS;
	if (tnode_has(line, ARG_FQDN))
		p->self_name = arena_strdup(c->arena, tnode_str(line, ARG_FQDN));
}

static void
compile_place(struct compiler *c, const struct tnode *n, struct policy_isakmp_profile *p)
{
	const struct tnode *line = tnode_first(n, KEY_ISA_LOCAL_ADDRESS);
	struct raw_local local = read_local(c, line);
	struct word vrf = read_word(c, tnode_first(n, KEY_ISA_VRF), ARG_VRF);
	const char *consequence = arena_printf(
	    c->arena, "ISAKMP profile %s is for no address, and matches no peer", p->name);

	if (vrf.text && compile_vrf_known(c, &vrf,
	                                  arena_printf(c->arena,
	                                               "traffic of ISAKMP profile %s is in "
	                                               "none",
	                                               p->name)))
		p->vrf = vrf.text;
	if (!line)
		return;
	p->is_local = true;
	p->local = compile_local(c, &local, consequence);
	vrf = read_word(c, line, ARG_VRF);
	p->local_vrf = vrf.text             ? vrf.text
	               : local.by_interface ? compile_vrf_of(c, local.at.text)
	                                    : NULL;
	if (vrf.text && !compile_vrf_known(c, &vrf, consequence))
		p->local = 0;
}

static void
compile_profile_of(struct compiler *c, const struct tnode *top, const struct tnode *n,
                   struct policy_isakmp_profile *p)
{
	const struct tnode *description = tnode_first(n, KEY_ISA_DESCRIPTION);

	p->name = arena_strdup(c->arena, tnode_str(n, ARG_NAME));
	if (description)
		p->description = arena_strdup(c->arena, tnode_str(description, ARG_DESCRIPTION));
	compile_matches(c, n, p);
	compile_rings(c, top, n, p);
	compile_trustpoints(c, n, p);
	compile_self(c, n, p);
	compile_place(c, n, p);
	/* The command of a profile does not say when; that of the device does. */
	p->keepalive = read_keepalive(tnode_first(n, KEY_ISA_KEEPALIVE));
	if (p->keepalive.seconds)
		p->keepalive.periodic = c->raw.keepalive.periodic;
	else
		p->keepalive = c->raw.keepalive;
}

void
compile_profiles(struct compiler *c, const struct tnode *top)
{
	struct policy_isakmp_profile *p = read_array(c, top, KEY_CRYPTO_ISAKMP_PROFILE, sizeof(*p));
	struct raw_profile_name *names =
	    read_array(c, top, KEY_CRYPTO_ISAKMP_PROFILE, sizeof(*names));
	const struct tnode *n;

	c->raw.profile_names = names;
	for (EACH(n, top, KEY_CRYPTO_ISAKMP_PROFILE)) {
		names[c->raw.n_profile_names].name = read_word(c, n, ARG_NAME);
		compile_profile_of(c, top, n, &p[c->raw.n_profile_names++]);
	}
	c->policy->n_profiles = c->raw.n_profile_names;
	c->policy->profiles = p;
}

const struct policy_isakmp_profile *
compile_map_profile(struct compiler *c, const struct raw_map *map, const struct raw_map_entry *e,
                    const char *inner)
{
	const struct word *name = e->profile.text ? &e->profile : &map->profile;
	const struct policy_isakmp_profile *p = policy_profile_find(c->policy, name->text);
	struct policy_isakmp_profile *nobody;

	if (p && p->vrf && !vrf_same(p->vrf, inner))
		complain(c, DIAG_WARNING, "isakmp-profile-vrf", name, NULL,
		         "traffic of crypto map %s is in %s%s, where its interface is: vrf %s of "
		         "ISAKMP profile %s moves none",
		         map->name.text, inner ? "VRF " : "the global table", inner ? inner : "",
		         p->vrf, p->name);
	if (p || !name->text)
		return p;
	complain(c, DIAG_ERROR, "isakmp-profile-undefined", name,
	         NEAREST(c, name->text, c->raw.profile_names, c->raw.n_profile_names),
	         "ISAKMP profile %s does not exist: members of crypto map %s cannot register",
	         name->text, map->name.text);
	nobody = arena_alloc(c->arena, sizeof(*nobody));
	nobody->name = name->text;
	return nobody;
}

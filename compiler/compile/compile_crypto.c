/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP policies and keys, transform sets and profiles, crypto maps.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"

/* --- ISAKMP ----------------------------------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	const struct policy_isakmp *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* What `crypto engine legacy disable` refuses of a policy; NULL: nothing. */
static const char *
legacy_part(const struct policy_isakmp *p)
{
	return cipher_is_legacy(p->cipher) ? cipher_row(p->cipher)->family
	       : hash_is_legacy(p->hash)   ? hash_row(p->hash)->title
	       : dh_is_legacy(p->group)    ? "a Diffie-Hellman group below 14"
	                                   : NULL;
}

/* May the policy be offered and accepted? Complains when not. */
static bool
isakmp_is_fit(struct compiler *c, const struct raw_isakmp *raw)
{
	const char *legacy = c->raw.no_legacy && !raw->unfit ? legacy_part(&raw->policy) : NULL;

	if (raw->unfit)
		complain(c, DIAG_ERROR, "isakmp-unfit", &raw->at, NULL,
		         "%s is not available: the policy is left out", raw->unfit);
	if (legacy)
		complain(c, DIAG_ERROR, "legacy-disabled", &raw->at, NULL,
		         "ISAKMP policy %u uses %s: it is left out", raw->policy.number, legacy);
	return !raw->unfit && !legacy;
}

void
compile_isakmp(struct compiler *c)
{
	struct policy_isakmp *isakmp = arena_alloc(c->arena, c->raw.n_isakmp * sizeof(*isakmp));
	struct policy_psk *psks = arena_alloc(c->arena, c->raw.n_psks * sizeof(*psks));
	bool pre_share = false;
	size_t n = 0, i;

	for (i = 0; i < c->raw.n_isakmp; i++) {
		const struct raw_isakmp *raw = &c->raw.isakmp[i];

		if (!isakmp_is_fit(c, raw))
			continue;
		pre_share |= raw->policy.auth == ISAKMP_AUTH_PSK;
		isakmp[n++] = raw->policy;
	}
	qsort(isakmp, n, sizeof(*isakmp), by_number);
	c->policy->no_legacy = c->raw.no_legacy;
	c->policy->isakmp_enabled = c->raw.isakmp_enabled;
	c->policy->isakmp_identity = c->raw.isakmp_identity;
	c->policy->keepalive = c->raw.keepalive;
	c->policy->store = c->raw.store;
	compile_store_before(c);
	check_store(c);
	if (c->raw.store.none && c->raw.store.required)
		complain(c, DIAG_WARNING, "store-none-required", &c->raw.store_required,
		         "crypto gdoi store sqlite",
		         "crypto gdoi store none keeps nothing: that the store is required has no "
		         "effect");
	c->policy->n_isakmp = n;
	c->policy->isakmp = isakmp;
	c->policy->n_psks = compile_psks(c, psks);
	c->policy->psks = psks;
	/* The default policy, like a typed one that says nothing, authenticates with RSA. */
	if (c->raw.n_psks && !pre_share)
		complain(c, DIAG_WARNING, "isakmp-no-pre-share",
		         c->raw.n_isakmp ? &c->raw.isakmp[0].at : &c->raw.psks[0].address,
		         "authentication pre-share",
		         "no ISAKMP policy authenticates with pre-shared keys: the keys are not "
		         "used");
}

/* --- profiles --------------------------------------------------------------------------------- */

const struct raw_transform *
transform_find(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->raw.n_transforms; i++)
		if (strcmp(c->raw.transforms[i].name.text, name) == 0)
			return &c->raw.transforms[i];
	return NULL;
}

static const struct raw_profile *
profile_find(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->raw.n_profiles; i++)
		if (strcmp(c->raw.profiles[i].name.text, name) == 0)
			return &c->raw.profiles[i];
	return NULL;
}

bool
compile_profile(struct compiler *c, const struct word *name, const char *what, struct policy_sa *sa)
{
	const struct raw_profile *profile = profile_find(c, name->text);
	const struct raw_transform *set;

	if (!profile) {
		complain(c, DIAG_ERROR, "profile-undefined", name,
		         NEAREST(c, name->text, c->raw.profiles, c->raw.n_profiles),
		         "IPsec profile %s does not exist: %s is not served", name->text, what);
		return false;
	}
	sa->lifetime = profile->lifetime ? profile->lifetime : c->raw.sa_lifetime;
	if (!profile->transform.text) {
		complain(
		    c, DIAG_ERROR, "profile-no-transform-set", &profile->name, "set transform-set",
		    "IPsec profile %s has no transform set: %s is not served", name->text, what);
		return false;
	}
	set = transform_find(c, profile->transform.text);
	if (!set) {
		complain(
		    c, DIAG_ERROR, "transform-set-undefined", &profile->transform,
		    NEAREST(c, profile->transform.text, c->raw.transforms, c->raw.n_transforms),
		    "transform set %s does not exist: %s is not served", profile->transform.text,
		    what);
		return false;
	}
	if (set->unfit || (set->suite.cipher == CIPHER_NULL && set->suite.auth == HASH_NONE)) {
		complain(c, DIAG_ERROR, "transform-set-unfit", &set->name, NULL,
		         "transform set %s %s%s: %s is not served", set->name.text,
		         set->unfit ? "holds what a group cannot use here, " : "protects nothing",
		         set->unfit ? set->unfit : "", what);
		return false;
	}
	if (c->raw.no_legacy && esp_suite_is_legacy(&set->suite)) {
		complain(c, DIAG_ERROR, "legacy-disabled", &set->name, "esp-aes 256",
		         "transform set %s uses %s: %s is not served", set->name.text,
		         cipher_is_legacy(set->suite.cipher) ? cipher_row(set->suite.cipher)->family
		                                             : hash_row(set->suite.auth)->title,
		         what);
		return false;
	}
	sa->suite = set->suite;
	sa->transport = set->transport;
	return true;
}

/* --- crypto maps ------------------------------------------------------------------------------ */

/*
 * Could this group work? It has a name and a number, and either a server to register with or a
 * server of its own here.
 */
static bool
group_is_valid(const struct policy_group *g)
{
	return g && g->id.type != GROUP_ID_NONE && (g->local || g->n_servers);
}

static struct policy_crypto_map_entry
compile_entry(struct compiler *c, const struct raw_map *map, const struct raw_map_entry *raw)
{
	struct policy_crypto_map_entry e = {
	    .seq = raw->seq, .group_name = raw->group.text, .acl_name = raw->acl.text};
	const struct policy_group *group;

	if (!raw->group.text) {
		complain(c, DIAG_WARNING, "map-no-group", &raw->at, "set group",
		         "crypto map %s %u has no group: it does nothing", map->name.text,
		         raw->seq);
		return e;
	}
	group = policy_group_find(c->policy, raw->group.text);
	if (!group)
		complain(c, DIAG_ERROR, "group-undefined", &raw->group,
		         NEAREST(c, raw->group.text, c->raw.groups, c->raw.n_groups),
		         "group %s does not exist: crypto map %s %u does nothing", raw->group.text,
		         map->name.text, raw->seq);
	if (group_is_valid(group))
		e.group = group;
	return e;
}

/*
 * Fail-close mode of a map: first the denies of the member's own lists, then the exceptions that
 * the mode names.
 */
static void
compile_fail_close(struct compiler *c, const struct raw_map *raw, struct policy_fail_close *ret)
{
	struct selector *s = arena_alloc(c->arena, 2 * POLICY_SELECTORS_MAX * sizeof(*s));
	size_t n = 0, local, i, j, k;

	if (!raw->fail_close.text)
		return;
	for (i = 0; i < c->policy->n_groups; i++) {
		const struct policy_group *g = &c->policy->groups[i];

		for (j = 0; j < g->n_interfaces; j++) {
			const struct policy_group_interface *on = &g->interfaces[j];

			if (strcmp(on->map, raw->name.text) != 0)
				continue;
			for (k = 0; k < on->n_deny && n < POLICY_SELECTORS_MAX; k++)
				s[n++] = on->deny[k];
		}
	}
	local = n;
	if (raw->fail_close_acl.text)
		n += compile_exceptions(c, &raw->fail_close_acl, s + n, POLICY_SELECTORS_MAX);
	if (!raw->fail_close_active)
		complain(c, DIAG_NOTE, "fail-close-inactive", &raw->fail_close, "activate",
		         "fail-close mode of crypto map %s is not activated: until its members "
		         "register, everything passes in clear",
		         raw->name.text);
	*ret = (struct policy_fail_close){.configured = true,
	                                  .active = raw->fail_close_active,
	                                  .acl_name = raw->fail_close_acl.text,
	                                  .n_selectors = n,
	                                  .n_local = local,
	                                  .selectors = s};
}

static bool
map_is_applied(const struct compiler *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->raw.n_interfaces; i++)
		if (c->raw.interfaces[i].crypto_map.text &&
		    strcmp(c->raw.interfaces[i].crypto_map.text, name) == 0)
			return true;
	return false;
}

/*
 * Does the map name a group that does not exist? A misspelt name must not leave the interface open.
 * An unfinished map leaves it open, as in IOS, because nothing in it is wrong yet.
 */
static bool
names_a_stranger(const struct policy *p, const struct policy_crypto_map *map)
{
	size_t i;

	for (i = 0; i < map->n_entries; i++)
		if (map->entries[i].group_name && !policy_group_find(p, map->entries[i].group_name))
			return true;
	return false;
}

static void
apply_map(struct compiler *c, size_t interface)
{
	const struct raw_interface *raw = &c->raw.interfaces[interface];
	struct policy_interface *f = &c->interfaces[interface];
	size_t i;

	if (!raw->crypto_map.text)
		return;
	for (i = 0; i < c->policy->n_maps; i++)
		if (strcmp(c->policy->maps[i].name, raw->crypto_map.text) == 0)
			f->crypto_map = &c->policy->maps[i];
	/* Before it has learned an address no group is bound to it. */
	f->shut = !f->crypto_map || names_a_stranger(c->policy, f->crypto_map) ||
	          (f->dhcp && !f->has_address);
	if (!f->crypto_map)
		complain(c, DIAG_ERROR, "map-undefined", &raw->crypto_map,
		         NEAREST(c, raw->crypto_map.text, c->raw.maps, c->raw.n_maps),
		         "crypto map %s does not exist: nothing passes %s in clear, and nothing is "
		         "encrypted",
		         raw->crypto_map.text, raw->name.text);
	else if (names_a_stranger(c->policy, f->crypto_map))
		complain(c, DIAG_ERROR, "map-shut", &raw->crypto_map, "set group",
		         "crypto map %s names a group that does not exist: nothing passes %s in "
		         "clear",
		         raw->crypto_map.text, raw->name.text);
}

void
compile_maps(struct compiler *c)
{
	struct policy_crypto_map *maps = arena_alloc(c->arena, c->raw.n_maps * sizeof(*maps));
	struct policy_crypto_map_entry *entries;
	size_t i, j;

	for (i = 0; i < c->raw.n_maps; i++) {
		const struct raw_map *raw = &c->raw.maps[i];

		entries = arena_alloc(c->arena, raw->n * sizeof(*entries));
		for (j = 0; j < raw->n; j++)
			entries[j] = compile_entry(c, raw, &raw->entries[j]);
		maps[i] = (struct policy_crypto_map){
		    .name = raw->name.text, .n_entries = raw->n, .entries = entries};
		compile_fail_close(c, raw, &maps[i].fail_close);
		if (!map_is_applied(c, raw->name.text))
			complain(c, DIAG_NOTE, "map-unapplied", &raw->name, NULL,
			         "crypto map %s is applied to no interface", raw->name.text);
	}
	c->policy->n_maps = c->raw.n_maps;
	c->policy->maps = maps;
	for (i = 0; i < c->raw.n_interfaces; i++)
		apply_map(c, i);
}

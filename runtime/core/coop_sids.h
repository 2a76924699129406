/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How cooperating key servers divide the sender identifiers of counter modes. Servers with the
 * same `identifier` share a pool, and those without it share the pool of all; two pools of one
 * group have no identifier in common. The record tells how far each pool is taken.
 */
#ifndef TESTUDO_COOP_SIDS_H
#define TESTUDO_COOP_SIDS_H

#include "compiler/base/base.h"
#include "compiler/policy/policy.h"

#define COOP_SERVERS_MAX 8
#define COOP_POOLS_MAX   COOP_SERVERS_MAX
#define COOP_KSSIDS      ((POLICY_KSSID_MAX + 1) / 8) /* octets */
#define COOP_SIDS_MAX    (5 + COOP_POOLS_MAX * (COOP_KSSIDS + 8))

/* Which first parts of identifiers (KSSIDs): number n is bit n % 8 of octet n / 8. */
struct coop_kssids {
	uint8_t bits[COOP_KSSIDS];
};

struct coop_pool {
	struct coop_kssids kssids;
	uint64_t next; /* as many of its identifiers are taken, from its first on */
};

struct coop_sids {
	uint32_t epoch; /* of the keys for which they count */
	size_t n;
	struct coop_pool pools[COOP_POOLS_MAX];
};

/* Into COOP_SIDS_MAX octets; what of them is used. */
size_t coop_put_sids(const struct coop_sids *s, uint8_t *buf);
bool coop_get_sids(struct span value, struct coop_sids *ret);

/* sid_bits: of one identifier. n 0: all, as for who has no `identifier`. */
void coop_kssids_of(const struct policy_kssids *ranges, size_t n, unsigned sid_bits,
                    struct coop_kssids *ret);
bool coop_kssids_equal(const struct coop_kssids *a, const struct coop_kssids *b);
/* Have they one in common? */
bool coop_kssids_meet(const struct coop_kssids *a, const struct coop_kssids *b);
/* Identifiers under these. */
uint64_t coop_kssids_size(const struct coop_kssids *s, unsigned sid_bits);

/* Its index, or s->n: there is none of just these. */
size_t coop_pool_find(const struct coop_sids *s, const struct coop_kssids *kssids);
/* It, made where it is not there. NULL: it would share some with another, or is one too many. */
struct coop_pool *coop_pool_get(struct coop_sids *s, const struct coop_kssids *kssids);
/*
 * Where a pool of so many goes on whose record was lost, when `seen` are known to be taken, and
 * each server can have taken so many since.
 */
uint64_t coop_sids_beyond(uint64_t seen, uint64_t each, uint64_t all);
/* Is all that `known` says is taken taken in `record`, too? */
bool coop_sids_cover(const struct coop_sids *record, const struct coop_sids *known);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access lists that say what a group encrypts, and those that filter: entries that an earlier
 * one makes pointless or half so, and traffic that is encrypted one way only.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/check/check_parts.h"

/* Entries of a list that are compared with each other; longer lists are compared up to here. */
#define COMPARED_MAX 256

/* --- sets of packets -------------------------------------------------------------------------- */

static bool
net_covers(uint32_t a, uint32_t a_mask, uint32_t b, uint32_t b_mask)
{
	return (a_mask & ~b_mask) == 0 && ((a ^ b) & a_mask) == 0;
}

static bool
net_meets(uint32_t a, uint32_t a_mask, uint32_t b, uint32_t b_mask)
{
	return ((a ^ b) & a_mask & b_mask) == 0;
}

/* Each of b's ranges lies in one of a's; no ranges: all ports. */
static bool
ports_cover(const struct port_range *a, size_t n_a, const struct port_range *b, size_t n_b)
{
	size_t i, j;

	if (n_a == 0)
		return true;
	for (j = 0; j < n_b; j++) {
		for (i = 0; i < n_a && !(a[i].lo <= b[j].lo && b[j].hi <= a[i].hi); i++)
			;
		if (i == n_a)
			return false;
	}
	return n_b > 0;
}

static bool
ports_meet(const struct port_range *a, size_t n_a, const struct port_range *b, size_t n_b)
{
	for (size_t i = 0; i < n_a; i++) {
		for (size_t j = 0; j < n_b; j++)
			if (a[i].lo <= b[j].hi && b[j].lo <= a[i].hi)
				return true;
	}
	return n_a == 0 || n_b == 0;
}

/* Is every packet that b matches matched by a? */
static bool
ace_covers(const struct policy_ace *a, const struct policy_ace *b)
{
	return (a->proto == 0 || a->proto == b->proto) &&
	       net_covers(a->src, a->src_mask, b->src, b->src_mask) &&
	       net_covers(a->dst, a->dst_mask, b->dst, b->dst_mask) &&
	       ports_cover(a->sport, a->n_sport, b->sport, b->n_sport) &&
	       ports_cover(a->dport, a->n_dport, b->dport, b->n_dport) &&
	       (a->icmp_type < 0 || (a->icmp_type == b->icmp_type &&
	                             (a->icmp_code < 0 || a->icmp_code == b->icmp_code))) &&
	       (!a->established || b->established) && (!a->fragments || b->fragments);
}

/* May one packet be matched by both? */
static bool
ace_meets(const struct policy_ace *a, const struct policy_ace *b)
{
	return (a->proto == 0 || b->proto == 0 || a->proto == b->proto) &&
	       net_meets(a->src, a->src_mask, b->src, b->src_mask) &&
	       net_meets(a->dst, a->dst_mask, b->dst, b->dst_mask) &&
	       ports_meet(a->sport, a->n_sport, b->sport, b->n_sport) &&
	       ports_meet(a->dport, a->n_dport, b->dport, b->n_dport) &&
	       (a->icmp_type < 0 || b->icmp_type < 0 || a->icmp_type == b->icmp_type);
}

/* --- one list --------------------------------------------------------------------------------- */

static void
check_shadows(struct compiler *c, const struct raw_acl *acl)
{
	size_t n = acl->n < COMPARED_MAX ? acl->n : COMPARED_MAX;

	for (size_t j = 1; j < n; j++) {
		const struct raw_ace *later = &acl->aces[j];

		for (size_t i = 0; i < j; i++) {
			const struct raw_ace *earlier = &acl->aces[i];

			if (!ace_covers(&earlier->ace, &later->ace))
				continue;
			complain(c, DIAG_WARNING, "acl-shadowed", &later->at, NULL,
			         "entry %u of access list %s is never reached: entry %u matches "
			         "all that it matches%s",
			         later->ace.seq, acl->name.text, earlier->ace.seq,
			         earlier->ace.permit == later->ace.permit
			             ? ""
			             : ", and says the opposite");
			break;
		}
	}
}

/* An exception (a deny of one port before a permit of all) is how lists are written: no overlap. */
static bool
is_exception(const struct policy_ace *earlier, const struct policy_ace *later)
{
	return earlier->proto != later->proto || earlier->n_sport != later->n_sport ||
	       earlier->n_dport != later->n_dport || earlier->icmp_type != later->icmp_type;
}

static void
check_overlaps(struct compiler *c, const struct raw_acl *acl)
{
	size_t n = acl->n < COMPARED_MAX ? acl->n : COMPARED_MAX;

	for (size_t j = 1; j < n; j++) {
		const struct raw_ace *later = &acl->aces[j];

		for (size_t i = 0; i < j; i++) {
			const struct raw_ace *earlier = &acl->aces[i];

			if (earlier->ace.permit == later->ace.permit ||
			    is_exception(&earlier->ace, &later->ace) ||
			    !ace_meets(&earlier->ace, &later->ace) ||
			    ace_covers(&earlier->ace, &later->ace) ||
			    ace_covers(&later->ace, &earlier->ace))
				continue;
			complain(c, DIAG_NOTE, "acl-overlap", &later->at, NULL,
			         "entries %u and %u of access list %s overlap and say the "
			         "opposite: where both match, entry %u decides",
			         earlier->ace.seq, later->ace.seq, acl->name.text,
			         earlier->ace.seq);
			break;
		}
	}
}

/* --- both ways -------------------------------------------------------------------------------- */

static struct policy_ace
reverse_ace(const struct policy_ace *e)
{
	struct policy_ace r = *e;

	r.src = e->dst;
	r.src_mask = e->dst_mask;
	r.dst = e->src;
	r.dst_mask = e->src_mask;
	r.n_sport = e->n_dport;
	r.n_dport = e->n_sport;
	memcpy(r.sport, e->dport, sizeof(r.sport));
	memcpy(r.dport, e->sport, sizeof(r.dport));
	return r;
}

/*
 * Members encrypt by the list, so that an answer must match a permit as what it answers does. What
 * goes to many has none.
 */
static void
check_symmetry(struct compiler *c, const struct raw_acl *acl)
{
	for (size_t i = 0; i < acl->n; i++) {
		const struct policy_ace *e = &acl->aces[i].ace;
		const struct policy_ace back = reverse_ace(e);
		bool found = false;

		if (!e->permit || (e->dst_mask == UINT32_MAX && addr_is_multicast(e->dst)))
			continue;
		for (size_t j = 0; j < acl->n && !found; j++)
			found = acl->aces[j].ace.permit && ace_meets(&acl->aces[j].ace, &back);
		if (!found)
			complain(c, DIAG_WARNING, "acl-one-way", &acl->aces[i].at, NULL,
			         "entry %u of access list %s encrypts one way only: no permit "
			         "matches the answers, which go in clear and are dropped by who "
			         "awaits them encrypted",
			         e->seq, acl->name.text);
	}
}

/* Do the first bits not count, and all others do? So does a netmask, read as a wildcard. */
static bool
is_inverted(uint32_t mask)
{
	return mask && mask != UINT32_MAX && (mask & (mask + 1)) == 0;
}

static void
check_wildcards(struct compiler *c, const struct raw_acl *acl)
{
	for (size_t i = 0; i < acl->n; i++) {
		const struct policy_ace *e = &acl->aces[i].ace;
		uint32_t mask = is_inverted(e->src_mask) ? e->src_mask : e->dst_mask;
		char wild[ADDR_TEXT_MAX], meant[ADDR_TEXT_MAX];

		if (is_inverted(mask))
			complain(c, DIAG_WARNING, "acl-netmask", &acl->aces[i].at,
			         addr_text(mask, meant),
			         "the wildcard %s in entry %u of access list %s has the form of a "
			         "netmask: the bits that it does not ask for are those that matter",
			         addr_text(~mask, wild), e->seq, acl->name.text);
	}
}

/* Lists that are at work here: the group's, the members' own, the filters. */
void
check_acls(struct device *d)
{
	struct compiler *c = &d->compiler;

	for (size_t i = 0; i < c->raw.n_acls; i++) {
		if (!c->raw.acls[i].used)
			continue;
		check_shadows(c, &c->raw.acls[i]);
		check_overlaps(c, &c->raw.acls[i]);
	}
	for (size_t i = 0; i < c->raw.n_groups; i++) {
		const struct raw_server *s = &c->raw.groups[i].server;

		for (size_t k = 0; c->raw.groups[i].local && k < s->n_sas; k++) {
			const struct raw_acl *acl =
			    s->sas[k].acl.text ? raw_acl_find(c, s->sas[k].acl.text) : NULL;

			if (!acl || acl->standard)
				continue;
			check_wildcards(c, acl);
			check_symmetry(c, acl);
		}
	}
}

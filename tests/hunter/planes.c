/* SPDX-License-Identifier: Apache-2.0 */
/*
 * planes [virtual|esp|kernel] [--policies N] [--from N]
 * Sets random policies on a dataplane, puts packets of every class before it, and holds what
 * becomes of each against dp_verdict (plane.h). Exit status 1: a difference; 77: there is no such
 * dataplane.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/packet/packet.h"
#include "runtime/dataplane/verdict.h"
#include "tests/hunter/plane.h"

#define PACKETS 32 /* for each policy */

struct expected {
	unsigned may, must, seen; /* bits of enum plane_sight */
	const struct dp_group *group;
	uint32_t sa;
};

struct test {
	struct plane *plane;
	struct random_policy policy;
	struct dp_site site;
	uint64_t seed;
	uint32_t first; /* mark of the first packet of this policy */
	struct plane_packet packets[PACKETS];
	struct expected expected[PACKETS];
	unsigned wrong, compared, too_large;
	uint64_t told; /* the policy that was told last, and one */
};

static const char *const sights[] = {"in clear on the core", "as ESP on the core",
                                     "taken by the member", "on the LAN"};

static void
tell_selector(const struct selector *s, const char *more)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], c[ADDR_TEXT_MAX], d[ADDR_TEXT_MAX];

	printf("  %s proto %u %s/%s:%u > %s/%s:%u%s\n", s->permit ? "permit" : "deny", s->proto,
	       addr_text(s->src, a), addr_text(s->src_mask, b), s->sport, addr_text(s->dst, c),
	       addr_text(s->dst_mask, d), s->dport, more);
}

static void
tell_policy(const struct test *t)
{
	static const char *const directions[] = {"both ways", "optional inbound", "inbound only"};

	for (size_t i = 0; i < t->policy.n_groups; i++) {
		const struct dp_group *g = &t->policy.groups[i];

		printf("group %s at %u, %s\n", g->name, g->bindings->seq, directions[g->direction]);
		for (size_t k = 0; k < g->n_entries; k++) {
			char sa[16];

			snprintf(sa, sizeof(sa), ", SA %u", g->entries[k].sa);
			tell_selector(&g->entries[k].selector,
			              g->entries[k].local ? ", local" : sa);
		}
		for (size_t k = 0; k < g->n_sas; k++)
			printf("  SA %u: SPI 0x%x%s\n", g->sas[k].sa, g->sas[k].spi,
			       g->sas[k].send ? "" : ", sends not");
	}
	if (t->policy.has_door)
		printf("door, %s\n", t->policy.door.open ? "open" : "shut");
	for (size_t k = 0; t->policy.has_door && k < t->policy.door.n_entries; k++)
		tell_selector(&t->policy.door.entries[k], "");
}

static void
report_wrong(struct test *t, size_t i, const char *what, enum plane_sight sight)
{
	const struct plane_packet *p = &t->packets[i];
	char s[ADDR_TEXT_MAX], d[ADDR_TEXT_MAX];

	if (t->told != t->seed + 1)
		tell_policy(t);
	t->told = t->seed + 1;
	t->wrong++;
	printf("%s, policy %llu, packet %zu: %s%s proto %u %s:%u > %s:%u%s is %s %s\n",
	       t->plane->name, (unsigned long long)t->seed, i, p->in ? "in" : "out",
	       p->esp ? " as ESP" : "", p->flow.proto, addr_text(p->flow.src, s), p->flow.sport,
	       addr_text(p->flow.dst, d), p->flow.dport, p->cut ? " in two" : "", what,
	       sights[sight]);
}

/* --- what the policy says --------------------------------------------------------------------- */

static bool
can_send(const struct dp_verdict *v)
{
	for (size_t i = 0; i < v->group->n_sas; i++)
		if (v->group->sas[i].sa == v->sa && v->group->sas[i].send)
			return true;
	return false;
}

static struct expected
expect_out(const struct test *t, const struct plane_packet *p)
{
	bool own = t->plane->by_socket ? p->daemon : rp_own(p->flow.src);
	struct dp_verdict v = dp_verdict(&t->site, &p->flow, false, own);
	struct expected e = {.group = v.group, .sa = v.sa};

	if (v.fate == DP_CLEAR)
		e.may = e.must = 1u << PLANE_CORE_CLEAR;
	if (t->plane->loose_multicast && addr_is_multicast(p->flow.dst) && !rp_own(p->flow.src))
		e.must = 0;
	if (v.fate == DP_ENCRYPT && can_send(&v)) {
		e.may = e.must = 1u << PLANE_CORE_ESP;
		/* raw sockets, as we send TCP by, show XFRM no ports */
		if (t->plane->loose_multicast &&
		    (addr_is_multicast(p->flow.dst) ||
		     (p->flow.proto == PROTO_TCP && rp_own(p->flow.src))))
			e.must = 0;
	}
	return e;
}

/* May it come in for somebody: the member itself (own), or its LAN? */
static bool
comes_in(const struct test *t, const struct plane_packet *p, bool own)
{
	if (!p->esp)
		return dp_verdict(&t->site, &p->flow, true, own).fate == DP_CLEAR;
	return dp_verdict_opened(&t->policy.groups[p->group],
	                         t->policy.groups[p->group].sas[p->key].sa, &p->flow);
}

static struct expected
expect_in(const struct test *t, const struct plane_packet *p)
{
	bool many = addr_is_multicast(p->flow.dst), own = rp_own(p->flow.dst);
	struct expected e = {.may = 0};

	if ((own || many) && comes_in(t, p, true))
		e.may |= 1u << PLANE_TAKEN;
	if (!own && comes_in(t, p, false))
		e.may |= 1u << PLANE_LAN;
	e.must = e.may;
	if (p->esp && many && t->plane->loose_multicast)
		e.may |= 1u << PLANE_LAN;
	return e;
}

/* --- packets ---------------------------------------------------------------------------------- */

static struct plane_packet
random_packet(struct test *t, struct chance *c)
{
	struct plane_packet p = {.in = chance_one_in(c, 2)};
	bool own;

	p.flow = rp_flow(c, p.in);
	own = rp_own(p.in ? p.flow.dst : p.flow.src);
	if (p.in && chance_one_in(c, 3)) {
		p.group = chance_of(c, (uint32_t)t->policy.n_groups);
		p.key = chance_of(c, (uint32_t)t->policy.groups[p.group].n_sas);
		p.esp = t->policy.groups[p.group].n_entries > 0;
	}
	p.cut = !p.esp && (p.in || !own) && chance_one_in(c, 6);
	p.daemon = !p.in && own && p.flow.proto == PROTO_UDP && p.flow.sport == GDOI_PORT &&
	           (!t->plane->by_socket || chance_one_in(c, 2));
	return p;
}

static void
on_seen(void *arg, uint32_t id, enum plane_sight what, uint32_t spi)
{
	struct test *t = arg;
	size_t i = id - t->first;
	struct expected *e;

	if (i >= PACKETS)
		return; /* of the policy before */
	if (!t->packets[i].in && what != PLANE_CORE_CLEAR && what != PLANE_CORE_ESP)
		return; /* a copy of a multicast packet on another interface */
	e = &t->expected[i];
	e->seen |= 1u << what;
	if (!(e->may >> what & 1)) {
		report_wrong(t, i, "seen", what);
		return;
	}
	for (size_t k = 0; what == PLANE_CORE_ESP && k < e->group->n_sas; k++)
		if (e->group->sas[k].spi == spi && e->group->sas[k].sa == e->sa)
			return;
	if (what == PLANE_CORE_ESP)
		report_wrong(t, i, "under another policy's key", what);
}

static bool
all_there(const struct test *t)
{
	for (size_t i = 0; i < PACKETS; i++)
		if (t->expected[i].must & ~t->expected[i].seen)
			return false;
	return true;
}

static void
compare_policy(struct test *t, uint64_t seed)
{
	struct chance c = {seed};
	int error;

	t->seed = c.state = chance_next(&c);
	t->seed = seed;
	t->first += PACKETS;
	rp_make(&c, &t->policy);
	t->site = (struct dp_site){RP_PORT, t->policy.n_groups, t->policy.groups,
	                           t->policy.has_door ? &t->policy.door : NULL};
	memset(t->expected, 0, sizeof(t->expected));
	error = t->plane->ops->set(t->plane, &t->policy);
	if (error == -E2BIG) {
		t->too_large++; /* a wildcard with holes is more prefixes than the kernel takes */
		return;
	}
	if (error) {
		t->wrong++;
		printf("%s, policy %llu: refused, %s\n", t->plane->name, (unsigned long long)seed,
		       strerror(-error));
		tell_policy(t);
		return;
	}
	for (size_t i = 0; i < PACKETS; i++) {
		const struct plane_packet *p = &t->packets[i];

		t->packets[i] = random_packet(t, &c);
		t->expected[i] = p->in ? expect_in(t, p) : expect_out(t, p);
		t->plane->ops->put(t->plane, p, t->first + (uint32_t)i);
	}
	while (t->plane->ops->turn(t->plane) && !all_there(t))
		;
	for (size_t i = 0; i < PACKETS; i++)
		for (unsigned s = 0; s < ARRAY_SIZE(sights); s++)
			if ((t->expected[i].must & ~t->expected[i].seen) >> s & 1)
				report_wrong(t, i, "not seen", (enum plane_sight)s);
	t->compared += PACKETS;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "virtual";
	struct test *t = x_alloc(sizeof(*t));
	uint64_t from = 0, policies = 200;

	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--policies") == 0)
			policies = strtoull(argv[i + 1], NULL, 10);
		if (strcmp(argv[i], "--from") == 0)
			from = strtoull(argv[i + 1], NULL, 10);
	}
	crypto_init();
	t->plane = strcmp(name, "virtual") == 0 ? plane_virtual_new()
	                                        : plane_kernel_new(strcmp(name, "esp") == 0);
	if (!t->plane) {
		free(t);
		return 77;
	}
	t->plane->seen = on_seen;
	t->plane->arg = t;
	for (uint64_t s = from; s < from + policies && t->wrong < 40; s++)
		compare_policy(t, s);
	printf("%s: %u packets compared, %u differ; %u policies too large\n", t->plane->name,
	       t->compared, t->wrong, t->too_large);
	t->plane->ops->close(t->plane);
	policies = t->wrong;
	free(t);
	return policies > 0;
}

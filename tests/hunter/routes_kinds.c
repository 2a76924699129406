/* SPDX-License-Identifier: Apache-2.0 */
/* What random networks there are: see routes.h. */
#include "tests/hunter/routes.h"

#include <stdio.h>
#include <string.h>

/* --- what a router tells beside its links ----------------------------------------------------- */

/*
 * Where a static route may lead. IOS has others go to the next hop itself where they see it on a
 * broadcast link at which OSPF speaks; FRR, whatever the link and though it is passive.
 */
static const struct port *
way_out(struct plan *plan, struct router *r)
{
	for (size_t k = 0; k < r->n_ports; k++) {
		const struct port *p = &r->ports[k];

		if (p->domain == DOMAIN_NONE || p->domain == DOMAIN_RIP ||
		    (p->domain == DOMAIN_OSPF && !p->passive && !p->point_to_point))
			return p;
	}
	plan_stub(plan, r->number - 1, DOMAIN_NONE, 0);
	return &r->ports[r->n_ports - 1];
}

/* Pinned: it goes with its interface; else its next hop may be found by another way then. */
static void
add_static(struct plan *plan, struct router *r, uint32_t net, uint8_t len, bool pinned)
{
	char to[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];
	const struct port *p = way_out(plan, r);

	text_printf(&r->lists, "ip route %s %s", addr_text(net, to),
	            addr_text(prefix_mask(len), mask));
	if (pinned)
		text_printf(&r->lists, " GigabitEthernet0/%u", (unsigned)(p - r->ports));
	text_printf(&r->lists, " %s\n", addr_text((p->addr & ~255u) | 250, via));
}

static void
tell_statics(struct plan *plan, struct router *r, bool pinned, struct text *process,
             const char *more)
{
	add_static(plan, r, 0xac100000u + (r->number << 8), 24, pinned);  /* 172.16.N.0/24 */
	add_static(plan, r, 0xac140000u + (r->number << 16), 16, pinned); /* 172.20+N.0.0/16 */
	text_printf(process, " redistribute static%s\n", more);
}

static void
tell_statics_by_chance(struct plan *plan, struct router *r, struct text *process, const char *more)
{
	char text[80], metric[16] = "";

	if (chance_one_in(&plan->chance, 2))
		snprintf(metric, sizeof(metric), " metric %u", 1 + chance_of(&plan->chance, 7));
	snprintf(text, sizeof(text), "%s%s", more, metric);
	tell_statics(plan, r, false, process, text);
}

/* Not so few paths that one of several that are as near is left out: which one is nobody's rule. */
static void
tell_ospf(struct plan *plan, struct router *r)
{
	static const char *const forms[] = {" subnets", "", " subnets metric-type 1",
	                                    " subnets tag 77"};
	struct chance *c = &plan->chance;

	if (chance_one_in(c, 2))
		tell_statics_by_chance(plan, r, &r->of_ospf,
		                       forms[chance_of(c, ARRAY_SIZE(forms))]);
	if (chance_one_in(c, 4))
		text_printf(&r->of_ospf, " default-information originate always metric %u%s\n",
		            1 + chance_of(c, 20), chance_one_in(c, 2) ? " metric-type 1" : "");
	if (chance_one_in(c, 5))
		text_puts(&r->of_ospf, " distance ospf external 150 inter-area 115\n");
}

/*
 * With a next hop that others see, and so all name it: of addresses of its own IOS names a
 * loopback's (RFC 3101 2.3), FRR any.
 */
static void
tell_nssa(struct plan *plan, size_t k, uint32_t area)
{
	struct router *r = &plan->routers[k];

	plan_port(plan, k, (unsigned)++plan->n_segments, DOMAIN_OSPF, area);
	tell_statics(plan, r, true, &r->of_ospf,
	             chance_one_in(&plan->chance, 2) ? " subnets metric-type 1" : " subnets");
}

/* --- OSPF ------------------------------------------------------------------------------------- */

static void
make_ospf(struct plan *plan)
{
	struct chance *c = &plan->chance;

	plan->n_routers = 3 + chance_of(c, 4);
	plan_shape(plan, 0, plan->n_routers, DOMAIN_OSPF, 0);
	for (size_t k = 0; k < plan->n_routers; k++) {
		if (!chance_one_in(c, 4))
			plan_loopback(plan, k, DOMAIN_OSPF, 0);
		if (chance_one_in(c, 2))
			plan_stub(plan, k, chance_one_in(c, 3) ? DOMAIN_NONE : DOMAIN_OSPF, 0);
		tell_ospf(plan, &plan->routers[k]);
	}
}

/*
 * What an area is must be said by all that are in it. A range is apart from what other areas have:
 * RFC 2328 16.2 (3) ignores what equals a range, FRR also what is within; and FRR tells ranges to
 * areas that hear no summaries. Into an NSSA that hears
 * of other areas FRR tells a default route, and IOS only where it is asked to. What it passes on of
 * an NSSA has metric 20, whatever metric it had there.
 */
static void
make_area(struct plan *plan, uint32_t area, const char *kind, size_t first, size_t n, bool plain)
{
	struct chance *c = &plan->chance;
	size_t border = chance_of(c, 2), other = chance_of(c, 2);
	bool nssa = kind && strcmp(kind, "nssa") == 0;

	for (size_t k = first; k < first + n; k++) {
		plan_link(plan, k, border, DOMAIN_OSPF, area);
		plan_loopback(plan, k, DOMAIN_OSPF, area);
		if (chance_one_in(c, 2))
			plan_stub(plan, k, DOMAIN_OSPF, area);
		if (kind)
			text_printf(&plan->routers[k].of_ospf, " area %u %s\n", area, kind);
		else
			tell_ospf(plan, &plan->routers[k]);
		if (nssa && chance_one_in(c, 2))
			tell_nssa(plan, k, area);
	}
	if (n > 1)
		plan_link(plan, first, first + 1, DOMAIN_OSPF, area);
	if (other != border)
		plan_link(plan, first + n - 1, other, DOMAIN_OSPF, area);
	for (size_t k = 0; k < 2; k++) {
		struct text *t = &plan->routers[k].of_ospf;

		if (kind)
			text_printf(t, " area %u %s%s\n", area, kind,
			            nssa || chance_one_in(c, 3) ? " no-summary" : "");
		if (!plain || !chance_one_in(c, 2))
			continue;
		text_printf(t, " area %u range 192.168.%u.0 255.255.240.0\n", area, 16 * area);
	}
}

/*
 * Border routers of stub areas tell nothing external: another one, to which they are nearer by the
 * stub area, has no way to them in FRR, as they are no AS boundary routers there. RFC 2328 16.4
 * asks where they are one.
 */
static void
make_areas(struct plan *plan)
{
	static const char *const kinds[] = {NULL, NULL, "stub", "nssa"};
	struct chance *c = &plan->chance;
	size_t first = 2 + chance_of(c, 2);
	const char *one = kinds[chance_of(c, ARRAY_SIZE(kinds))];
	const char *two = kinds[chance_of(c, ARRAY_SIZE(kinds))];

	plan->n_routers = first + 2 + chance_of(c, 3);
	plan_shape(plan, 0, first, DOMAIN_OSPF, 0);
	for (size_t k = 0; k < first; k++) {
		plan_loopback(plan, k, DOMAIN_OSPF, 0);
		if (k >= 2 || (!one && !two))
			tell_ospf(plan, &plan->routers[k]);
	}
	make_area(plan, 1, one, first, 1, !one && !two);
	make_area(plan, 2, two, first + 1, plan->n_routers - first - 1, !one && !two);
}

/* --- RIP and EIGRP ---------------------------------------------------------------------------- */

static void
make_rip(struct plan *plan)
{
	struct chance *c = &plan->chance;

	plan->n_routers = 3 + chance_of(c, 4);
	plan_shape(plan, 0, plan->n_routers, DOMAIN_RIP, 0);
	for (size_t k = 0; k < plan->n_routers; k++) {
		struct router *r = &plan->routers[k];

		if (!chance_one_in(c, 4))
			plan_loopback(plan, k, DOMAIN_RIP, 0);
		if (chance_one_in(c, 2))
			plan_stub(plan, k, DOMAIN_RIP, 0);
		if (chance_one_in(c, 3))
			tell_statics_by_chance(plan, r, &r->of_rip, "");
		if (chance_one_in(c, 4))
			text_puts(&r->of_rip, " default-information originate\n");
	}
}

static void
make_eigrp(struct plan *plan)
{
	struct chance *c = &plan->chance;

	plan->n_routers = 3 + chance_of(c, 3);
	plan_shape(plan, 0, plan->n_routers, DOMAIN_EIGRP, 0);
	for (size_t k = 0; k < plan->n_routers; k++) {
		plan_loopback(plan, k, DOMAIN_EIGRP, 0);
		if (chance_one_in(c, 2))
			plan_stub(plan, k, DOMAIN_EIGRP, 0);
	}
}

/* --- one protocol into another ---------------------------------------------------------------- */

/* By one router alone: that two do not tell each other in a circle. */
static void
make_mixed(struct plan *plan)
{
	struct chance *c = &plan->chance;
	size_t border = 1 + chance_of(c, 2);
	struct router *r = &plan->routers[border];

	plan->n_routers = border + 2 + chance_of(c, 3);
	plan_shape(plan, 0, border + 1, DOMAIN_OSPF, 0);
	plan_shape(plan, border, plan->n_routers - border, DOMAIN_RIP, 0);
	for (size_t k = 0; k < plan->n_routers; k++) {
		enum domain domain = k <= border ? DOMAIN_OSPF : DOMAIN_RIP;

		plan_loopback(plan, k, domain, 0);
		if (chance_one_in(c, 2))
			plan_stub(plan, k, domain, 0);
		if (k != border && domain == DOMAIN_OSPF)
			tell_ospf(plan, &plan->routers[k]);
		else if (k != border && chance_one_in(c, 2))
			tell_statics_by_chance(plan, &plan->routers[k], &plan->routers[k].of_rip,
			                       "");
	}
	text_printf(&r->lists, "ip prefix-list SOME seq 5 permit 172.16.0.0/12 le 32\n"
	                       "ip prefix-list SOME seq 10 deny 192.168.1.0/24 le 32\n"
	                       "ip prefix-list SOME seq 15 permit 0.0.0.0/0 le 32\n"
	                       "route-map MARK deny 10\n match ip address prefix-list SOME\n"
	                       " match tag 77\nroute-map MARK permit 20\n"
	                       " match ip address prefix-list SOME\n set metric 4\n");
	text_printf(&r->of_ospf, " redistribute rip subnets%s%s\n",
	            chance_one_in(c, 2) ? " metric-type 1" : "",
	            chance_one_in(c, 2) ? " route-map MARK" : "");
	text_printf(&r->of_rip, " redistribute ospf 1 metric %u%s\n", 1 + chance_of(c, 5),
	            chance_one_in(c, 2) ? " route-map MARK" : "");
}

/* --- BGP -------------------------------------------------------------------------------------- */

static uint32_t
port_addr(const struct router *r, unsigned segment)
{
	for (size_t k = 0; k < r->n_ports; k++)
		if (r->ports[k].segment == segment)
			return r->ports[k].addr;
	return 0;
}

/*
 * Preferences only where two systems alone have several links: three that prefer each other's ways
 * may settle in more ways than one (RFC 4264).
 */
static void
add_external(struct plan *plan, size_t a, size_t b, bool alone)
{
	unsigned segment = plan_link(plan, a, b, DOMAIN_NONE, 0);
	struct chance *c = &plan->chance;

	for (int way = 0; way < 2; way++) {
		struct router *from = &plan->routers[way ? b : a],
			      *to = &plan->routers[way ? a : b];
		char at[ADDR_TEXT_MAX];

		addr_text(port_addr(to, segment), at);
		text_printf(&from->of_bgp, " neighbor %s remote-as %u\n", at, to->as);
		if (chance_one_in(c, 3))
			text_printf(&from->of_bgp, " neighbor %s route-map FAR out\n", at);
		if (alone && chance_one_in(c, 3))
			text_printf(&from->of_bgp, " neighbor %s route-map NEAR in\n", at);
		if (alone && chance_one_in(c, 4))
			text_printf(&from->of_bgp, " neighbor %s weight %u\n", at,
			            10 * (1 + chance_of(c, 3)));
	}
}

static void
add_internal(struct plan *plan, size_t first, size_t n)
{
	bool reflector = n > 2 && chance_one_in(&plan->chance, 2);

	for (size_t a = first; a < first + n; a++)
		for (size_t b = first; b < first + n; b++) {
			struct router *r = &plan->routers[a];
			char at[ADDR_TEXT_MAX];

			if (a == b || (reflector && a != first && b != first))
				continue;
			addr_text(plan->routers[b].loopback, at);
			text_printf(&r->of_bgp,
			            " neighbor %s remote-as %u\n"
			            " neighbor %s update-source Loopback0\n"
			            " neighbor %s next-hop-self\n neighbor %s send-community\n",
			            at, r->as, at, at, at);
			if (reflector && a == first)
				text_printf(&r->of_bgp, " neighbor %s route-reflector-client\n",
				            at);
		}
}

static bool
is_alone(const struct plan *plan, const struct router *r)
{
	for (size_t k = 0; k < plan->n_routers; k++)
		if (&plan->routers[k] != r && plan->routers[k].as == r->as)
			return false;
	return true;
}

/*
 * An address that is a next hop inside its system is not announced: a route to a next hop by that
 * next hop counts in IOS, where another protocol leads there, and not in FRR.
 */
static void
add_bgp_lines(struct plan *plan, struct router *r)
{
	struct chance *c = &plan->chance;
	char at[ADDR_TEXT_MAX];

	text_printf(&r->lists,
	            "route-map FAR permit 10\n set as-path prepend %u\n set metric %u\n"
	            "route-map NEAR permit 10\n set local-preference %u\n",
	            r->as, chance_of(c, 50), 100 + 50 * chance_of(c, 2));
	if (is_alone(plan, r))
		text_printf(&r->of_bgp, " network %s mask 255.255.255.255\n",
		            addr_text(r->loopback, at));
	if (r->ports[0].segment)
		text_printf(&r->of_bgp, " network %s mask 255.255.255.0\n",
		            addr_text(r->ports[0].addr & ~255u, at));
	if (chance_one_in(c, 3)) {
		add_static(plan, r, 0xac100000u + (r->number << 8), 24, false);
		text_puts(&r->of_bgp, " redistribute static\n");
	}
}

/* Systems in a ring, each of one to three routers with OSPF inside. */
static void
make_bgp(struct plan *plan)
{
	struct chance *c = &plan->chance;
	size_t systems = 2 + chance_of(c, 2), first[4], size[4];

	for (size_t s = 0; s < systems; s++) {
		first[s] = plan->n_routers;
		size[s] = 1 + chance_of(c, systems == 2 ? 3 : 2);
		plan->n_routers += size[s];
		for (size_t k = first[s]; k < plan->n_routers; k++) {
			plan->routers[k].as = 65001 + (uint32_t)s;
			plan_stub(plan, k, DOMAIN_NONE, 0);
			plan_loopback(plan, k, DOMAIN_OSPF, 0);
			plan->routers[k].ospf = true;
		}
		plan_shape(plan, first[s], size[s], DOMAIN_OSPF, 0);
		add_internal(plan, first[s], size[s]);
	}
	for (size_t s = 0; s < systems; s++)
		if (systems > 2 || s == 0)
			add_external(plan, first[s] + chance_of(c, (uint32_t)size[s]),
			             first[(s + 1) % systems], systems == 2);
	if (systems == 2)
		add_external(plan, first[0], first[1] + size[1] - 1, true);
	for (size_t k = 0; k < plan->n_routers; k++)
		add_bgp_lines(plan, &plan->routers[k]);
}

const struct routes_kind routes_kinds[] = {
    {"ospf", make_ospf}, {"areas", make_areas}, {"mixed", make_mixed},
    {"bgp", make_bgp},   {"rip", make_rip},     {"eigrp", make_eigrp},
};
const size_t n_routes_kinds = ARRAY_SIZE(routes_kinds);

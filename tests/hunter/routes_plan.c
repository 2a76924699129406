/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of random networks, and their configurations: see routes.h. */
#include "tests/hunter/routes.h"

#include <string.h>

/* --- links ------------------------------------------------------------------------------------ */

/* 10.0.SEGMENT.ROUTER/24, or a /30 where two are alone. */
struct port *
plan_port(struct plan *plan, size_t router, unsigned segment, enum domain domain, uint32_t area)
{
	struct router *r = &plan->routers[router];
	struct port *p = &r->ports[r->n_ports++];
	static const uint32_t costs[] = {0, 5, 10, 10, 10, 20};

	*p = (struct port){.segment = segment,
	                   .addr = 0x0a000000u | segment << 8 | r->number,
	                   .len = 24,
	                   .domain = domain,
	                   .area = area,
	                   .cost = costs[chance_of(&plan->chance, ARRAY_SIZE(costs))]};
	r->ospf = r->ospf || domain == DOMAIN_OSPF;
	r->rip = r->rip || domain == DOMAIN_RIP;
	r->eigrp = r->eigrp || domain == DOMAIN_EIGRP;
	return p;
}

unsigned
plan_link(struct plan *plan, size_t a, size_t b, enum domain domain, uint32_t area)
{
	unsigned segment = (unsigned)++plan->n_segments;
	bool point = chance_one_in(&plan->chance, 2);

	plan_port(plan, a, segment, domain, area)->point_to_point = point;
	plan_port(plan, b, segment, domain, area)->point_to_point = point;
	return segment;
}

/*
 * One network for three, as far from each: who is as near to it by another router as by itself has
 * both ways to who is there, but in FRR the straight one alone.
 */
static void
shared_link(struct plan *plan, size_t a, size_t b, size_t c, enum domain domain, uint32_t area)
{
	unsigned segment = (unsigned)++plan->n_segments;

	const uint32_t cost = plan_port(plan, a, segment, domain, area)->cost;

	plan_port(plan, b, segment, domain, area)->cost = cost;
	plan_port(plan, c, segment, domain, area)->cost = cost;
}

void
plan_loopback(struct plan *plan, size_t router, enum domain domain, uint32_t area)
{
	struct router *r = &plan->routers[router];

	r->loopback = 0xc0a80000u | (16 * area + r->number) << 8 | r->number; /* 192.168.N.N */
	r->loopback_domain = domain;
	r->loopback_area = area;
}

/* A network with nobody else on it. */
void
plan_stub(struct plan *plan, size_t router, enum domain domain, uint32_t area)
{
	struct port *p = plan_port(plan, router, (unsigned)++plan->n_segments, domain, area);

	p->passive = chance_one_in(&plan->chance, 2);
}

/* --- shapes ----------------------------------------------------------------------------------- */

static void
make_mesh(struct plan *plan, size_t first, size_t n, enum domain domain, uint32_t area)
{
	for (size_t a = 0; a < n; a++)
		for (size_t b = a + 1; b < n; b++)
			plan_link(plan, first + a, first + b, domain, area);
}

static void
make_ring(struct plan *plan, size_t first, size_t n, enum domain domain, uint32_t area)
{
	for (size_t a = 0; a < n; a++)
		if (n > 2 || a == 0)
			plan_link(plan, first + a, first + (a + 1) % n, domain, area);
}

static void
make_tree(struct plan *plan, size_t first, size_t n, enum domain domain, uint32_t area)
{
	for (size_t a = 1; a < n; a++)
		plan_link(plan, first + chance_of(&plan->chance, (uint32_t)a), first + a, domain,
		          area);
}

void
plan_shape(struct plan *plan, size_t first, size_t n, enum domain domain, uint32_t area)
{
	struct chance *c = &plan->chance;

	if (n < 2)
		return;
	switch (chance_of(c, 4)) {
	case 0:
		if (n <= 4) {
			make_mesh(plan, first, n, domain, area);
			break;
		}
		/* fall through */
	case 1:
		make_ring(plan, first, n, domain, area);
		break;
	case 2:
		make_ring(plan, first, n, domain, area);
		plan_link(plan, first, first + n / 2, domain, area); /* a second way, or a chord */
		break;
	default:
		make_tree(plan, first, n, domain, area);
		if (n >= 3)
			shared_link(plan, first, first + 1, first + 2, domain, area);
	}
}

/* --- configurations --------------------------------------------------------------------------- */

static const char *
dotted_text(uint32_t addr)
{
	static char text[4][ADDR_TEXT_MAX];
	static unsigned next;

	return addr_text(addr, text[next++ % 4]);
}

static void
put_ospf_port(const struct port *p, struct text *t)
{
	if (p->domain != DOMAIN_OSPF)
		return;
	text_printf(t, " ip ospf 1 area %u\n ip ospf hello-interval 1\n ip ospf dead-interval 3\n",
	            p->area);
	if (p->cost)
		text_printf(t, " ip ospf cost %u\n", p->cost);
	if (p->point_to_point)
		text_puts(t, " ip ospf network point-to-point\n");
}

static void
put_interfaces(const struct router *r, struct text *t)
{
	if (r->loopback)
		text_printf(t, "interface Loopback0\n ip address %s 255.255.255.255\n",
		            dotted_text(r->loopback));
	if (r->loopback && r->loopback_domain == DOMAIN_OSPF)
		text_printf(t, " ip ospf 1 area %u\n", r->loopback_area);
	for (size_t k = 0; k < r->n_ports; k++) {
		const struct port *p = &r->ports[k];

		text_printf(t, "interface GigabitEthernet0/%zu\n ip address %s %s\n no shutdown\n",
		            k, dotted_text(p->addr), dotted_text(prefix_mask(p->len)));
		put_ospf_port(p, t);
		if (p->domain == DOMAIN_EIGRP)
			text_puts(t, " ip hello-interval eigrp 1 1\n ip hold-time eigrp 1 3\n");
		if (p->domain == DOMAIN_EIGRP && p->cost)
			text_printf(t, " delay %u\n", p->cost);
	}
}

static void
put_passive(const struct router *r, enum domain domain, struct text *t)
{
	for (size_t k = 0; k < r->n_ports; k++)
		if (r->ports[k].domain == domain && r->ports[k].passive)
			text_printf(t, " passive-interface GigabitEthernet0/%zu\n", k);
}

/*
 * RIP's networks are whole classes: what else is in them belongs to RIP, too. So a router of RIP
 * has its other interfaces passive.
 */
static void
put_rip(const struct router *r, struct text *t)
{
	if (!r->rip)
		return;
	text_puts(t, "router rip\n version 2\n no auto-summary\n timers basic 5 15 15 25\n"
	             " network 10.0.0.0\n passive-interface default\n");
	for (size_t k = 0; k < r->n_ports; k++)
		if (r->ports[k].domain == DOMAIN_RIP && !r->ports[k].passive)
			text_printf(t, " no passive-interface GigabitEthernet0/%zu\n", k);
	if (r->loopback && r->loopback_domain == DOMAIN_RIP)
		text_printf(t, " network %s\n", dotted_text(r->loopback & 0xffffff00u));
	text_puts(t, text_string(&r->of_rip));
}

static void
put_eigrp(const struct router *r, struct text *t)
{
	if (!r->eigrp)
		return;
	text_puts(t, "router eigrp 1\n no auto-summary\n");
	for (size_t k = 0; k < r->n_ports; k++)
		if (r->ports[k].domain == DOMAIN_EIGRP)
			text_printf(t, " network %s 0.0.0.0\n", dotted_text(r->ports[k].addr));
	if (r->loopback && r->loopback_domain == DOMAIN_EIGRP)
		text_printf(t, " network %s 0.0.0.0\n", dotted_text(r->loopback));
	put_passive(r, DOMAIN_EIGRP, t);
	text_puts(t, text_string(&r->of_eigrp));
}

void
routes_config(const struct plan *plan, const struct router *r, struct text *t)
{
	text_printf(t, "! %s\nhostname R%u\n", plan->kind, r->number);
	put_interfaces(r, t);
	text_puts(t, text_string(&r->lists));
	if (r->ospf) {
		text_puts(t, "router ospf 1\n");
		put_passive(r, DOMAIN_OSPF, t);
		text_puts(t, text_string(&r->of_ospf));
	}
	put_rip(r, t);
	put_eigrp(r, t);
	if (r->as)
		text_printf(t, "router bgp %u\n bgp log-neighbor-changes\n timers bgp 1 3\n%s",
		            r->as, text_string(&r->of_bgp));
}

/* --- what breaks ------------------------------------------------------------------------------ */

/* A cable with two ends breaks for both; of a switch one of those that are plugged in goes. */
static void
choose_events(struct plan *plan)
{
	struct chance *c = &plan->chance;
	struct event e = {.router = chance_of(c, (uint32_t)plan->n_routers)};

	if (!plan->routers[e.router].n_ports)
		return;
	e.port = chance_of(c, (uint32_t)plan->routers[e.router].n_ports);
	plan->events[plan->n_events++] = e;
	if (chance_one_in(c, 3)) {
		e.up = true;
		plan->events[plan->n_events++] = e;
	}
}

bool
routes_plan(struct plan *plan, uint64_t seed, const char *kind)
{
	const struct routes_kind *k = NULL;

	*plan = (struct plan){.chance = {.state = seed}};
	if (!kind)
		k = &routes_kinds[seed % (n_routes_kinds - 1)];
	for (size_t i = 0; kind && i < n_routes_kinds; i++)
		if (strcmp(routes_kinds[i].name, kind) == 0)
			k = &routes_kinds[i];
	if (!k)
		return false;
	plan->kind = k->name;
	for (unsigned i = 0; i < ROUTERS_MAX; i++)
		plan->routers[i].number = i + 1;
	k->make(plan);
	choose_events(plan);
	return true;
}

void
routes_plan_fini(struct plan *plan)
{
	for (size_t i = 0; i < ROUTERS_MAX; i++) {
		struct router *r = &plan->routers[i];

		text_fini(&r->lists);
		text_fini(&r->of_ospf);
		text_fini(&r->of_rip);
		text_fini(&r->of_eigrp);
		text_fini(&r->of_bgp);
	}
}

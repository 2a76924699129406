/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which address, and where routes lead: see check_parts.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler/check/check_parts.h"
#include "compiler/policy/vrf.h"
#include "compiler/routing/routing.h"

#define HOPS_MAX 64 /* as many as a packet's life allows by default */

/* --- the index: open addressing, at most half full -------------------------------------------- */

/* One of an address in a VRF: the names of VRFs mean the same on all devices. */
struct owner {
	uint32_t addr; /* 0: free */
	const char *vrf;
	uint32_t device, interface;
};

struct address_index {
	const struct checkup *checkup;
	uint32_t mask;
	struct owner *slots;
};

/* Of several VRFs, those of one address stand in one row. */
static struct owner *
slot_of(const struct address_index *x, const char *vrf, uint32_t addr)
{
	uint32_t at = (addr * UINT32_C(2654435761)) >> 7;
	struct owner *o = &x->slots[at & x->mask];

	for (; o->addr && (o->addr != addr || !vrf_same(o->vrf, vrf)); o = &x->slots[at & x->mask])
		at++;
	return o;
}

/* Whoever has the address: in the global table, else in the first VRF that has it. */
static const struct owner *
any_owner(const struct address_index *x, uint32_t addr)
{
	const struct owner *o = slot_of(x, NULL, addr);
	uint32_t at = (addr * UINT32_C(2654435761)) >> 7;

	if (o->addr)
		return o;
	for (o = &x->slots[at & x->mask]; o->addr && o->addr != addr; o = &x->slots[at & x->mask])
		at++;
	return o;
}

static size_t
count_addresses(const struct checkup *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->devices[i].compiler.policy->n_interfaces;
	return n;
}

struct address_index *
address_index_new(const struct checkup *c)
{
	struct address_index *x = x_alloc(sizeof(*x));
	size_t size = 16, n = count_addresses(c);

	while (size < 2 * n)
		size *= 2;
	*x = (struct address_index){
	    .checkup = c, .mask = (uint32_t)size - 1, .slots = x_alloc(size * sizeof(*x->slots))};
	for (size_t i = 0; i < c->n; i++) {
		const struct policy *p = c->devices[i].compiler.policy;

		for (size_t k = 0; k < p->n_interfaces; k++) {
			const struct policy_interface *on = &p->interfaces[k];
			struct owner *o;

			if (!on->has_address || !on->addr || on->shutdown || on->unnumbered)
				continue;
			o = slot_of(x, on->vrf, on->addr);
			if (!o->addr)
				*o = (struct owner){on->addr, on->vrf, (uint32_t)i, (uint32_t)k};
		}
	}
	return x;
}

void
address_index_free(struct address_index *x)
{
	free(x->slots);
	free(x);
}

struct device *
address_owner(const struct address_index *x, uint32_t addr)
{
	const struct owner *o = addr ? any_owner(x, addr) : NULL;

	return o && o->addr ? &x->checkup->devices[o->device] : NULL;
}

void
check_duplicates(struct checkup *c)
{
	struct address_index *x = address_index_new(c);

	for (size_t i = 0; i < c->n; i++) {
		struct compiler *d = &c->devices[i].compiler;

		for (size_t k = 0; k < d->policy->n_interfaces; k++) {
			const struct policy_interface *on = &d->policy->interfaces[k];
			const struct policy *other;
			const struct owner *o;

			if (!on->has_address || !on->addr || on->shutdown || on->unnumbered)
				continue;
			o = slot_of(x, on->vrf, on->addr);
			if (o->device == i)
				continue;
			other = c->devices[o->device].compiler.policy;
			complain(d, DIAG_WARNING, "address-duplicate",
			         &d->raw.interfaces[k].address, NULL,
			         "%s has this address, too, on %s", other->hostname,
			         other->interfaces[o->interface].name);
		}
	}
	address_index_free(x);
}

/* --- routes ----------------------------------------------------------------------------------- */

static const struct policy_interface *
connected_by(const struct policy *p, const char *vrf, uint32_t addr)
{
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *on = &p->interfaces[i];

		if (!on->has_address || on->shutdown || !vrf_same(on->vrf, vrf))
			continue;
		if (!on->unnumbered && ((on->addr ^ addr) & prefix_mask(on->len)) == 0)
			return on;
		for (size_t k = 0; k < on->n_secondaries; k++)
			if (((on->secondaries[k].addr ^ addr) &
			     prefix_mask(on->secondaries[k].len)) == 0)
				return on;
	}
	return NULL;
}

/* Where a device sends what is for an address. */
struct way {
	bool found;
	uint8_t len, distance;
	uint32_t via;                   /* 0: out of an interface */
	const char *interface;          /* NULL: found through via */
	const struct routing_way *more; /* of a VPN's; NULL: no more than a hop */
};

static void
way_better(struct way *best, struct way way)
{
	if (!best->found || way.len > best->len ||
	    (way.len == best->len && way.distance < best->distance))
		*best = way;
}

/* One that is dropped (Null0) leads nowhere; nor does what no longer route is for. */
static void
learned_way(const struct address_index *x, size_t device, const char *vrf, uint32_t addr,
            struct way *best)
{
	const struct routing_table *t;

	if (!x->checkup->routing)
		return;
	t = routing_table(x->checkup->routing, device, vrf);
	for (size_t i = 0; i < t->n; i++)
		if (t->routes[i].n_hops && prefix_contains(t->routes[i].to, addr))
			way_better(best,
			           (struct way){true, t->routes[i].to.len, t->routes[i].distance,
			                        t->routes[i].hops[0].via,
			                        t->routes[i].hops[0].interface, t->routes[i].ways});
}

/* The most specific, then the nearest. */
static struct way
way_to(const struct address_index *x, size_t device, const char *vrf, uint32_t addr)
{
	const struct policy *p = x->checkup->devices[device].compiler.policy;
	struct way best = {.found = false};

	for (size_t i = 0; i < p->n_routes; i++)
		if (vrf_same(p->routes[i].vrf, vrf) && prefix_contains(p->routes[i].to, addr))
			way_better(&best,
			           (struct way){true, p->routes[i].to.len, p->routes[i].distance,
			                        p->routes[i].via, p->routes[i].interface, NULL});
	learned_way(x, device, vrf, addr, &best);
	return best;
}

const struct device *
path_breaks(const struct address_index *x, const struct device *from, const char *vrf, uint32_t to,
            bool *ret_loop)
{
	const struct device *at = from;

	*ret_loop = false;
	for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
		const struct owner *next;
		struct way way;

		if (connected_by(at->compiler.policy, vrf, to))
			return NULL;
		way = way_to(x, (size_t)(at - x->checkup->devices), vrf, to);
		if (!way.found)
			return x->checkup->open && routing_configured(at->compiler.policy) ? NULL
			                                                                   : at;
		if (way.more && way.more->vrf) { /* through a provider's core, or another VRF */
			if (way.more->egress)
				at = &x->checkup->devices[way.more->egress - 1];
			vrf = way.more->vrf;
			continue;
		}
		if (!way.via)
			return NULL; /* out of an interface: who is there is not known */
		next = any_owner(x, way.via);
		if (!next->addr)
			return NULL;
		at = &x->checkup->devices[next->device];
		vrf = at->compiler.policy->interfaces[next->interface].vrf;
	}
	*ret_loop = true;
	return at;
}

bool
path_next(const struct address_index *x, size_t device, const char *vrf, uint32_t to,
          const char **ret_interface, uint32_t *ret_next)
{
	const struct policy *p = x->checkup->devices[device].compiler.policy;
	const struct policy_interface *on = connected_by(p, vrf, to);
	struct way way;

	*ret_next = to;
	if (!on) {
		way = way_to(x, device, vrf, to);
		if (!way.found)
			return false;
		*ret_next = way.via ? way.via : to;
		*ret_interface = way.interface;
		on = way.interface ? NULL : connected_by(p, vrf, way.via);
	}
	if (on)
		*ret_interface = on->name;
	return *ret_interface;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that routing protocols of the devices would settle on. Which interfaces share a link
 * is not in their configurations: those of one network and one VLAN are taken to. All are up.
 */
#include "compiler/check/check_parts.h"
#include "compiler/routing/routing.h"

#include <stdlib.h>
#include <string.h>

#define SETTLED SECONDS(1200) /* of any timer that anybody waits for */

/* --- who shares a link ------------------------------------------------------------------------ */

struct link_end {
	uint32_t net;
	uint8_t len;
	uint16_t vlan;
	uint32_t device;
	const char *interface;
	const struct word *word; /* its address */
};

static int
link_order(const void *x, const void *y)
{
	const struct link_end *a = x, *b = y;

	if (a->net != b->net)
		return a->net < b->net ? -1 : 1;
	if (a->len != b->len)
		return a->len - b->len;
	if (a->vlan != b->vlan)
		return a->vlan - b->vlan;
	return a->device < b->device ? -1 : a->device > b->device;
}

static bool
is_end(const struct policy_interface *on)
{
	return on->has_address && on->addr && !on->shutdown && !on->unnumbered;
}

static size_t
ends_list(const struct checkup *c, struct link_end **ret)
{
	size_t n = 0, capacity = 0;

	*ret = NULL;
	for (size_t i = 0; i < c->n; i++) {
		const struct policy *p = c->devices[i].compiler.policy;

		for (size_t k = 0; k < p->n_interfaces; k++) {
			const struct policy_interface *on = &p->interfaces[k];

			if (!is_end(on))
				continue;
			x_grow(ret, &capacity, n + 1, sizeof(**ret));
			(*ret)[n++] = (struct link_end){
			    .net = on->addr & prefix_mask(on->len),
			    .len = on->len,
			    .vlan = on->vlan,
			    .device = (uint32_t)i,
			    .interface = on->name,
			    .word = &c->devices[i].compiler.raw.interfaces[k].address};
		}
	}
	if (n)
		qsort(*ret, n, sizeof(**ret), link_order);
	return n;
}

static bool
same_link(const struct link_end *a, const struct link_end *b)
{
	return a->net == b->net && a->len == b->len && a->vlan == b->vlan;
}

void
check_each_link(const struct checkup *c,
                void (*fn)(void *arg, size_t device, const char *interface, uint32_t segment),
                void *arg)
{
	struct link_end *ends;
	size_t n = ends_list(c, &ends);
	uint32_t segment = 0;

	for (size_t i = 0; i < n; i++) {
		const struct link_end *e = &ends[i];

		if (!i || !same_link(e, e - 1))
			segment++;
		fn(arg, e->device, e->interface, policy_names_loopback(e->interface) ? 0 : segment);
	}
	free(ends);
}

bool
check_link_shared(const struct checkup *c, size_t device, const char *interface)
{
	struct link_end *ends;
	size_t n = ends_list(c, &ends);
	bool shared = false;

	for (size_t i = 0; i < n; i++)
		if (ends[i].device == device && strcmp(ends[i].interface, interface) == 0)
			shared = (i > 0 && same_link(&ends[i], &ends[i - 1])) ||
			         (i + 1 < n && same_link(&ends[i], &ends[i + 1]));
	free(ends);
	return shared;
}

static void
join_link(void *arg, size_t device, const char *interface, uint32_t segment)
{
	routing_interface(arg, device, interface, segment, true);
}

/* --- all -------------------------------------------------------------------------------------- */

struct routing *
check_routing_new(const struct checkup *c)
{
	const struct routing_env env = {.arg = NULL};
	bool any = false;
	struct routing *r;
	msec next, now = 0;

	for (size_t i = 0; i < c->n; i++)
		any = any || routing_configured(c->devices[i].compiler.policy);
	if (!any)
		return NULL;
	r = routing_new(&env);
	for (size_t i = 0; i < c->n; i++) {
		routing_node_add(r);
		routing_node_policy(r, i, c->devices[i].compiler.policy);
	}
	check_each_link(c, join_link, r);
	while ((next = routing_update(r, now)) <= SETTLED)
		now = next;
	return r;
}

void
check_adjacencies(struct checkup *c, struct routing *r)
{
	struct link_end *ends;
	size_t n = ends_list(c, &ends);

	for (size_t i = 1; r && i < n; i++) {
		const struct link_end *e = &ends[i], *other = e - 1;
		const char *what;

		if (!same_link(e, other) || e->device == other->device)
			continue;
		what = routing_ospf_differs(r, other->device, other->interface, e->device,
		                            e->interface);
		if (what)
			complain(&c->devices[e->device].compiler, DIAG_WARNING, "ospf-differs",
			         e->word, NULL,
			         "OSPF has no neighbor in %s on this network: %s differs",
			         c->devices[other->device].compiler.policy->hostname, what);
	}
	free(ends);
}

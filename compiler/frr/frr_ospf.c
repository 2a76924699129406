/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OSPF. What an interface has of it is said at the interface; loopbacks are addresses of one
 * device, and told apart by address.
 */
#include "compiler/frr/frr_priv.h"

#include <string.h>

#define DISTANCE     110
#define PATHS        4
#define BANDWIDTH    100000 /* kbit/s, of an interface of which nobody knows */
#define TEXT_KEY_MAX 8
#define MD5_KEY_MAX  16

const struct policy_ospf *
frr_ospf_process(const struct policy *p)
{
	for (size_t k = 0; k < p->routing.n_ospf; k++)
		if (!p->routing.ospf[k].vrf && !p->routing.ospf[k].shutdown)
			return &p->routing.ospf[k];
	return NULL;
}

/* --- an interface ----------------------------------------------------------------------------- */

static enum ospf_auth
auth_of(const struct policy_ospf *o, const struct policy_ospf_interface *conf, uint32_t area)
{
	if (conf && conf->auth != OSPF_AUTH_UNSET)
		return conf->auth;
	for (size_t k = 0; k < o->n_areas; k++)
		if (o->areas[k].area == area && o->areas[k].auth != OSPF_AUTH_UNSET)
			return o->areas[k].auth;
	return OSPF_AUTH_NULL;
}

/* Without the key that is configured nothing is said, and nothing is believed. */
static bool
put_auth(struct frr_out *out, const struct policy_ospf_interface *conf, enum ospf_auth auth)
{
	size_t max = auth == OSPF_AUTH_MD5 ? MD5_KEY_MAX : TEXT_KEY_MAX;

	if (auth == OSPF_AUTH_NULL) {
		text_puts(&out->body, " ip ospf authentication null\n");
		return true;
	}
	text_printf(&out->body, " ip ospf authentication%s\n",
	            auth == OSPF_AUTH_MD5 ? " message-digest" : "");
	if (!conf || !conf->key.n)
		return true;
	if (!frr_is_word(conf->key) || conf->key.n > max)
		return false;
	if (auth == OSPF_AUTH_MD5)
		text_printf(&out->body, " ip ospf message-digest-key %u md5 %.*s\n", conf->key_id,
		            (int)conf->key.n, (const char *)conf->key.p);
	else
		text_printf(&out->body, " ip ospf authentication-key %.*s\n", (int)conf->key.n,
		            (const char *)conf->key.p);
	return true;
}

static const char *
network_word(enum ospf_network network)
{
	return network == OSPF_NBMA                  ? "non-broadcast"
	       : network == OSPF_POINT_TO_POINT      ? "point-to-point"
	       : network == OSPF_POINT_TO_MULTIPOINT ? "point-to-multipoint"
	                                             : "broadcast";
}

static void
put_timers(struct frr_out *out, const struct policy_ospf_interface *conf, enum ospf_network network)
{
	bool slow = network == OSPF_NBMA || network == OSPF_POINT_TO_MULTIPOINT;
	uint32_t hello = conf && conf->hello ? conf->hello : slow ? 30 : 10;
	uint32_t dead = conf && conf->dead ? conf->dead : 4 * hello;

	text_printf(&out->body, " ip ospf hello-interval %u\n ip ospf dead-interval %u\n", hello,
	            dead < 65535 ? dead : 65535);
}

static void
put_link(struct frr_out *out, const struct policy_interface *i, const struct policy_ospf *o,
         uint32_t area)
{
	const struct policy_ospf_interface *conf = i->ospf;
	enum ospf_network network = policy_ospf_network(i->name, conf);
	bool passive = policy_is_passive(&o->passive, i->name);

	text_printf(&out->body, " ip ospf network %s\n", network_word(network));
	put_timers(out, conf, network);
	if (conf && conf->priority >= 0)
		text_printf(&out->body, " ip ospf priority %d\n", conf->priority);
	if (conf && conf->mtu_ignore)
		text_puts(&out->body, " ip ospf mtu-ignore\n");
	if (!put_auth(out, conf, auth_of(o, conf, area))) {
		frr_say_lack(out, FRR_AT_INTERFACE, 0, i->name,
		             "this key of OSPF: the interface is passive");
		passive = true;
	}
	if (passive)
		text_puts(&out->body, " ip ospf passive\n");
}

void
frr_ospf_interface(struct frr_out *out, const struct policy_interface *i, const char *device)
{
	uint32_t area, kbits = i->bandwidth ? i->bandwidth : BANDWIDTH;
	const struct policy_ospf *o = policy_ospf_at(out->policy, i, &area);
	bool loopback = policy_names_loopback(i->name);
	char at[ADDR_TEXT_MAX + 1] = "";

	(void)device;
	if (!o || o != frr_ospf_process(out->policy))
		return;
	if (loopback) {
		at[0] = ' ';
		addr_text(i->addr, at + 1);
	}
	text_printf(&out->body, " ip ospf area %u%s\n ip ospf cost %u%s\n", area, at,
	            policy_ospf_cost(o, i->ospf, kbits), at);
	if (!loopback)
		put_link(out, i, o, area);
	else if (i->ospf && i->ospf->network != OSPF_NETWORK_DEFAULT && i->len < 32)
		frr_say_lack(out, FRR_AT_INTERFACE, 0, i->name,
		             "the network of a loopback in OSPF: it is told as a host");
}

/* --- areas ------------------------------------------------------------------------------------ */

/* Is it where border routers are? */
static bool
is_in_backbone(const struct frr_out *out, const struct policy_ospf *o)
{
	const struct policy *p = out->policy;
	uint32_t area;

	for (size_t k = 0; k < p->n_interfaces; k++)
		if (policy_ospf_at(p, &p->interfaces[k], &area) == o && area == 0)
			return true;
	return false;
}

static void
put_area_kind(struct frr_out *out, const struct policy_ospf *o, const struct policy_ospf_area *a)
{
	if (!a->stub && !a->nssa)
		return;
	text_printf(&out->body, " area %u %s%s\n", a->area, a->stub ? "stub" : "nssa",
	            a->no_summary ? " no-summary" : "");
	if (a->default_cost)
		text_printf(&out->body, " area %u default-cost %u\n", a->area, a->default_cost);
	if (a->nssa && is_in_backbone(out, o))
		frr_say_lack(out, FRR_AT_OSPF, o->process, NULL,
		             "metrics of what area %u nssa tells: other areas are told 20",
		             a->area);
	if (a->nssa && !a->no_summary)
		frr_say_lack(out, FRR_AT_OSPF, o->process, NULL,
		             "area %u nssa: FRR tells it a default route of type 3 in any case",
		             a->area);
	if (a->nssa && o->default_originate)
		frr_say_lack(out, FRR_AT_OSPF, o->process, NULL,
		             "keeping its default route out of area %u nssa", a->area);
	if (a->default_originate && !is_in_backbone(out, o))
		frr_say_lack(out, FRR_AT_OSPF, o->process, NULL,
		             "area %u nssa default-information-originate", a->area);
	if (a->no_redistribution)
		frr_say_lack(out, FRR_AT_OSPF, o->process, NULL, "area %u nssa no-redistribution",
		             a->area);
}

static void
put_area(struct frr_out *out, const struct policy_ospf *o, const struct policy_ospf_area *a)
{
	char id[ADDR_TEXT_MAX];

	put_area_kind(out, o, a);
	if (a->auth == OSPF_AUTH_MD5 || a->auth == OSPF_AUTH_TEXT)
		text_printf(&out->body, " area %u authentication%s\n", a->area,
		            a->auth == OSPF_AUTH_MD5 ? " message-digest" : "");
	for (size_t k = 0; k < a->n_ranges; k++) {
		const struct policy_ospf_range *r = &a->ranges[k];

		text_printf(&out->body, " area %u range %s", a->area,
		            frr_prefix_text(out, r->prefix));
		if (!r->advertise)
			text_puts(&out->body, " not-advertise");
		else if (r->cost)
			text_printf(&out->body, " cost %u", r->cost);
		text_puts(&out->body, "\n");
	}
	for (size_t k = 0; k < a->n_virtual_links; k++)
		text_printf(&out->body, " area %u virtual-link %s\n", a->area,
		            addr_text(a->virtual_links[k], id));
}

/* --- the process ------------------------------------------------------------------------------ */

static void
put_default_route(struct frr_out *out, const struct policy_ospf *o)
{
	if (!o->default_originate)
		return;
	text_printf(&out->body, " default-information originate%s metric %u metric-type %u",
	            o->default_always ? " always" : "",
	            o->default_metric_originated ? o->default_metric_originated : 1,
	            o->default_metric_type == 1 ? 1 : 2);
	if (o->default_map)
		text_printf(&out->body, " route-map %s", frr_route_map(out, o->default_map));
	text_puts(&out->body, "\n");
}

static void
put_summaries(struct frr_out *out, const struct policy_ospf *o)
{
	for (size_t k = 0; k < o->n_summaries; k++) {
		const struct policy_ospf_summary *s = &o->summaries[k];

		text_printf(&out->body, " summary-address %s", frr_prefix_text(out, s->prefix));
		if (!s->advertise)
			text_puts(&out->body, " no-advertise");
		else if (s->tag)
			text_printf(&out->body, " tag %u", s->tag);
		text_puts(&out->body, "\n");
	}
}

static void
put_process(struct frr_out *out, const struct policy_ospf *o)
{
	char a[ADDR_TEXT_MAX];
	uint8_t d[3];

	for (int k = 0; k < 3; k++)
		d[k] = o->distance[k] ? o->distance[k] : DISTANCE;
	text_printf(&out->body, "router ospf\n ospf router-id %s\n",
	            addr_text(o->router_id ? o->router_id : policy_router_id(out->policy), a));
	if (o->log_adjacency_changes)
		text_printf(&out->body, " log-adjacency-changes%s\n",
		            o->log_detail ? " detail" : "");
	text_printf(&out->body, " %scompatible rfc1583\n", o->strict_paths ? "no " : "");
	text_printf(&out->body, " maximum-paths %u\n", o->maximum_paths ? o->maximum_paths : PATHS);
	text_printf(&out->body, " distance ospf intra-area %u inter-area %u external %u\n", d[0],
	            d[1], d[2]);
	for (size_t k = 0; k < o->n_areas; k++)
		put_area(out, o, &o->areas[k]);
	put_default_route(out, o);
	put_summaries(out, o);
	for (size_t k = 0; k < o->n_neighbors; k++)
		text_printf(&out->body, " neighbor %s\n", addr_text(o->neighbors[k], a));
}

void
frr_ospf(struct frr_out *out)
{
	const struct policy *p = out->policy;
	const struct policy_ospf *o = frr_ospf_process(p);

	for (size_t k = 0; k < p->routing.n_ospf; k++)
		if (&p->routing.ospf[k] != o && !p->routing.ospf[k].vrf &&
		    !p->routing.ospf[k].shutdown)
			frr_say_lack(out, FRR_AT_OSPF, p->routing.ospf[k].process, NULL,
			             "a second process of OSPF");
	if (!o)
		return;
	put_process(out, o);
	frr_redistribute(out, &(struct frr_target){.place = FRR_AT_OSPF,
	                                           .number = o->process,
	                                           .source = ROUTING_OSPF,
	                                           .lines = o->redistributes,
	                                           .n_lines = o->n_redistributes,
	                                           .filters = o->filters,
	                                           .n_filters = o->n_filters,
	                                           .default_metric = o->default_metric,
	                                           .refuses_default = false});
	text_puts(&out->body, "exit\n");
	frr_table_filters(out, "ospf", o->filters, o->n_filters);
}

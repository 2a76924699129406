/* SPDX-License-Identifier: Apache-2.0 */
/* EIGRP, as far as eigrpd has it. */
#include "compiler/frr/frr_priv.h"

#define HELLO 5 /* seconds */
#define HOLD  15

bool
frr_eigrp_runs_at(const struct policy_eigrp *e, const struct policy_interface *i)
{
	return !e->vrf && !e->shutdown && !i->vrf && i->has_address &&
	       policy_network_covers(e->networks, e->n_networks, i->addr);
}

static const struct policy_eigrp *
process_of(const struct policy *p)
{
	for (size_t k = 0; k < p->routing.n_eigrp; k++)
		if (!p->routing.eigrp[k].vrf && !p->routing.eigrp[k].shutdown)
			return &p->routing.eigrp[k];
	return NULL;
}

/* --- an interface ----------------------------------------------------------------------------- */

/* eigrpd takes it for interfaces at which it speaks: after the process. */
static void
put_interface(struct frr_out *out, const struct policy_eigrp *e, const struct policy_interface *i)
{
	const char *device = frr_device(out, i->name);
	const struct policy_eigrp_interface *conf = NULL;

	if (!device || !frr_eigrp_runs_at(e, i) || policy_names_loopback(i->name))
		return;
	text_printf(&out->body, "interface %s\n", device);
	for (size_t k = 0; k < i->n_eigrp; k++)
		if (i->eigrp[k].as == e->as)
			conf = &i->eigrp[k];
	if (i->bandwidth)
		text_printf(&out->body, " eigrp bandwidth %u\n", i->bandwidth);
	if (i->delay)
		text_printf(&out->body, " delay %u\n", i->delay);
	text_printf(&out->body, " ip hello-interval eigrp %u\n ip hold-time eigrp %u\n",
	            conf && conf->hello ? conf->hello : HELLO,
	            conf && conf->hold ? conf->hold : HOLD);
	if (conf && conf->n_summaries)
		frr_say_lack(out, FRR_AT_INTERFACE, 0, i->name,
		             "ip summary-address eigrp: routes are told one by one");
	if (conf && conf->no_split_horizon)
		frr_say_lack(out, FRR_AT_INTERFACE, 0, i->name, "no ip split-horizon eigrp");
	text_puts(&out->body, "exit\n");
}

/* --- the process ------------------------------------------------------------------------------ */

static void
put_interfaces(struct frr_out *out, const struct policy_eigrp *e)
{
	const struct policy *p = out->policy;

	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];
		const char *device = frr_device(out, i->name);

		if (!device || !frr_eigrp_runs_at(e, i))
			continue;
		text_printf(&out->body, " network %s\n",
		            frr_prefix_text(out, (struct prefix){i->addr, i->len}));
		if (policy_is_passive(&e->passive, i->name) && !policy_names_loopback(i->name))
			text_printf(&out->body, " passive-interface %s\n", device);
	}
}

static void
say_lacks(struct frr_out *out, const struct policy_eigrp *e)
{
	if (e->stub)
		frr_say_lack(out, FRR_AT_EIGRP, e->as, NULL, "eigrp stub: all routes are told");
	if (e->auto_summary)
		frr_say_lack(out, FRR_AT_EIGRP, e->as, NULL, "auto-summary of EIGRP");
	if (e->n_filters)
		frr_say_lack(
		    out, FRR_AT_EIGRP, e->as, NULL,
		    "distribute-lists of EIGRP: they keep routes out of the table here, and "
		    "neighbors are told all");
	if (e->distance[0] || e->distance[1])
		frr_say_lack(out, FRR_AT_EIGRP, e->as, NULL, "distances of EIGRP");
	if (e->has_default_metric)
		frr_say_lack(out, FRR_AT_EIGRP, e->as, NULL, "default-metric of EIGRP");
}

static void
put_process(struct frr_out *out, const struct policy_eigrp *e)
{
	char a[ADDR_TEXT_MAX];

	text_printf(&out->body, "router eigrp %u\n eigrp router-id %s\n", e->as,
	            addr_text(e->router_id ? e->router_id : policy_router_id(out->policy), a));
	text_printf(&out->body, " metric weights %u %u %u %u %u\n", e->k[0], e->k[1], e->k[2],
	            e->k[3], e->k[4]);
	if (e->variance)
		text_printf(&out->body, " variance %u\n", e->variance);
	text_printf(&out->body, " maximum-paths %u\n", e->maximum_paths ? e->maximum_paths : 4);
	put_interfaces(out, e);
	for (size_t k = 0; k < e->n_neighbors; k++)
		text_printf(&out->body, " neighbor %s\n", addr_text(e->neighbors[k].addr, a));
	say_lacks(out, e);
}

void
frr_eigrp(struct frr_out *out)
{
	const struct policy *p = out->policy;
	const struct policy_eigrp *e = process_of(p);

	for (size_t k = 0; k < p->routing.n_eigrp; k++)
		if (&p->routing.eigrp[k] != e && !p->routing.eigrp[k].vrf &&
		    !p->routing.eigrp[k].shutdown)
			frr_say_lack(out, FRR_AT_EIGRP, p->routing.eigrp[k].as, NULL,
			             "a second process of EIGRP");
	if (!e)
		return;
	put_process(out, e);
	frr_redistribute(out, &(struct frr_target){.place = FRR_AT_EIGRP,
	                                           .number = e->as,
	                                           .source = ROUTING_EIGRP,
	                                           .lines = e->redistributes,
	                                           .n_lines = e->n_redistributes,
	                                           .filters = e->filters,
	                                           .n_filters = e->n_filters});
	text_puts(&out->body, "exit\n");
	frr_table_filters(out, "eigrp", e->filters, e->n_filters);
	for (size_t k = 0; k < p->n_interfaces; k++)
		put_interface(out, e, &p->interfaces[k]);
}

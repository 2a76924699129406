/* SPDX-License-Identifier: Apache-2.0 */
/* RIP. Networks are those of the interfaces; a version that is not said is IOS's. */
#include "compiler/frr/frr_priv.h"

#define DISTANCE  120
#define UPDATE    30 /* seconds */
#define INVALID   180
#define FLUSH     240
#define TIMER_MIN 5 /* of FRR's */

bool
frr_rip_runs_at(const struct policy *p, const struct policy_interface *i)
{
	const struct policy_rip *r = &p->routing.rip;

	return r->configured && !i->vrf && i->has_address &&
	       policy_network_covers(r->networks, r->n_networks, i->addr);
}

static uint32_t
timer_of(uint32_t configured, uint32_t by_default)
{
	uint32_t seconds = configured ? configured : by_default;

	return seconds < TIMER_MIN ? TIMER_MIN : seconds;
}

static void
put_timers(struct frr_out *out, const struct policy_rip *r)
{
	uint32_t update = timer_of(r->update, UPDATE), invalid = timer_of(r->invalid, INVALID);
	uint32_t flush = timer_of(r->flush, FLUSH);

	text_printf(&out->body, " timers basic %u %u %u\n", update, invalid,
	            timer_of(flush > invalid ? flush - invalid : 1, 1));
	if ((r->update && r->update < update) || (r->invalid && r->invalid < invalid))
		frr_say_lack(out, FRR_AT_RIP, 0, NULL, "timers of RIP below %d seconds", TIMER_MIN);
}

static void
put_filter(struct frr_out *out, const char *list, const char *way, const char *device)
{
	text_printf(&out->body, " distribute-list %s %s%s%s\n", list, way, device ? " " : "",
	            device ? device : "");
}

static void
put_filters(struct frr_out *out, const struct policy_rip *r)
{
	for (size_t k = 0; k < r->n_filters; k++) {
		const struct policy_route_filter *f = &r->filters[k];
		const char *device = f->interface ? frr_device(out, f->interface) : NULL;
		const char *way = f->out ? "out" : "in";

		if (f->by_source || (f->interface && !device))
			continue;
		if (f->map) {
			frr_say_lack(out, FRR_AT_RIP, 0, NULL,
			             "a distribute-list of a route map: no route passes");
			put_filter(out, frr_none(out), way, device);
		}
		if (f->acl && f->acl->n_aces)
			put_filter(out, frr_acl(out, f->acl), way, device);
		if (f->prefix_list && f->prefix_list->n_entries)
			put_filter(out,
			           arena_printf(out->arena, "prefix %s",
			                        frr_prefix_list(out, f->prefix_list)),
			           way, device);
	}
}

static void
put_interfaces(struct frr_out *out, const struct policy_rip *r)
{
	const struct policy *p = out->policy;

	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];
		const char *device = frr_device(out, i->name);

		if (!device || !frr_rip_runs_at(p, i))
			continue;
		text_printf(&out->body, " network %s\n",
		            frr_prefix_text(out, (struct prefix){i->addr, i->len}));
		if (policy_is_passive(&r->passive, i->name) && !policy_names_loopback(i->name))
			text_printf(&out->body, " passive-interface %s\n", device);
	}
}

/* IOS sends version 1 and takes both; FRR sends 2. */
static void
put_version(struct frr_out *out, const struct policy_rip *r)
{
	const struct policy *p = out->policy;

	if (r->version)
		return;
	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];
		const char *device = frr_device(out, i->name);

		if (device && frr_rip_runs_at(p, i) && !policy_names_loopback(i->name))
			text_printf(&out->body,
			            "interface %s\n ip rip send version 1\n"
			            " ip rip receive version 1 2\nexit\n",
			            device);
	}
}

static void
put_process(struct frr_out *out, const struct policy_rip *r)
{
	char a[ADDR_TEXT_MAX];

	text_puts(&out->body, "router rip\n");
	if (r->version)
		text_printf(&out->body, " version %u\n", r->version);
	else
		text_puts(&out->body, " no version\n");
	put_timers(out, r);
	text_printf(&out->body, " distance %u\n", r->distance ? r->distance : DISTANCE);
	text_printf(&out->body, " %sallow-ecmp\n", r->maximum_paths == 1 ? "no " : "");
	if (r->auto_summary && r->version == 2)
		frr_say_lack(out, FRR_AT_RIP, 0, NULL,
		             "auto-summary of RIP: subnets are told as they are");
	put_interfaces(out, r);
	for (size_t k = 0; k < r->n_neighbors; k++)
		text_printf(&out->body, " neighbor %s\n", addr_text(r->neighbors[k], a));
	if (r->default_originate)
		text_puts(&out->body, " default-information originate\n");
	if (r->default_map)
		frr_say_lack(out, FRR_AT_RIP, 0, NULL,
		             "a route map of default-information: the default route is told");
	put_filters(out, r);
}

void
frr_rip(struct frr_out *out)
{
	const struct policy_rip *r = &out->policy->routing.rip;

	if (!r->configured)
		return;
	put_process(out, r);
	frr_redistribute(out, &(struct frr_target){.place = FRR_AT_RIP,
	                                           .source = ROUTING_RIP,
	                                           .lines = r->redistributes,
	                                           .n_lines = r->n_redistributes,
	                                           .filters = r->filters,
	                                           .n_filters = r->n_filters,
	                                           .default_metric = r->default_metric});
	text_puts(&out->body, "exit\n");
	put_version(out, r);
}

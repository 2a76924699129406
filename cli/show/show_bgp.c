/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip bgp ...`, and BGP's part of `show ip protocols`. */
#include "cli/show/show_routing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compiler/policy/vrf.h"

#define KEEPALIVE 60 /* seconds, where nothing is configured */

/* --- the table -------------------------------------------------------------------------------- */

static const char legend[] =
    "Status codes: s suppressed, d damped, h history, * valid, > best, i - internal, \n"
    "              r RIB-failure, S Stale, m multipath, b backup-path, f RT-Filter, \n"
    "              x best-external, a additional-path, c RIB-compressed, \n"
    "              t secondary path, L long-lived-stale,\n"
    "Origin codes: i - IGP, e - EGP, ? - incomplete\n"
    "RPKI validation codes: V valid, I invalid, N Not found\n\n"
    "     Network          Next Hop            Metric LocPrf Weight Path\n";

static void
put_as_path(struct text *t, const struct bgp_shown_path *p)
{
	for (size_t k = 0; k < p->n_as; k++)
		text_printf(t, "%" PRIu32 " ", p->as[k]);
	if (!p->n_set)
		return;
	for (size_t k = 0; k < p->n_set; k++)
		text_printf(t, "%s%" PRIu32, k ? "," : "{", p->set[k]);
	text_puts(t, "} ");
}

/* Local preference is shown of what came from within, as it is sent there alone. */
static void
path_line(struct text *t, const struct bgp_shown_path *p, const char *network)
{
	char a[ADDR_TEXT_MAX], preference[16] = "";

	if (!p->external && !p->local)
		snprintf(preference, sizeof(preference), "%" PRIu32, p->local_preference);
	text_printf(t, " %c%c%c  %-16s %-15s %10" PRIu32 " %6s %6u ", p->valid ? '*' : ' ',
	            p->best ? '>' : ' ', p->external || p->local ? ' ' : 'i', network,
	            addr_text(p->next_hop, a), p->med, preference, p->weight);
	put_as_path(t, p);
	text_printf(t, "%c\n", "ie?"[p->origin < 3 ? p->origin : 2]);
}

/* A line over all routes of one distinguisher. */
static void
rd_line(struct text *t, const struct bgp_shown_route *r)
{
	char rd[ROUTE_TARGET_TEXT_MAX];

	text_printf(t, "Route Distinguisher: %s", route_target_text(r->rd, rd));
	if (r->vrf)
		text_printf(t, " (default for vrf %s)", r->vrf);
	text_puts(t, "\n");
}

void
show_bgp_table(struct text *t, const struct bgp_shown *b)
{
	char a[ADDR_TEXT_MAX], network[ADDR_TEXT_MAX + 4];

	if (!b->n_routes)
		return;
	text_printf(t, "BGP table version is %zu, local router ID is %s\n", b->n_routes + 1,
	            addr_text(b->router_id, a));
	text_puts(t, legend);
	for (size_t k = 0; k < b->n_routes; k++) {
		const struct bgp_shown_route *r = &b->routes[k];

		if (r->has_rd && (!k || r[-1].rd != r->rd || r[-1].vrf != r->vrf))
			rd_line(t, r);
		snprintf(network, sizeof(network), "%s/%u", addr_text(r->to.addr, a), r->to.len);
		for (size_t i = 0; i < r->n; i++)
			path_line(t, &r->paths[i], i ? "" : network);
	}
}

/* What a path has for VPNs. */
static void
path_vpn(struct text *t, const struct bgp_shown_path *p)
{
	char target[ROUTE_TARGET_TEXT_MAX];

	for (size_t k = 0; k < p->n_targets; k++)
		text_printf(t, "%sRT:%s", k ? " " : "      Extended Community: ",
		            route_target_text(p->targets[k], target));
	if (p->n_targets && p->ospf_domain)
		text_printf(t, " OSPF DOMAIN ID:0x0005:0x%08" PRIX32 "0200", p->ospf_domain);
	if (p->n_targets)
		text_puts(t, "\n");
	if (!p->in && !p->out)
		return;
	text_puts(t, "      mpls labels in/out ");
	if (p->in)
		text_printf(t, "%" PRIu32 "/", p->in);
	else
		text_puts(t, "nolabel/");
	if (p->out)
		text_printf(t, "%" PRIu32 "\n", p->out);
	else
		text_puts(t, "nolabel\n");
}

static void
path_detail(struct text *t, const struct bgp_shown_path *p)
{
	static const char *const origins[] = {"IGP", "EGP", "incomplete"};
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], c[ADDR_TEXT_MAX];

	text_puts(t, "  Refresh Epoch 1\n  ");
	if (p->n_as || p->n_set) {
		put_as_path(t, p);
		t->n--;
		text_puts(t, "\n");
	} else {
		text_puts(t, "Local\n");
	}
	text_printf(t, "    %s", addr_text(p->next_hop, a));
	if (p->unlabelled)
		text_puts(t, " (no label)");
	else if (p->igp)
		text_printf(t, " (metric %" PRIu32 ")", p->igp);
	text_printf(t, " from %s (%s)\n", addr_text(p->from, b), addr_text(p->router_id, c));
	text_printf(t, "      Origin %s, metric %" PRIu32 ", localpref %" PRIu32,
	            origins[p->origin < 3 ? p->origin : 2], p->med, p->local_preference);
	if (p->weight)
		text_printf(t, ", weight %u", p->weight);
	text_printf(t, "%s%s%s\n", p->valid ? ", valid" : "",
	            p->local      ? ", sourced, local"
	            : p->external ? ", external"
	                          : ", internal",
	            p->best ? ", best" : "");
	for (size_t k = 0; k < p->n_communities; k++)
		text_printf(t, "%s%" PRIu32 ":%" PRIu32 "%s",
		            k ? " " : "      Community: ", p->communities[k] >> 16,
		            p->communities[k] & 0xffff, k + 1 == p->n_communities ? "\n" : "");
	if (p->originator)
		text_printf(t, "      Originator: %s", addr_text(p->originator, a));
	for (size_t k = 0; k < p->n_clusters; k++)
		text_printf(t, "%s%s", k ? ", " : ", Cluster list: ", addr_text(p->clusters[k], a));
	if (p->originator)
		text_puts(t, "\n");
	path_vpn(t, p);
}

void
show_bgp_entry(struct text *t, const struct bgp_shown *b, uint32_t addr, const uint8_t *len)
{
	const struct bgp_shown_route *best = NULL;
	char a[ADDR_TEXT_MAX], rd[ROUTE_TARGET_TEXT_MAX];
	size_t at = 0;

	for (size_t k = 0; k < b->n_routes; k++) {
		const struct bgp_shown_route *r = &b->routes[k];

		if (len ? r->to.len == *len && r->to.addr == (addr & prefix_mask(*len))
		        : prefix_contains(r->to, addr) && (!best || r->to.len > best->to.len))
			best = r;
	}
	if (!best) {
		text_puts(t, "% Network not in table\n");
		return;
	}
	while (at < best->n && !best->paths[at].best)
		at++;
	text_puts(t, "BGP routing table entry for ");
	if (best->has_rd)
		text_printf(t, "%s:", route_target_text(best->rd, rd));
	text_printf(t, "%s/%u, version %zu\n", addr_text(best->to.addr, a), best->to.len,
	            (size_t)(best - b->routes) + 2);
	text_printf(t, "Paths: (%zu available, ", best->n);
	if (at < best->n)
		text_printf(t, "best #%zu, table %s)\n", at + 1, best->vrf ? best->vrf : "default");
	else
		text_puts(t, "no best path)\n");
	for (size_t k = 0; k < best->n; k++)
		path_detail(t, &best->paths[k]);
}

/* --- neighbours ------------------------------------------------------------------------------- */

static const char *
state_text(const struct bgp_session *s)
{
	static const char *const names[] = {"Idle", "Active", "Established"};

	if (s->conf->shutdown)
		return "Idle (Admin)";
	return names[s->state];
}

/* Nothing is sent; so many messages as keepalives would have been. */
static uint64_t
messages_of(const struct bgp_session *s, msec now)
{
	if (s->state != BGP_ESTABLISHED)
		return 0;
	return 2 + s->received + (uint64_t)((now - s->since) / SECONDS(KEEPALIVE));
}

static void
summary_line(struct text *t, const struct bgp_shown *b, const struct bgp_session *s, msec now)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX];
	uint64_t messages = messages_of(s, now);
	bool is_up = s->state == BGP_ESTABLISHED;

	text_printf(t, "%-15s 4 %12" PRIu32 " %7" PRIu64 " %7" PRIu64 " %8zu %4u %4u %-8s ",
	            addr_text(s->conf->addr, a), s->remote_as, messages, messages,
	            is_up ? b->n_routes + 1 : 1, 0, 0,
	            is_up || s->reset_text ? show_age_text(now - s->since, up) : "never");
	if (is_up)
		text_printf(t, "%8" PRIu32 "\n", s->received);
	else
		text_printf(t, "%s\n", state_text(s));
}

/* One that speaks VPNv4 alone is none of IPv4's. */
static bool
is_in_summary(const struct bgp_session *s, bool vpnv4)
{
	return vpnv4 || s->conf->families[BGP_IPV4].active || !s->conf->families[BGP_VPNV4].active;
}

void
show_bgp_summary(struct text *t, const struct bgp_shown *b, msec now, bool vpnv4)
{
	char a[ADDR_TEXT_MAX];

	if (!b->as) {
		text_puts(t, "% BGP not active\n");
		return;
	}
	text_printf(t,
	            "BGP router identifier %s, local AS number %" PRIu32 "\n"
	            "BGP table version is %zu, main routing table version %zu\n",
	            addr_text(b->router_id, a), b->as, b->n_routes + 1, b->n_routes + 1);
	if (b->n_routes)
		text_printf(t,
		            "%zu network entries using %zu bytes of memory\n"
		            "%zu path entries using %zu bytes of memory\n",
		            b->n_routes, b->n_routes * 144, b->n_paths, b->n_paths * 80);
	text_puts(t, "\nNeighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  "
	             "State/PfxRcd\n");
	for (size_t k = 0; k < b->n_sessions; k++)
		if (is_in_summary(&b->sessions[k], vpnv4))
			summary_line(t, b, &b->sessions[k], now);
}

static void
session_show(struct text *t, const struct bgp_shown *b, const struct bgp_session *s, msec now)
{
	char a[ADDR_TEXT_MAX], l[ADDR_TEXT_MAX], up[SHOW_AGE_MAX];
	bool is_up = s->state == BGP_ESTABLISHED;

	text_printf(t, "BGP neighbor is %s,  remote AS %" PRIu32 ", %s link\n",
	            addr_text(s->conf->addr, a), s->remote_as,
	            s->external ? "external" : "internal");
	if (s->conf->description && *s->conf->description)
		text_printf(t, " Description: %s\n", s->conf->description);
	text_printf(t, "  BGP version 4, remote router ID %s\n  BGP state = %s",
	            addr_text(s->router_id, a), state_text(s));
	if (is_up)
		text_printf(t,
		            ", up for %s\n"
		            "  hold time is %" PRIu32 ", keepalive interval is %" PRIu32
		            " seconds\n",
		            show_age_text(now - s->since, up), s->hold, s->hold / 3);
	else
		text_puts(t, "\n");
	text_printf(t,
	            "\n For address family: %s Unicast\n"
	            "  BGP table version %zu, neighbor version %zu/0\n"
	            "  Prefixes Current:               %" PRIu32 "\n\n",
	            s->vpnv4 ? "VPNv4" : "IPv4", b->n_routes + 1, is_up ? b->n_routes + 1 : 1,
	            s->received);
	if (s->reset_text)
		text_printf(t, "  Last reset %s, due to %s\n", show_age_text(now - s->since, up),
		            s->reset_text);
	else
		text_puts(t, "  Last reset never\n");
	if (is_up)
		text_printf(t,
		            "Local host: %s, Local port: 179\nForeign host: %s, Foreign port: "
		            "11000\n",
		            addr_text(s->local, l), addr_text(s->conf->addr, a));
	text_puts(t, "\n");
}

void
show_bgp_neighbors(struct text *t, const struct bgp_shown *b, const uint32_t *only, msec now)
{
	if (!b->as)
		text_puts(t, "% BGP not active\n");
	for (size_t k = 0; k < b->n_sessions; k++)
		if (!only || b->sessions[k].conf->addr == *only)
			session_show(t, b, &b->sessions[k], now);
}

/* --- show ip protocols ------------------------------------------------------------------------ */

void
show_bgp_protocol(struct text *t, const struct bgp_shown *b, const struct policy_bgp_vrf *conf,
                  const struct routing_gateways *g)
{
	static const uint8_t standard[3];
	const uint8_t *d = conf ? conf->distance : standard;
	char a[ADDR_TEXT_MAX];

	text_printf(t,
	            "Routing Protocol is \"bgp %" PRIu32 "\"\n"
	            "  Outgoing update filter list for all interfaces is not set\n"
	            "  Incoming update filter list for all interfaces is not set\n"
	            "  IGP synchronization is disabled\n"
	            "  Automatic route summarization is disabled\n",
	            b->as);
	text_puts(t, "  Neighbor(s):\n"
	             "    Address          FiltIn FiltOut DistIn DistOut Weight RouteMap\n");
	for (size_t k = 0; k < b->n_sessions; k++)
		text_printf(t, "    %s\n", addr_text(b->sessions[k].conf->addr, a));
	text_printf(t, "  Maximum path: %u\n",
	            conf && conf->maximum_paths ? conf->maximum_paths : 1);
	show_gateways(t, g->list, g->n);
	text_printf(t, "  Distance: external %u internal %u local %u\n\n", d[0] ? d[0] : 20,
	            d[1] ? d[1] : 200, d[2] ? d[2] : 200);
}

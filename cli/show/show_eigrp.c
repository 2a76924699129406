/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip eigrp ...`, and the parts of EIGRP and RIP in `show ip protocols`; RIP's database. */
#include "cli/show/show_routing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
put_vrf(struct text *t, const char *vrf)
{
	if (vrf)
		text_printf(t, " VRF(%s)", vrf);
	text_puts(t, "\n");
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* Round trips and sequence numbers are of packets, of which none are sent: the least there is. */
static void
neighbor_line(struct text *t, const struct eigrp_neighbor *n, size_t nth, msec now)
{
	char a[ADDR_TEXT_MAX], name[SHOW_PORT_SHORT], up[SHOW_AGE_MAX];
	msec left = n->until != MSEC_NEVER ? n->until - now : n->hold - (now - n->since) % n->hello;

	text_printf(t, "%-3zu %-23s %-23s%4" PRId64 " %-8s %4u %5u  %u  %u\n", nth,
	            addr_text(n->addr, a), show_port_short(n->interface, name),
	            (int64_t)(left / 1000), show_age_text(now - n->since, up), 1, 100, 0, 0);
}

void
show_eigrp_neighbors(struct text *t, const struct routing_vrf *v, msec now)
{
	for (size_t k = 0; k < v->n_eigrp; k++) {
		const struct eigrp_shown *e = &v->eigrp[k];

		text_printf(t, "EIGRP-IPv4 Neighbors for AS(%" PRIu32 ")", e->as);
		put_vrf(t, v->name);
		if (!e->n_neighbors)
			continue;
		text_puts(
		    t, "H   Address                 Interface              Hold Uptime   SRTT   "
		       "RTO  Q  Seq\n"
		       "                                                   (sec)         (ms)    "
		       "   Cnt Num\n");
		for (size_t i = 0; i < e->n_neighbors; i++)
			neighbor_line(t, &e->neighbors[i], i, now);
	}
}

void
show_eigrp_interfaces(struct text *t, const struct routing_vrf *v)
{
	char name[SHOW_PORT_SHORT];

	for (size_t k = 0; k < v->n_eigrp; k++) {
		const struct eigrp_shown *e = &v->eigrp[k];

		text_printf(t, "EIGRP-IPv4 Interfaces for AS(%" PRIu32 ")", e->as);
		put_vrf(t, v->name);
		text_puts(t,
		          "                              Xmit Queue   PeerQ        Mean   Pacing "
		          "Time   Multicast    Pending\n"
		          "Interface              Peers  Un/Reliable  Un/Reliable  SRTT   "
		          "Un/Reliable   Flow Timer   Routes\n");
		for (size_t i = 0; i < e->n_interfaces; i++)
			if (e->interfaces[i].up && !e->interfaces[i].passive)
				text_printf(t,
				            "%-22s %4zu        0/0       0/0           1       "
				            "0/0            0           0\n",
				            show_port_short(e->interfaces[i].name, name),
				            e->interfaces[i].n_neighbors);
	}
}

/* --- topology --------------------------------------------------------------------------------- */

/* The interface whose network it is. */
static const char *
connected_by(const struct eigrp_shown *e, struct prefix to)
{
	for (size_t i = 0; i < e->n_interfaces; i++)
		if (e->interfaces[i].len == to.len && prefix_contains(to, e->interfaces[i].addr))
			return e->interfaces[i].name;
	return "";
}

static void
path_line(struct text *t, const struct eigrp_shown *e, const struct eigrp_entry *r,
          const struct eigrp_path *p)
{
	char a[ADDR_TEXT_MAX];

	switch (p->way) {
	case EIGRP_CONNECTED:
		text_printf(t, "        via Connected, %s\n", connected_by(e, r->to));
		break;
	case EIGRP_SUMMARY:
		text_printf(t, "        via Summary (%" PRIu32 "/0), Null0\n", p->cost);
		break;
	case EIGRP_REDISTRIBUTED:
		text_printf(t, "        via Redistributed (%" PRIu32 "/0)\n", p->cost);
		break;
	case EIGRP_LEARNED:
		text_printf(t, "        via %s (%" PRIu32 "/%" PRIu32 "), %s\n",
		            addr_text(p->via, a), p->cost, p->reported, p->interface);
		break;
	}
}

static void
entry_lines(struct text *t, const struct eigrp_shown *e, const struct eigrp_entry *r, bool all)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "P %s/%u, %zu successors, FD is %" PRIu32, addr_text(r->to.addr, a),
	            r->to.len, r->n_successors, r->distance);
	if (r->tag)
		text_printf(t, ", tag is %" PRIu32, r->tag);
	text_puts(t, "\n");
	for (size_t k = 0; k < r->n_paths; k++)
		if (all || r->paths[k].successor || r->paths[k].feasible)
			path_line(t, e, r, &r->paths[k]);
}

void
show_eigrp_topology(struct text *t, const struct routing_vrf *v, bool all)
{
	char a[ADDR_TEXT_MAX];

	for (size_t k = 0; k < v->n_eigrp; k++) {
		const struct eigrp_shown *e = &v->eigrp[k];

		text_printf(t, "EIGRP-IPv4 Topology Table for AS(%" PRIu32 ")/ID(%s)", e->as,
		            addr_text(e->router_id, a));
		put_vrf(t, v->name);
		text_puts(t, "Codes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,\n"
		             "       r - reply Status, s - sia Status \n\n");
		for (size_t i = 0; i < e->n_entries; i++)
			entry_lines(t, e, &e->entries[i], all);
		text_puts(t, "\n");
	}
}

/* --- show ip protocols ------------------------------------------------------------------------ */

static void
heading_lines(struct text *t)
{
	text_puts(t, "  Outgoing update filter list for all interfaces is not set\n"
	             "  Incoming update filter list for all interfaces is not set\n");
}

static void
network_lines(struct text *t, const struct policy_network *list, size_t n)
{
	char a[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	text_puts(t, "  Routing for Networks:\n");
	for (size_t k = 0; k < n; k++)
		if (show_is_classful(list[k].addr, list[k].mask))
			text_printf(t, "    %s\n", addr_text(list[k].addr, a));
		else
			text_printf(
			    t, "    %s/%s\n", addr_text(list[k].addr, a),
			    mask_is_contiguous(list[k].mask)
				? (snprintf(mask, sizeof(mask), "%u", mask_len(list[k].mask)), mask)
				: addr_text(~list[k].mask, mask));
}

static void
passive_line(struct text *t, bool *titled, const char *name)
{
	if (!*titled)
		text_puts(t, "  Passive Interface(s):\n");
	*titled = true;
	text_printf(t, "    %s\n", name);
}

void
show_eigrp_protocol(struct text *t, const struct eigrp_shown *e, const struct routing_gateways *g)
{
	const struct policy_eigrp *c = e->conf;
	unsigned internal = c->distance[0] ? c->distance[0] : 90,
		 external = c->distance[1] ? c->distance[1] : 170,
		 paths = c->maximum_paths ? c->maximum_paths : 4;
	char a[ADDR_TEXT_MAX];
	bool titled = false;

	text_printf(t, "Routing Protocol is \"eigrp %" PRIu32 "\"\n", e->as);
	heading_lines(t);
	text_printf(t,
	            "  Default networks flagged in outgoing updates\n"
	            "  Default networks accepted from incoming updates\n"
	            "  EIGRP-IPv4 Protocol for AS(%" PRIu32 ")\n"
	            "    Metric weight K1=%u, K2=%u, K3=%u, K4=%u, K5=%u\n"
	            "    Router-ID: %s\n"
	            "    Topology : 0 (base) \n"
	            "      Active Timer: 3 min\n"
	            "      Distance: internal %u external %u\n"
	            "      Maximum path: %u\n"
	            "      Maximum hopcount 100\n"
	            "      Maximum metric variance %u\n\n",
	            e->as, c->k[0], c->k[1], c->k[2], c->k[3], c->k[4], addr_text(e->router_id, a),
	            internal, external, paths, c->variance ? c->variance : 1);
	text_printf(t, "  Automatic Summarization: %s\n  Maximum path: %u\n",
	            c->auto_summary ? "enabled" : "disabled", paths);
	network_lines(t, c->networks, c->n_networks);
	for (size_t k = 0; k < e->n_interfaces; k++)
		if (e->interfaces[k].passive && !policy_names_loopback(e->interfaces[k].name))
			passive_line(t, &titled, e->interfaces[k].name);
	show_gateways(t, g->list, g->n);
	text_printf(t, "  Distance: internal %u external %u\n\n", internal, external);
}

/* --- RIP -------------------------------------------------------------------------------------- */

static void
rip_versions(struct text *t, const struct rip_shown *r)
{
	const char *send = r->conf->version == 2 ? "2" : "1", *receive = r->conf->version == 2 ? "2"
	                                                                 : r->conf->version == 1
	                                                                     ? "1"
	                                                                     : "any";

	text_printf(t,
	            "  Default version control: send version %s, receive %sversion%s%s\n"
	            "    Interface             Send  Recv  Triggered RIP  Key-chain\n",
	            send, *receive == 'a' ? "any " : "", *receive == 'a' ? "" : " ",
	            *receive == 'a' ? "" : receive);
	for (size_t k = 0; k < r->n_interfaces; k++)
		if (r->interfaces[k].up && !r->interfaces[k].passive)
			text_printf(t, "    %-21s %-5s %-5s\n", r->interfaces[k].name, send,
			            *receive == 'a' ? "1 2" : receive);
}

void
show_rip_protocol(struct text *t, const struct rip_shown *r, const struct routing_gateways *g)
{
	const struct policy_rip *c = r->conf;
	bool titled = false;

	text_puts(t, "Routing Protocol is \"rip\"\n");
	heading_lines(t);
	text_printf(t,
	            "  Sending updates every %" PRIu32 " seconds\n"
	            "  Invalid after %" PRIu32 " seconds, hold down %" PRIu32
	            ", flushed after %" PRIu32 "\n"
	            "  Redistributing: rip\n",
	            c->update ? c->update : 30, c->invalid ? c->invalid : 180,
	            c->holddown ? c->holddown : 180, c->flush ? c->flush : 240);
	rip_versions(t, r);
	text_printf(t, "  Automatic network summarization is %sin effect\n  Maximum path: %u\n",
	            c->auto_summary ? "" : "not ", c->maximum_paths ? c->maximum_paths : 4);
	network_lines(t, c->networks, c->n_networks);
	for (size_t k = 0; k < r->n_interfaces; k++)
		if (r->interfaces[k].passive && !policy_names_loopback(r->interfaces[k].name))
			passive_line(t, &titled, r->interfaces[k].name);
	show_gateways(t, g->list, g->n);
	text_printf(t, "  Distance: (default is %u)\n\n", c->distance ? c->distance : 120);
}

void
show_rip_database(struct text *t, const struct rip_shown *r)
{
	char a[ADDR_TEXT_MAX];

	for (size_t k = 0; k < r->n_entries; k++) {
		const struct rip_entry *e = &r->entries[k];

		text_printf(t, "%s/%u", addr_text(e->to.addr, a), e->to.len);
		if (e->connected)
			text_puts(t, "    directly connected\n");
		else if (!e->learned)
			text_printf(t, "    redistributed\n    [%" PRIu32 "] via 0.0.0.0\n",
			            e->hops);
		else
			text_puts(t, "\n");
		for (uint8_t h = 0; e->learned && h < e->n_hops; h++)
			text_printf(t, "    [%" PRIu32 "] via %s, %s\n", e->hops,
			            addr_text(e->via[h].via, a), e->via[h].interface);
	}
}

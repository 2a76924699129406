/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip ospf ...`, and OSPF's part of `show ip protocols`. */
#include "cli/show/show_routing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "00:00:33" */
static void
put_clock(struct text *t, msec left)
{
	long long s = left / 1000;

	text_printf(t, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

static bool
is_meant(const struct routing_ospf_interface *i, const char *interface)
{
	return !interface || strcmp(i->name, interface) == 0;
}

/* --- neighbours ------------------------------------------------------------------------------- */

static void
neighbor_line(struct text *t, const struct routing_ospf_neighbor *n, const char *interface)
{
	char id[ADDR_TEXT_MAX], addr[ADDR_TEXT_MAX], state[24];

	snprintf(state, sizeof(state), *n->role == '-' ? "%s/  %s" : "%s/%s", n->state, n->role);
	text_printf(t, "%-15s %3u   %-15s ", addr_text(n->id, id),
	            *n->role == '-' ? 0 : n->priority, state);
	put_clock(t, n->dead);
	text_printf(t, "    %-15s %s\n", addr_text(n->addr, addr), interface);
}

void
show_ospf_neighbors(struct text *t, const struct routing_ospf *o, size_t n, const char *interface)
{
	bool titled = false;

	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < o[p].n_interfaces; i++) {
			const struct routing_ospf_interface *f = &o[p].interfaces[i];

			for (size_t k = 0; k < f->n_neighbors && is_meant(f, interface); k++) {
				if (!titled)
					text_puts(t, "\nNeighbor ID     Pri   State           "
					             "Dead Time   Address         Interface\n");
				titled = true;
				neighbor_line(t, &f->neighbors[k], f->name);
			}
		}
}

static void
neighbor_detail(struct text *t, const struct routing_ospf_neighbor *n,
                const struct routing_ospf_interface *f)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], up[SHOW_AGE_MAX];

	text_printf(t, " Neighbor %s, interface address %s\n", addr_text(n->id, a),
	            addr_text(n->addr, b));
	text_printf(t, "    In the area %s via interface %s\n", addr_text(f->area, a), f->name);
	text_printf(t, "    Neighbor priority is %u, State is %s, 6 state changes\n", n->priority,
	            n->state);
	text_printf(t, "    DR is %s BDR is %s\n", addr_text(n->dr, a), addr_text(n->bdr, b));
	text_puts(t, "    Dead timer due in ");
	put_clock(t, n->dead);
	text_printf(t, "\n    Neighbor is up for %s\n", show_age_text(n->up, up));
}

void
show_ospf_neighbors_detail(struct text *t, const struct routing_ospf *o, size_t n,
                           const char *interface)
{
	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < o[p].n_interfaces; i++) {
			const struct routing_ospf_interface *f = &o[p].interfaces[i];

			for (size_t k = 0; k < f->n_neighbors && is_meant(f, interface); k++)
				neighbor_detail(t, &f->neighbors[k], f);
		}
}

/* --- interfaces ------------------------------------------------------------------------------- */

static const char *
state_brief(const char *state)
{
	static const char *const names[][2] = {
	    {"DROTHER", "DROTH"},      {"WAITING", "WAIT"},
	    {"POINT_TO_POINT", "P2P"}, {"POINT_TO_MULTIPOINT", "P2MP"},
	    {"LOOPBACK", "LOOP"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(state, names[i][0]) == 0)
			return names[i][1];
	return state;
}

void
show_ospf_interface_brief(struct text *t, const struct routing_ospf *o, size_t n)
{
	char name[SHOW_PORT_SHORT], a[ADDR_TEXT_MAX], area[ADDR_TEXT_MAX], net[ADDR_TEXT_MAX + 4];

	text_puts(t,
	          "Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C\n");
	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < o[p].n_interfaces; i++) {
			const struct routing_ospf_interface *f = &o[p].interfaces[i];

			snprintf(net, sizeof(net), "%s/%u", addr_text(f->addr, a), f->len);
			snprintf(area, sizeof(area), "%" PRIu32, f->area);
			text_printf(t,
			            "%-12s %-5" PRIu32 " %-15s %-18s %-5" PRIu32 " %-5s %zu/%zu\n",
			            show_port_short(f->name, name), o[p].conf->process, area, net,
			            f->cost, state_brief(f->state), f->n_full, f->n_neighbors);
		}
}

static void
designated_lines(struct text *t, const struct routing_ospf_interface *f)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	if (f->dr)
		text_printf(t, "  Designated Router (ID) %s, Interface address %s\n",
		            addr_text(f->dr_id, a), addr_text(f->dr, b));
	else
		text_puts(t, "  No designated router on this network\n");
	if (f->bdr)
		text_printf(t, "  Backup Designated router (ID) %s, Interface address %s\n",
		            addr_text(f->bdr_id, a), addr_text(f->bdr, b));
	else
		text_puts(t, "  No backup designated router on this network\n");
}

static void
adjacent_lines(struct text *t, const struct routing_ospf_interface *f)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "  Neighbor Count is %zu, Adjacent neighbor count is %zu \n", f->n_neighbors,
	            f->n_full);
	for (size_t k = 0; k < f->n_neighbors; k++)
		if (strcmp(f->neighbors[k].state, "FULL") == 0)
			text_printf(t, "    Adjacent with neighbor %s%s\n",
			            addr_text(f->neighbors[k].id, a),
			            strcmp(f->neighbors[k].role, "DR") == 0
			                ? "  (Designated Router)"
			            : strcmp(f->neighbors[k].role, "BDR") == 0
			                ? "  (Backup Designated Router)"
			                : "");
	text_puts(t, "  Suppress hello for 0 neighbor(s)\n");
	if (f->auth == OSPF_AUTH_MD5)
		text_printf(t,
		            "  Cryptographic authentication enabled\n    Youngest key id is %u\n",
		            f->key_id);
	else if (f->auth == OSPF_AUTH_TEXT)
		text_puts(t, "  Simple password authentication enabled\n");
}

static void
interface_show(struct text *t, const struct routing_ospf *o, const struct routing_ospf_interface *f)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "%s is %s, line protocol is %s \n", f->name, f->up ? "up" : "down",
	            f->up ? "up" : "down");
	text_printf(t, "  Internet Address %s/%u, Area %" PRIu32 ", Attached via %s\n",
	            addr_text(f->addr, a), f->len, f->area,
	            f->by_network ? "Network Statement" : "Interface Enable");
	text_printf(t,
	            "  Process ID %" PRIu32 ", Router ID %s, Network Type %s, Cost: %" PRIu32 "\n",
	            o->conf->process, addr_text(o->router_id, a), f->network, f->cost);
	text_puts(t, "  Topology-MTID    Cost    Disabled    Shutdown      Topology Name\n");
	text_printf(t, "        0           %-8" PRIu32 "no          no            Base\n",
	            f->cost);
	if (f->loopback) {
		text_puts(t, "  Loopback interface is treated as a stub Host\n");
		return;
	}
	text_printf(t, "  Transmit Delay is 1 sec, State %s", f->state);
	if (strstr(f->network, "BROADCAST"))
		text_printf(t, ", Priority %u", f->priority);
	text_puts(t, "\n");
	if (strstr(f->network, "BROADCAST"))
		designated_lines(t, f);
	text_printf(t,
	            "  Timer intervals configured, Hello %" PRIu32 ", Dead %" PRIu32
	            ", Wait %" PRIu32 ", Retransmit 5\n",
	            f->hello, f->dead, f->dead);
	if (f->passive) {
		text_puts(t, "    No Hellos (Passive interface) \n");
	} else {
		text_puts(t, "    Hello due in ");
		put_clock(t, f->hello_due);
		text_puts(t, "\n");
	}
	adjacent_lines(t, f);
}

void
show_ospf_interfaces(struct text *t, const struct routing_ospf *o, size_t n, const char *interface)
{
	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < o[p].n_interfaces; i++)
			if (is_meant(&o[p].interfaces[i], interface))
				interface_show(t, &o[p], &o[p].interfaces[i]);
}

/* --- processes -------------------------------------------------------------------------------- */

static void
areas_line(struct text *t, const struct routing_ospf *o)
{
	size_t stub = 0, nssa = 0;

	for (size_t k = 0; k < o->n_areas; k++) {
		stub += o->areas[k].stub;
		nssa += o->areas[k].nssa;
	}
	text_printf(t, "Number of areas in this router is %zu. %zu normal %zu stub %zu nssa\n",
	            o->n_areas, o->n_areas - stub - nssa, stub, nssa);
}

static const char *const source_names[] = {
    [ROUTING_CONNECTED] = "connected", [ROUTING_STATIC] = "static", [ROUTING_RIP] = "rip",
    [ROUTING_EIGRP] = "eigrp",         [ROUTING_OSPF] = "ospf",     [ROUTING_BGP] = "bgp"};

static void
redistribute_lines(struct text *t, const struct routing_ospf *o)
{
	if (!o->conf->n_redistributes)
		return;
	text_puts(t, " Redistributing External Routes from,\n");
	for (size_t k = 0; k < o->conf->n_redistributes; k++) {
		const struct policy_redistribute *r = &o->conf->redistributes[k];

		text_printf(t, "    %s", source_names[r->from]);
		if (r->process)
			text_printf(t, " %" PRIu32, r->process);
		if (r->has_metric)
			text_printf(t, " with metric mapped to %" PRIu32, r->metric);
		text_puts(t, r->subnets ? ", includes subnets in redistribution\n" : "\n");
	}
}

static void
area_show(struct text *t, const struct routing_ospf_area *a)
{
	char area[ADDR_TEXT_MAX];

	if (a->area)
		text_printf(t, "    Area %" PRIu32 "\n", a->area);
	else
		text_puts(t, "    Area BACKBONE(0)\n");
	text_printf(t, "        Number of interfaces in this area is %zu", a->n_interfaces);
	if (a->n_loopbacks)
		text_printf(t, " (%zu loopback)", a->n_loopbacks);
	text_puts(t, "\n");
	if (a->stub)
		text_printf(t, "        It is a stub area%s\n",
		            a->no_summary ? ", no summary LSA in this area" : "");
	if (a->nssa)
		text_puts(t, "        It is a NSSA area\n");
	text_printf(t, "        Area has %s\n",
	            a->auth == OSPF_AUTH_MD5    ? "message digest authentication"
	            : a->auth == OSPF_AUTH_TEXT ? "simple password authentication"
	                                        : "no authentication");
	(void)area;
}

void
show_ospf(struct text *t, const struct routing_ospf *o)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, " Routing Process \"ospf %" PRIu32 "\" with ID %s\n", o->conf->process,
	            addr_text(o->router_id, a));
	if (o->vrf)
		text_printf(t, "   Domain ID type 0x0005, value 0.0.0.0\n   Connected to VRF %s\n",
		            o->vrf);
	text_puts(t, " Supports only single TOS(TOS0) routes\n");
	if (o->border)
		text_puts(t, " It is an area border router\n");
	if (o->external)
		text_puts(t, " It is an autonomous system boundary router\n");
	redistribute_lines(t, o);
	text_printf(t, " Number of external LSA %zu. Checksum Sum 0x000000\n ", o->n_externals);
	areas_line(t, o);
	text_puts(t, " Number of areas transit capable is 0\n");
	text_printf(t, " Reference bandwidth unit is %" PRIu32 " mbps\n",
	            o->conf->reference_bandwidth ? o->conf->reference_bandwidth : 100);
	for (size_t k = 0; k < o->n_areas; k++)
		area_show(t, &o->areas[k]);
	text_puts(t, "\n");
}

void
show_ospf_database_summary(struct text *t, const struct routing_ospf *o)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\n            OSPF Router with ID (%s) (Process ID %" PRIu32 ")\n",
	            addr_text(o->router_id, a), o->conf->process);
	for (size_t k = 0; k < o->n_areas; k++) {
		const struct routing_ospf_area *r = &o->areas[k];

		text_printf(t,
		            "\nArea %" PRIu32 " database summary\n"
		            "  LSA Type      Count    Delete   Maxage\n"
		            "  Router        %-8zu 0        0\n"
		            "  Network       %-8zu 0        0\n"
		            "  Summary Net   %-8zu 0        0\n"
		            "  Summary ASBR  %-8zu 0        0\n"
		            "  Subtotal      %-8zu 0        0\n",
		            r->area, r->n_routers, r->n_networks, r->n_summaries,
		            r->n_asbr_summaries,
		            r->n_routers + r->n_networks + r->n_summaries + r->n_asbr_summaries);
	}
	text_printf(t,
	            "\nProcess %" PRIu32 " database summary\n"
	            "  LSA Type      Count    Delete   Maxage\n"
	            "  Type-5 Ext    %-8zu 0        0\n",
	            o->conf->process, o->n_externals);
}

/* --- show ip protocols ------------------------------------------------------------------------ */

void
show_gateways(struct text *t, const struct routing_gateway *list, size_t n)
{
	char a[ADDR_TEXT_MAX], age[SHOW_AGE_MAX];

	text_puts(t, "  Routing Information Sources:\n"
	             "    Gateway         Distance      Last Update\n");
	for (size_t k = 0; k < n; k++)
		text_printf(t, "    %-15s %8u      %s\n", addr_text(list[k].addr, a),
		            list[k].distance, show_age_text(list[k].age, age));
}

static void
network_lines(struct text *t, const struct policy_ospf *conf)
{
	char a[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	text_puts(t, "  Routing for Networks:\n");
	for (size_t k = 0; k < conf->n_networks; k++)
		text_printf(t, "    %s %s area %" PRIu32 "\n", addr_text(conf->networks[k].addr, a),
		            addr_text(~conf->networks[k].mask, mask), conf->networks[k].area);
}

static void
explicit_lines(struct text *t, const struct routing_ospf *o)
{
	for (size_t k = 0; k < o->n_areas; k++) {
		bool titled = false;

		for (size_t i = 0; i < o->n_interfaces; i++) {
			const struct routing_ospf_interface *f = &o->interfaces[i];

			if (f->by_network || f->area != o->areas[k].area)
				continue;
			if (!titled)
				text_printf(t,
				            "  Routing on Interfaces Configured Explicitly "
				            "(Area %" PRIu32 "):\n",
				            f->area);
			titled = true;
			text_printf(t, "    %s\n", f->name);
		}
	}
}

static void
passive_lines(struct text *t, const struct routing_ospf *o)
{
	bool titled = false;

	for (size_t i = 0; i < o->n_interfaces; i++) {
		if (!o->interfaces[i].passive || o->interfaces[i].loopback)
			continue;
		if (!titled)
			text_puts(t, "  Passive Interface(s):\n");
		titled = true;
		text_printf(t, "    %s\n", o->interfaces[i].name);
	}
}

void
show_ospf_protocol(struct text *t, const struct routing_ospf *o)
{
	const struct policy_ospf *conf = o->conf;
	const uint8_t *d = conf->distance;
	char a[ADDR_TEXT_MAX];

	text_printf(t,
	            "Routing Protocol is \"ospf %" PRIu32 "\"\n"
	            "  Outgoing update filter list for all interfaces is not set\n"
	            "  Incoming update filter list for all interfaces is not set\n"
	            "  Router ID %s\n",
	            conf->process, addr_text(o->router_id, a));
	if (o->border)
		text_puts(t, "  It is an area border router\n");
	if (o->external)
		text_puts(t, "  It is an autonomous system boundary router\n");
	text_puts(t, "  ");
	areas_line(t, o);
	text_printf(t, "  Maximum path: %u\n", conf->maximum_paths ? conf->maximum_paths : 4);
	network_lines(t, conf);
	explicit_lines(t, o);
	passive_lines(t, o);
	show_gateways(t, o->gateways, o->n_gateways);
	if (d[0] || d[1] || d[2])
		text_printf(t, "  Distance: intra-area %u inter-area %u external %u\n\n",
		            d[0] ? d[0] : 110, d[1] ? d[1] : 110, d[2] ? d[2] : 110);
	else
		text_puts(t, "  Distance: (default is 110)\n\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip mroute`, `show ip pim ...`, `show ip igmp ...`. */
#include "cli/show/show_multicast.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
show_left_text(msec left, const char *never, char buf[static SHOW_AGE_MAX])
{
	if (left < 0)
		snprintf(buf, SHOW_AGE_MAX, "%s", never);
	else
		show_age_text(left, buf);
	return buf;
}

static bool
is_meant(const char *name, const char *interface)
{
	return !interface || strcmp(name, interface) == 0;
}

/* --- trees ------------------------------------------------------------------------------------ */

static const char mroute_head[] =
    "IP Multicast Routing Table\n"
    "Flags: D - Dense, S - Sparse, B - Bidir Group, s - SSM Group, C - Connected,\n"
    "       L - Local, P - Pruned, R - RP-bit set, F - Register flag,\n"
    "       T - SPT-bit set, J - Join SPT, M - MSDP created entry, E - Extranet,\n"
    "       X - Proxy Join Timer Running, A - Candidate for MSDP Advertisement,\n"
    "       U - URD, I - Received Source Specific Host Report,\n"
    "       Z - Multicast Tunnel, z - MDT-data group sender,\n"
    "       Y - Joined MDT-data group, y - Sending to MDT-data group,\n"
    "       V - RD & Vector, v - Vector\n"
    "Outgoing interface flags: H - Hardware switched, A - Assert winner\n"
    " Timers: Uptime/Expires\n"
    " Interface state: Interface, Next-Hop or VCD, State/Mode\n";

static const char *
mode_word(enum pim_mode mode)
{
	return mode == PIM_DENSE ? "Dense" : mode == PIM_SPARSE_DENSE ? "Sparse-Dense" : "Sparse";
}

static void
mroute_title(struct text *t, const struct multicast_mroute *r)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	if (r->source)
		text_printf(t, "(%s, ", addr_text(r->source, a));
	else
		text_puts(t, "(*, ");
	text_printf(t, "%s), %s/%s, ", addr_text(r->group, a), show_age_text(r->up, up),
	            show_left_text(r->expires, "stopped", left));
	if (!r->source)
		text_printf(t, "RP %s, ", addr_text(r->rp, a));
	text_printf(t, "flags: %s\n", r->flags);
}

static void
mroute_entry(struct text *t, const struct multicast_mroute *r)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	text_puts(t, "\n");
	mroute_title(t, r);
	text_printf(t, "  Incoming interface: %s, RPF nbr %s%s\n", r->in ? r->in : "Null",
	            addr_text(r->rpf, a), r->registers ? ", Registering" : "");
	text_printf(t, "  Outgoing interface list:%s\n", r->n_out ? "" : " Null");
	for (size_t k = 0; k < r->n_out; k++)
		text_printf(t, "    %s, Forward/%s, %s/%s\n", r->out[k].name,
		            mode_word(r->out[k].pim), show_age_text(r->out[k].up, up),
		            show_left_text(r->out[k].expires, "stopped", left));
}

void
show_mroutes(struct text *t, const struct multicast_table_state *m, uint32_t group)
{
	text_puts(t, mroute_head);
	for (size_t k = 0; k < m->n_mroutes; k++)
		if (!group || m->mroutes[k].group == group)
			mroute_entry(t, &m->mroutes[k]);
}

/* --- PIM -------------------------------------------------------------------------------------- */

void
show_pim_neighbors(struct text *t, const struct multicast_table_state *m, const char *interface)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX], both[2 * SHOW_AGE_MAX];

	text_puts(t,
	          "PIM Neighbor Table\n"
	          "Mode: B - Bidir Capable, DR - Designated Router, N - Default DR Priority,\n"
	          "      P - Proxy Capable, S - State Refresh Capable, G - GenID Capable\n"
	          "Neighbor          Interface                Uptime/Expires    Ver   DR\n"
	          "Address                                                            Prio/Mode\n");
	for (size_t k = 0; k < m->n_neighbors; k++) {
		const struct multicast_neighbor *n = &m->neighbors[k];

		if (!is_meant(n->interface, interface))
			continue;
		snprintf(both, sizeof(both), "%s/%s", show_age_text(n->up, up),
		         show_left_text(n->expires, "never", left));
		text_printf(t, "%-17s %-24s %s v2    %" PRIu32 " /%s S P G\n",
		            addr_text(n->addr, a), n->interface, both, n->priority,
		            n->dr ? " DR" : "");
	}
}

static const char *
mode_letters(enum pim_mode mode)
{
	static const char *const letters[] = {[PIM_OFF] = "-",
	                                      [PIM_SPARSE] = "S",
	                                      [PIM_DENSE] = "D",
	                                      [PIM_SPARSE_DENSE] = "SD",
	                                      [PIM_PASSIVE] = "P"};

	return letters[mode];
}

void
show_pim_interfaces(struct text *t, const struct multicast_table_state *m, const char *interface)
{
	char a[ADDR_TEXT_MAX], mode[8];

	text_puts(t,
	          "\nAddress          Interface                Ver/   Nbr    Query  DR         DR\n"
	          "                                          Mode   Count  Intvl  Prior\n");
	for (size_t k = 0; k < m->n_interfaces; k++) {
		const struct multicast_pim_interface *i = &m->interfaces[k];

		if (!is_meant(i->name, interface))
			continue;
		snprintf(mode, sizeof(mode), "v2/%s", mode_letters(i->mode));
		text_printf(t, "%-16s %-24s %-6s %-6zu %-6" PRIu32 " ", addr_text(i->addr, a),
		            i->name, mode, i->n_neighbors, i->query_interval);
		text_printf(t, "%-10" PRIu32 " %s\n", i->priority, addr_text(i->dr, a));
	}
}

void
show_pim_rps(struct text *t, const struct multicast_table_state *m)
{
	char a[ADDR_TEXT_MAX];

	text_puts(t, "PIM Group-to-RP Mappings\n");
	for (size_t k = 0; m->conf && k < m->conf->n_rps; k++) {
		const struct policy_pim_rp *rp = &m->conf->rps[k];

		if (rp->acl_name)
			text_printf(t, "\nAcl: %s, Static\n", rp->acl_name);
		else
			text_puts(t, "\nGroup(s): 224.0.0.0/4, Static\n");
		text_printf(t, "    RP: %s (?)\n", addr_text(rp->addr, a));
	}
}

/* --- IGMP ------------------------------------------------------------------------------------- */

void
show_igmp_groups(struct text *t, const struct multicast_table_state *m, const char *interface)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	text_puts(t,
	          "IGMP Connected Group Membership\n"
	          "Group Address    Interface                Uptime    Expires   Last Reporter   "
	          "Group Accounted\n");
	for (size_t k = 0; k < m->n_groups; k++) {
		const struct multicast_igmp_group *g = &m->groups[k];

		if (is_meant(g->interface, interface))
			text_printf(t, "%-16s %-24s %-9s %-9s %-15s \n", addr_text(g->group, a),
			            g->interface, show_age_text(g->up, up),
			            show_left_text(g->expires, "stopped", left),
			            addr_text(g->reporter, b));
	}
}

static void
igmp_joins(struct text *t, const struct multicast_igmp_interface *i)
{
	char a[ADDR_TEXT_MAX];

	if (!i->n_joins) {
		text_puts(t, "  No multicast groups joined by this system\n");
		return;
	}
	text_puts(t, "  Multicast groups joined by this system (number of users):\n      ");
	for (size_t k = 0; k < i->n_joins; k++)
		text_printf(t, "%s%s(1)", k ? "  " : "", addr_text(i->joins[k], a));
	text_puts(t, "\n");
}

static void
igmp_interface(struct text *t, const struct multicast_igmp_interface *i)
{
	const char *state = i->up ? "up" : "down";
	char a[ADDR_TEXT_MAX];

	text_printf(t, "%s is %s, line protocol is %s\n", i->name, state, state);
	text_printf(t, "  Internet address is %s/%u\n", addr_text(i->addr, a), i->len);
	text_printf(t,
	            "  IGMP is enabled on interface\n"
	            "  Current IGMP host version is %u\n"
	            "  Current IGMP router version is %u\n",
	            i->version, i->version);
	text_printf(t,
	            "  IGMP query interval is 60 seconds\n"
	            "  IGMP querier timeout is 120 seconds\n"
	            "  IGMP max query response time is 10 seconds\n"
	            "  Last member query count is 2\n"
	            "  Last member query response interval is 1000 ms\n"
	            "  Inbound IGMP access group is not set\n"
	            "  IGMP activity: %zu joins, 0 leaves\n"
	            "  Multicast routing is %s on interface\n"
	            "  Multicast TTL threshold is 0\n",
	            i->n_groups, i->pim ? "enabled" : "disabled");
	text_printf(t, "  Multicast designated router (DR) is %s%s\n", addr_text(i->dr, a),
	            i->dr == i->addr ? " (this system)" : "");
	text_printf(t, "  IGMP querying router is %s%s\n", addr_text(i->querier, a),
	            i->querier == i->addr ? " (this system)" : "");
	igmp_joins(t, i);
}

void
show_igmp_interfaces(struct text *t, const struct multicast_table_state *m, const char *interface)
{
	for (size_t k = 0; k < m->n_igmp; k++)
		if (is_meant(m->igmp[k].name, interface))
			igmp_interface(t, &m->igmp[k]);
}

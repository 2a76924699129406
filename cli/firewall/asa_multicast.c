/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast as a firewall shows it: interfaces by the names that it gave them. */
#include "cli/firewall/firewall.h"
#include "cli/show/show_multicast.h"

#include <inttypes.h>

static const char mroute_head[] =
    "\nMulticast Routing Table\n"
    "Flags: D - Dense, S - Sparse, B - Bidir Group, s - SSM Group,\n"
    "       C - Connected, L - Local, I - Received Source Specific Host Report,\n"
    "       P - Pruned, R - RP-bit set, F - Register flag, T - SPT-bit set,\n"
    "       J - Join SPT\n"
    "Timers: Uptime/Expires\n"
    "Interface state: Interface, State\n";

static const char *
name_given(const struct policy *p, const char *interface)
{
	const struct policy_interface *on = policy_interface_find(p, interface);

	return on && on->nameif ? on->nameif : interface;
}

static void
entry_title(struct text *t, const struct multicast_mroute *r)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	if (r->source)
		text_printf(t, "\n(%s, ", addr_text(r->source, a));
	else
		text_puts(t, "\n(*, ");
	text_printf(t, "%s), %s/%s, ", addr_text(r->group, a), show_age_text(r->up, up),
	            show_left_text(r->expires, "never", left));
	if (!r->source)
		text_printf(t, "RP %s, ", addr_text(r->rp, a));
	text_printf(t, "flags: %s\n", r->flags);
}

static void
put_entry(struct showing *s, const struct multicast_mroute *r)
{
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];
	struct text *t = &s->text;

	entry_title(t, r);
	text_printf(t, "  Incoming interface: %s\n  RPF nbr: %s\n",
	            r->in ? name_given(s->policy, r->in) : "Null", addr_text(r->rpf, a));
	text_printf(t, "  %s Outgoing interface list:%s\n", r->source ? "Inherited" : "Immediate",
	            r->n_out ? "" : " Null");
	for (size_t k = 0; k < r->n_out; k++)
		text_printf(t, "    %s, Forward, %s/%s\n", name_given(s->policy, r->out[k].name),
		            show_age_text(r->out[k].up, up),
		            show_left_text(r->out[k].expires, "never", left));
}

void
cmd_show_asa_mroute(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct multicast_table_state *m = showing_multicast(&s, cmd);
	uint32_t group = command_u32(cmd, ARG_GROUP);

	if (m && !m->conf)
		text_puts(&s.text, "Multicast routing is not enabled\n");
	else if (m)
		text_puts(&s.text, mroute_head);
	for (size_t k = 0; m && k < m->n_mroutes; k++)
		if (!group || m->mroutes[k].group == group)
			put_entry(&s, &m->mroutes[k]);
	showing_end(&s);
}

void
cmd_show_asa_pim_neighbor(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct multicast_table_state *m = showing_multicast(&s, cmd);
	char a[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	if (m && m->n_neighbors)
		text_puts(
		    &s.text,
		    "\nNeighbor Address  Interface          Uptime    Expires  DR pri Bidir\n\n");
	for (size_t k = 0; m && k < m->n_neighbors; k++) {
		const struct multicast_neighbor *n = &m->neighbors[k];

		text_printf(&s.text, "%-17s %-18s %-9s %-8s %" PRIu32 "%s\n", addr_text(n->addr, a),
		            name_given(s.policy, n->interface), show_age_text(n->up, up),
		            show_left_text(n->expires, "never", left), n->priority,
		            n->dr ? " (DR)" : "");
	}
	showing_end(&s);
}

void
cmd_show_asa_igmp_groups(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct multicast_table_state *m = showing_multicast(&s, cmd);
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], up[SHOW_AGE_MAX], left[SHOW_AGE_MAX];

	text_puts(&s.text,
	          "IGMP Connected Group Membership\n"
	          "Group Address    Interface            Uptime    Expires   Last Reporter\n");
	for (size_t k = 0; m && k < m->n_groups; k++) {
		const struct multicast_igmp_group *g = &m->groups[k];

		text_printf(&s.text, "%-16s %-20s %-9s %-9s %s\n", addr_text(g->group, a),
		            name_given(s.policy, g->interface), show_age_text(g->up, up),
		            show_left_text(g->expires, "never", left), addr_text(g->reporter, b));
	}
	showing_end(&s);
}

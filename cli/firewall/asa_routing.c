/* SPDX-License-Identifier: Apache-2.0 */
/* Routing protocols as a firewall shows them: interfaces by the names that it gave them. */
#include "cli/firewall/firewall.h"
#include "cli/show/show_cmd.h"
#include "cli/show/show_routing.h"

static const char *
name_given(const struct policy *p, const char *interface)
{
	const struct policy_interface *on = policy_interface_find(p, interface);

	return on && on->nameif ? on->nameif : interface;
}

static struct routing_ospf
ospf_named(struct showing *s, const struct routing_ospf *o)
{
	struct routing_ospf_interface *list =
	    arena_memdup(s->arena, o->interfaces, o->n_interfaces * sizeof(*list));
	struct routing_ospf named = *o;

	for (size_t k = 0; k < o->n_interfaces; k++)
		list[k].name = name_given(s->policy, list[k].name);
	named.interfaces = list;
	return named;
}

void
cmd_show_asa_ospf_neighbor(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_neighbors(&s);

	(void)cmd;
	for (size_t k = 0; k < state->n_ospf; k++) {
		struct routing_ospf named = ospf_named(&s, &state->ospf[k]);

		show_ospf_neighbors(&s.text, &named, 1, NULL);
	}
	showing_end(&s);
}

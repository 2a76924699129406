/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip ospf ...`, `show ip protocols` ...: from the host to the layouts. */
#include "cli/show/show_cmd.h"
#include "cli/show/show_routing.h"

#include <string.h>

const struct routing_state *
showing_routing(struct showing *s)
{
	static const struct routing_state nothing;
	const struct routing_state *state =
	    s->host->ops->routing ? s->host->ops->routing(s->host, s->arena) : NULL;

	return state ? state : &nothing;
}

/* --- OSPF ------------------------------------------------------------------------------------- */

typedef void ospf_layout(struct text *t, const struct routing_ospf *o, size_t n,
                         const char *interface);

static void
show_of_interface(struct shell *sh, const struct command *cmd, ospf_layout *layout)
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);

	layout(&s.text, state->ospf, state->n_ospf, command_str(cmd, ARG_INTERFACE));
	showing_end(&s);
}

void
cmd_show_ip_ospf_neighbor(struct shell *sh, const struct command *cmd)
{
	show_of_interface(sh, cmd,
	                  command_str(cmd, ARG_DETAIL) ? show_ospf_neighbors_detail
	                                               : show_ospf_neighbors);
}

void
cmd_show_ip_ospf_interface(struct shell *sh, const struct command *cmd)
{
	show_of_interface(sh, cmd, show_ospf_interfaces);
}

void
cmd_show_ip_ospf_interface_brief(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);

	(void)cmd;
	if (state->n_ospf)
		show_ospf_interface_brief(&s.text, state->ospf, state->n_ospf);
	showing_end(&s);
}

static void
show_processes(struct shell *sh, const struct command *cmd,
               void (*layout)(struct text *t, const struct routing_ospf *o))
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);

	for (size_t k = 0; k < state->n_ospf; k++)
		if (!command_has(cmd, ARG_NUMBER) ||
		    command_u32(cmd, ARG_NUMBER) == state->ospf[k].conf->process)
			layout(&s.text, &state->ospf[k]);
	showing_end(&s);
}

void
cmd_show_ip_ospf(struct shell *sh, const struct command *cmd)
{
	show_processes(sh, cmd, show_ospf);
}

void
cmd_show_ip_ospf_database_summary(struct shell *sh, const struct command *cmd)
{
	show_processes(sh, cmd, show_ospf_database_summary);
}

/* --- all protocols ---------------------------------------------------------------------------- */

void
cmd_show_ip_protocols(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);

	(void)cmd;
	for (size_t k = 0; k < state->n_ospf; k++)
		show_ospf_protocol(&s.text, &state->ospf[k]);
	showing_end(&s);
}

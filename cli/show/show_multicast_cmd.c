/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip mroute`, `show ip pim ...`, `show ip igmp ...`: from the host to the layouts. */
#include "cli/show/show_multicast.h"

#include "compiler/policy/vrf.h"
#include "runtime/base/path.h"

const struct multicast_table_state *
showing_multicast(struct showing *s, const struct command *cmd)
{
	static const struct multicast_table_state nothing;
	const struct multicast_state *state =
	    s->host->ops->multicast ? s->host->ops->multicast(s->host, s->arena) : NULL;
	uint32_t vrf;

	if (!showing_vrf(s, cmd, &vrf))
		return NULL;
	for (size_t k = 0; state && k < state->n; k++)
		if (vrf_number(state->tables[k].vrf) == vrf)
			return &state->tables[k];
	return &nothing;
}

typedef void table_layout(struct text *t, const struct multicast_table_state *m,
                          const char *interface);

static void
show_table(struct shell *sh, const struct command *cmd, table_layout *layout)
{
	struct showing s = showing_start(sh);
	const struct multicast_table_state *m = showing_multicast(&s, cmd);

	if (m)
		layout(&s.text, m, command_str(cmd, ARG_INTERFACE));
	showing_end(&s);
}

void
cmd_show_ip_mroute(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct multicast_table_state *m = showing_multicast(&s, cmd);

	if (m && !m->conf)
		text_puts(&s.text, "IP multicast routing is not enabled\n");
	else if (m)
		show_mroutes(&s.text, m, command_u32(cmd, ARG_GROUP));
	showing_end(&s);
}

void
cmd_show_ip_pim_neighbor(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_pim_neighbors);
}

void
cmd_show_ip_pim_interface(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_pim_interfaces);
}

static void
rp_layout(struct text *t, const struct multicast_table_state *m, const char *interface)
{
	(void)interface;
	show_pim_rps(t, m);
}

void
cmd_show_ip_pim_rp_mapping(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, rp_layout);
}

void
cmd_show_ip_igmp_groups(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_igmp_groups);
}

void
cmd_show_ip_igmp_interface(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_igmp_interfaces);
}

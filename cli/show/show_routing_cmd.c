/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip ospf ...`, `show ip protocols` ...: from the host to the layouts. */
#include "cli/show/show_cmd.h"
#include "cli/show/show_routing.h"

#include <string.h>

#include "compiler/policy/vrf.h"
#include "runtime/base/path.h"

const struct routing_state *
showing_routing(struct showing *s)
{
	static const struct routing_state nothing;
	const struct routing_state *state =
	    s->host->ops->routing ? s->host->ops->routing(s->host, s->arena) : NULL;

	return state ? state : &nothing;
}

const struct routing_state *
showing_neighbors(struct showing *s)
{
	const struct routing_state *state =
	    s->host->ops->ospf_neighbors ? s->host->ops->ospf_neighbors(s->host, s->arena) : NULL;

	return state ? state : showing_routing(s);
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
	struct showing s = showing_start(sh);
	const char *interface = command_str(cmd, ARG_INTERFACE);
	const struct routing_state *state;

	if (command_str(cmd, ARG_DETAIL)) {
		state = showing_routing(&s);
		show_ospf_neighbors_detail(&s.text, state->ospf, state->n_ospf, interface);
	} else {
		state = showing_neighbors(&s);
		show_ospf_neighbors(&s.text, state->ospf, state->n_ospf, interface);
	}
	showing_end(&s);
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

/* --- the other protocols ---------------------------------------------------------------------- */

const struct routing_vrf *
showing_routing_vrf(struct showing *s, uint32_t vrf, msec *ret_now)
{
	static const struct routing_vrf nothing;
	const struct routing_state *state = showing_routing(s);

	*ret_now = state->now;
	for (size_t k = 0; k < state->n_vrfs; k++)
		if (vrf_number(state->vrfs[k].name) == vrf)
			return &state->vrfs[k];
	return &nothing;
}

typedef void vrf_layout(struct showing *s, const struct command *cmd, const struct routing_vrf *v,
                        msec now);

static void
show_in_vrf(struct shell *sh, const struct command *cmd, vrf_layout *layout)
{
	struct showing s = showing_start(sh);
	const struct routing_vrf *v;
	uint32_t vrf;
	msec now;

	if (showing_vrf(&s, cmd, &vrf)) {
		v = showing_routing_vrf(&s, vrf, &now);
		layout(&s, cmd, v, now);
	}
	showing_end(&s);
}

static void
eigrp_neighbors(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	(void)cmd;
	show_eigrp_neighbors(&s->text, v, now);
}

static void
eigrp_interfaces(struct showing *s, const struct command *cmd, const struct routing_vrf *v,
                 msec now)
{
	(void)cmd;
	(void)now;
	show_eigrp_interfaces(&s->text, v);
}

static void
eigrp_topology(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	(void)now;
	show_eigrp_topology(&s->text, v, command_str(cmd, ARG_SCOPE) != NULL);
}

static void
rip_database(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	(void)cmd;
	(void)now;
	show_rip_database(&s->text, &v->rip);
}

/* `all` of VPNv4, or a table's. */
static const struct bgp_shown *
bgp_of(struct showing *s, const struct command *cmd, const struct routing_vrf *v)
{
	return command_has(cmd, ARG_ALL) ? &showing_routing(s)->vpnv4 : &v->bgp;
}

static void
bgp_table(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	const struct bgp_shown *b = bgp_of(s, cmd, v);
	uint8_t len = mask_len(command_u32(cmd, ARG_MASK));

	(void)now;
	if (command_has(cmd, ARG_DST))
		show_bgp_entry(&s->text, b, command_u32(cmd, ARG_DST),
		               command_has(cmd, ARG_MASK) ? &len : NULL);
	else if (!b->as)
		text_puts(&s->text, "% BGP not active\n");
	else
		show_bgp_table(&s->text, b);
}

static void
bgp_summary(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	show_bgp_summary(&s->text, bgp_of(s, cmd, v), now,
	                 command_has(cmd, ARG_ALL) || command_has(cmd, ARG_VRF));
}

static void
bgp_neighbors(struct showing *s, const struct command *cmd, const struct routing_vrf *v, msec now)
{
	uint32_t only = command_u32(cmd, ARG_ADDRESS);

	show_bgp_neighbors(&s->text, bgp_of(s, cmd, v),
	                   command_has(cmd, ARG_ADDRESS) ? &only : NULL, now);
}

#define IN_VRF(name)                                                                               \
	void cmd_show_ip_##name(struct shell *sh, const struct command *cmd)                       \
	{                                                                                          \
		show_in_vrf(sh, cmd, name);                                                        \
	}
IN_VRF(eigrp_neighbors)
IN_VRF(eigrp_interfaces)
IN_VRF(eigrp_topology)
IN_VRF(rip_database)
IN_VRF(bgp_table)
IN_VRF(bgp_summary)
IN_VRF(bgp_neighbors)

/* --- MPLS ------------------------------------------------------------------------------------- */

static void
show_mpls(struct shell *sh, void (*layout)(struct text *t, const struct mpls_shown *m, msec now))
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);

	layout(&s.text, &state->mpls, state->now);
	showing_end(&s);
}

void
cmd_show_mpls_interfaces(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	show_mpls(sh, show_mpls_interfaces);
}

void
cmd_show_mpls_forwarding(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	show_mpls(sh, show_mpls_forwarding);
}

void
cmd_show_mpls_ldp_neighbor(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	show_mpls(sh, show_ldp_neighbors);
}

/* --- all protocols ---------------------------------------------------------------------------- */

static const struct policy_bgp_vrf *
bgp_conf(const struct policy *p, const char *vrf)
{
	for (size_t k = 0; k < p->routing.bgp.n_vrfs; k++)
		if (vrf_same(p->routing.bgp.vrfs[k].vrf, vrf))
			return &p->routing.bgp.vrfs[k];
	return NULL;
}

static void
vrf_protocols(struct showing *s, const struct routing_vrf *v)
{
	for (size_t k = 0; k < v->n_eigrp; k++)
		show_eigrp_protocol(&s->text, &v->eigrp[k], &v->eigrp_gateways[k]);
	if (v->rip.conf)
		show_rip_protocol(&s->text, &v->rip, &v->rip_gateways);
	if (v->bgp.as)
		show_bgp_protocol(&s->text, &v->bgp, bgp_conf(s->policy, v->name),
		                  &v->bgp_gateways);
}

void
cmd_show_ip_protocols(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct routing_state *state = showing_routing(&s);
	uint32_t vrf;
	msec now;

	if (showing_vrf(&s, cmd, &vrf)) {
		for (size_t k = 0; k < state->n_ospf; k++)
			if (vrf_number(state->ospf[k].vrf) == vrf)
				show_ospf_protocol(&s.text, &state->ospf[k]);
		vrf_protocols(&s, showing_routing_vrf(&s, vrf, &now));
	}
	showing_end(&s);
}

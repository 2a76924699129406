/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast for scripts. */
#include "cli/show/structured.h"

#include <string.h>

#include "cli/show/show_multicast.h"

static const char *
mode_word(enum multicast_mode mode)
{
	static const char *const words[] = {[MULTICAST_NONE] = NULL,
	                                    [MULTICAST_SPARSE] = "sparse",
	                                    [MULTICAST_DENSE] = "dense",
	                                    [MULTICAST_SSM] = "ssm"};

	return words[mode];
}

static const char *
pim_word(enum pim_mode mode)
{
	static const char *const words[] = {[PIM_OFF] = NULL,
	                                    [PIM_SPARSE] = "sparse",
	                                    [PIM_DENSE] = "dense",
	                                    [PIM_SPARSE_DENSE] = "sparse-dense",
	                                    [PIM_PASSIVE] = "passive"};

	return words[mode];
}

/* Left alone where it does not end. */
static void
put_left(struct emit *e, msec left)
{
	if (left >= 0)
		emit_int(e, "expires_seconds", left / 1000);
}

/* The table, and its name; never NULL. */
static const struct multicast_table_state *
put_table(struct showing *s, struct emit *e)
{
	static const struct multicast_table_state nothing;
	const struct multicast_table_state *m = showing_multicast(s, s->cmd);

	emit_string(e, "vrf", command_str(s->cmd, ARG_VRF));
	return m ? m : &nothing;
}

/* Does the command ask for this interface? */
static bool
is_asked(const struct showing *s, const char *name)
{
	const char *interface = command_str(s->cmd, ARG_INTERFACE);

	return !interface || strcmp(name, interface) == 0;
}

static void
put_mroute(struct emit *e, const struct multicast_mroute *r)
{
	emit_map(e, NULL);
	emit_addr(e, "source", r->source);
	emit_addr(e, "group", r->group);
	emit_addr(e, "rp", r->rp);
	emit_string(e, "mode", mode_word(r->mode));
	emit_string(e, "flags", r->flags);
	emit_int(e, "up_seconds", r->up / 1000);
	put_left(e, r->expires);
	emit_string(e, "incoming_interface", r->in);
	emit_addr(e, "rpf_neighbor", r->rpf);
	emit_bool(e, "registering", r->registers);
	emit_list(e, "outgoing_interfaces");
	for (size_t k = 0; k < r->n_out; k++) {
		emit_map(e, NULL);
		emit_string(e, "interface", r->out[k].name);
		emit_string(e, "mode", pim_word(r->out[k].pim));
		emit_int(e, "up_seconds", r->out[k].up / 1000);
		put_left(e, r->out[k].expires);
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

static void
put_mroutes(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);
	uint32_t group = command_u32(s->cmd, ARG_GROUP);

	emit_bool(e, "enabled", m->conf);
	emit_list(e, "mroutes");
	for (size_t k = 0; k < m->n_mroutes; k++)
		if (!group || m->mroutes[k].group == group)
			put_mroute(e, &m->mroutes[k]);
	emit_end(e);
}

static void
put_neighbors(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);

	emit_list(e, "neighbors");
	for (size_t k = 0; k < m->n_neighbors; k++) {
		const struct multicast_neighbor *n = &m->neighbors[k];

		if (!is_asked(s, n->interface))
			continue;
		emit_map(e, NULL);
		emit_addr(e, "address", n->addr);
		emit_string(e, "interface", n->interface);
		emit_int(e, "up_seconds", n->up / 1000);
		put_left(e, n->expires);
		emit_int(e, "priority", n->priority);
		emit_bool(e, "designated_router", n->dr);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_interfaces(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);

	emit_list(e, "interfaces");
	for (size_t k = 0; k < m->n_interfaces; k++) {
		const struct multicast_pim_interface *i = &m->interfaces[k];

		if (!is_asked(s, i->name))
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", i->name);
		emit_addr(e, "address", i->addr);
		emit_string(e, "mode", pim_word(i->mode));
		emit_bool(e, "up", i->up);
		emit_int(e, "neighbors", (int64_t)i->n_neighbors);
		emit_int(e, "query_seconds", i->query_interval);
		emit_int(e, "priority", i->priority);
		emit_addr(e, "designated_router", i->dr);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_rps(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);

	emit_list(e, "rendezvous_points");
	for (size_t k = 0; m->conf && k < m->conf->n_rps; k++) {
		emit_map(e, NULL);
		emit_addr(e, "address", m->conf->rps[k].addr);
		emit_string(e, "access_list", m->conf->rps[k].acl_name);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_groups(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);

	emit_list(e, "groups");
	for (size_t k = 0; k < m->n_groups; k++) {
		const struct multicast_igmp_group *g = &m->groups[k];

		if (!is_asked(s, g->interface))
			continue;
		emit_map(e, NULL);
		emit_addr(e, "group", g->group);
		emit_addr(e, "source", g->source);
		emit_string(e, "interface", g->interface);
		emit_int(e, "up_seconds", g->up / 1000);
		put_left(e, g->expires);
		emit_addr(e, "last_reporter", g->reporter);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_igmp(struct showing *s, struct emit *e)
{
	const struct multicast_table_state *m = put_table(s, e);

	emit_list(e, "interfaces");
	for (size_t k = 0; k < m->n_igmp; k++) {
		const struct multicast_igmp_interface *i = &m->igmp[k];

		if (!is_asked(s, i->name))
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", i->name);
		emit_bool(e, "up", i->up);
		emit_int(e, "version", i->version);
		emit_addr(e, "querier", i->querier);
		emit_addr(e, "designated_router", i->dr);
		emit_int(e, "groups", (int64_t)i->n_groups);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_multicast[] = {
    {.handler = H_SHOW_IP_MROUTE, .put = put_mroutes},
    {.handler = H_SHOW_ASA_MROUTE, .put = put_mroutes},
    {.handler = H_SHOW_IP_PIM_NEIGHBOR, .put = put_neighbors},
    {.handler = H_SHOW_ASA_PIM_NEIGHBOR, .put = put_neighbors},
    {.handler = H_SHOW_IP_PIM_INTERFACE, .put = put_interfaces},
    {.handler = H_SHOW_IP_PIM_RP_MAPPING, .put = put_rps},
    {.handler = H_SHOW_IP_IGMP_GROUPS, .put = put_groups},
    {.handler = H_SHOW_ASA_IGMP_GROUPS, .put = put_groups},
    {.handler = H_SHOW_IP_IGMP_INTERFACE, .put = put_igmp},
    {.put = NULL},
};

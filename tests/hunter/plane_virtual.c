/* SPDX-License-Identifier: Apache-2.0 */
/* The member as a node of the virtual network. See plane.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/host/sim/sim.h"
#include "compiler/policy/protocol.h"
#include "tests/hunter/plane.h"

#define LAN_PORT "FastEthernet0/1"

struct virtual
{
	struct plane base;
	struct sim *sim;
	struct host *member;
	struct plane_peer *peer;
};

static const struct policy_interface member_nics[] = {
    {.name = RP_PORT, .has_address = true, .addr = RP_OWN, .len = 24},
    {.name = LAN_PORT, .has_address = true, .addr = 0xc0a80101, .len = 24},
    {.name = "Loopback0", .has_address = true, .addr = RP_LO, .len = 32},
};
static const struct policy_route member_routes[] = {{.via = RP_CORE, .distance = 1}};
static const struct policy member_policy = {.ip_routing = true,
                                            .n_interfaces = ARRAY_SIZE(member_nics),
                                            .interfaces = member_nics,
                                            .n_routes = 1,
                                            .routes = member_routes};
static const struct policy_interface core_nic = {
    .name = RP_PORT, .has_address = true, .addr = RP_CORE, .len = 24};
static const struct policy core_policy = {.n_interfaces = 1, .interfaces = &core_nic};
static const struct policy_interface host_nic = {
    .name = RP_PORT, .has_address = true, .addr = RP_HOST, .len = 24};
static const struct policy host_policy = {.n_interfaces = 1, .interfaces = &host_nic};

static void
see_packet(void *arg, const struct sim_seen *s)
{
	struct virtual *v = arg;
	uint32_t id, spi = 0;
	enum plane_sight what = PLANE_LAN;

	if (strcmp(s->node, "member") != 0)
		return;
	if (s->what == SIM_TAKEN)
		what = PLANE_TAKEN;
	else if (strcmp(s->link, "core") == 0)
		what = PLANE_CORE_CLEAR;
	if (what == PLANE_CORE_CLEAR && plane_peer_open(v->peer, s->packet, &id, &spi))
		v->base.seen(v->base.arg, id, PLANE_CORE_ESP, spi);
	else if (plane_mark(s->packet, &id) && (what != PLANE_TAKEN || *s->interface))
		v->base.seen(v->base.arg, id, what, 0);
}

static int
op_set(struct plane *p, const struct random_policy *policy)
{
	struct virtual *v = (struct virtual *)p;
	struct dataplane *dp = v->member->ops->dataplane(v->member);
	int error;

	plane_peer_free(v->peer);
	v->peer = plane_peer_new(policy);
	dp->ops->clear(dp, "G");
	dp->ops->clear(dp, "H");
	for (size_t i = 0; i < policy->n_groups; i++)
		if ((error = dp->ops->set(dp, &policy->groups[i])))
			return error;
	return dp->ops->doors(dp, &policy->door, policy->has_door);
}

static void
op_put(struct plane *p, const struct plane_packet *packet, uint32_t id)
{
	struct virtual *v = (struct virtual *)p;
	uint8_t bytes[PLANE_PACKET_MAX];
	size_t n;

	if (packet->esp) {
		n = plane_peer_seal(v->peer, packet, id, bytes);
		sim_packet_inject(v->sim, "core", "member", SPAN(bytes, n));
		return;
	}
	for (unsigned part = 0; (n = plane_packet_part(packet, id, part, bytes)); part++)
		if (packet->in)
			sim_packet_inject(v->sim, "core", "member", SPAN(bytes, n));
		else if (rp_own(packet->flow.src))
			sim_packet_send(v->sim, "member", SPAN(bytes, n));
		else
			sim_packet_inject(v->sim, "lan", "member", SPAN(bytes, n));
}

static bool
op_turn(struct plane *p)
{
	struct virtual *v = (struct virtual *)p;

	sim_run_until(v->sim, sim_now(v->sim) + 20);
	return false;
}

static void
op_close(struct plane *p)
{
	struct virtual *v = (struct virtual *)p;

	plane_peer_free(v->peer);
	sim_free(v->sim);
	free(v);
}

struct plane *
plane_virtual_new(void)
{
	static const struct plane_ops ops = {op_set, op_put, op_turn, op_close};
	const struct host_events silent = {.arg = NULL};
	struct virtual *v = x_alloc(sizeof(*v));
	struct host *core, *host;

	v->base.ops = &ops;
	v->base.name = "virtual";
	v->sim = sim_new(1, 0);
	v->member = sim_node_add(v->sim, "member", &silent);
	core = sim_node_add(v->sim, "core", &silent);
	host = sim_node_add(v->sim, "host", &silent);
	sim_link_add(v->sim, "core", 1);
	sim_link_add(v->sim, "lan", 1);
	sim_link_attach(v->sim, "core", "member", RP_PORT);
	sim_link_attach(v->sim, "core", "core", RP_PORT);
	sim_link_attach(v->sim, "lan", "member", LAN_PORT);
	sim_link_attach(v->sim, "lan", "host", RP_PORT);
	v->member->ops->apply(v->member, &member_policy);
	core->ops->apply(core, &core_policy);
	host->ops->apply(host, &host_policy);
	for (size_t i = 0; i < ARRAY_SIZE(rp_many); i++)
		v->member->ops->join(v->member, RP_PORT, rp_many[i], GDOI_PORT, true);
	sim_watch(v->sim, see_packet, v);
	return &v->base;
}

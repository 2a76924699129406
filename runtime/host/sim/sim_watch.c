/* SPDX-License-Identifier: Apache-2.0 */
/* Watching a virtual network, and putting packets of any kind into it: for tests. See sim.h. */
#include "runtime/host/sim/sim_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
sim_watch(struct sim *sim, void (*see)(void *arg, const struct sim_seen *seen), void *arg)
{
	sim->see = see;
	sim->see_arg = arg;
}

int
sim_packet_send(struct sim *sim, const char *node, struct span packet)
{
	struct sim_node *n = sim_node_find(sim, node);
	struct frame *f;

	if (!n)
		return -ENOENT;
	if (!n->powered)
		return -EHOSTDOWN;
	f = sim_frame_new(packet);
	if (packet_read(&f->pkt))
		return sim_ip_launch(n->tables, f);
	free(f);
	return -EINVAL;
}

int
sim_packet_inject(struct sim *sim, const char *link, const char *node, struct span packet)
{
	return sim_frame_inject(sim, link, node, 0, packet);
}

static int
frame_inject(struct sim *sim, const char *link, const char *node, uint16_t vlan, struct span packet,
             void (*deliver)(struct nic *to, struct span bytes))
{
	struct sim_link *l = sim_link_find(sim, link);
	bool found = false;

	for (size_t i = 0; l && i < l->n_nics; i++)
		if (!node || strcmp(l->nics[i]->node->name, node) == 0) {
			struct nic *to = sim_takes_tag(l->nics[i], vlan);

			if (to)
				deliver(to, packet);
			found = true;
		}
	return found ? 0 : -ENOENT;
}

int
sim_frame_inject(struct sim *sim, const char *link, const char *node, uint16_t vlan,
                 struct span packet)
{
	return frame_inject(sim, link, node, vlan, packet, sim_deliver);
}

int
sim_labels_inject(struct sim *sim, const char *link, const char *node, struct span packet)
{
	return frame_inject(sim, link, node, 0, packet, sim_deliver_labels);
}

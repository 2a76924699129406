/* SPDX-License-Identifier: Apache-2.0 */
/* A lab in the virtual network: see lab_place.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab/lab_place.h"

struct place {
	struct lab_place base;
	struct sim *sim;
};

static struct sim *
sim_of(struct lab_place *p)
{
	return ((struct place *)p)->sim;
}

static struct host *
op_node(struct lab_place *p, const struct lab_node_spec *spec, const struct host_events *events,
        const char **ret_error)
{
	(void)ret_error;
	return sim_node_add(sim_of(p), spec->name, events);
}

static int
op_link(struct lab_place *p, const struct lab_link *link)
{
	int error = sim_link_add(sim_of(p), link->name, link->latency);

	for (size_t i = 0; i < link->n_ends && !error; i++)
		error = sim_link_attach(sim_of(p), link->name, link->ends[i].node,
		                        link->ends[i].interface);
	return error;
}

static int
op_link_set(struct lab_place *p, const char *node, const char *interface, bool up)
{
	return sim_interface_set(sim_of(p), node, interface, up);
}

static void
op_power(struct lab_place *p, const char *node, bool on)
{
	sim_node_power(sim_of(p), node, on);
}

static int
op_faults(struct lab_place *p, const double faults[LAB_FAULTS])
{
	sim_faults(sim_of(p), faults[LAB_LOSS], faults[LAB_DUPLICATE], faults[LAB_REORDER]);
	return 0;
}

static msec
op_now(struct lab_place *p)
{
	return sim_now(sim_of(p));
}

static void
op_run_until(struct lab_place *p, msec when)
{
	sim_run_until(sim_of(p), when);
}

static bool
op_step(struct lab_place *p, msec limit)
{
	msec next = sim_next(sim_of(p));

	if (next >= limit)
		return false;
	sim_run_until(sim_of(p), next);
	return true;
}

static void
op_close(struct lab_place *p)
{
	sim_free(sim_of(p));
	free(p);
}

static const struct lab_place_ops ops = {
    .node = op_node,
    .link = op_link,
    .link_set = op_link_set,
    .power = op_power,
    .faults = op_faults,
    .now = op_now,
    .run_until = op_run_until,
    .step = op_step,
    .close = op_close,
    .line_time = SECONDS(1),
};

struct sim *
lab_place_is_sim(struct lab_place *p)
{
	return p->ops == &ops ? sim_of(p) : NULL;
}

struct lab_place *
lab_place_sim(const struct lab_options *o, const char **ret_error)
{
	struct place *p = x_alloc(sizeof(*p));
	int error;

	p->base.ops = &ops;
	p->sim = sim_new(o->seed, o->wall);
	error = o->pcap ? sim_pcap(p->sim, o->pcap) : 0;
	if (error) {
		*ret_error = strerror(-error);
		op_close(&p->base);
		return NULL;
	}
	return &p->base;
}

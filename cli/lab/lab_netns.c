/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab in network namespaces of this machine: testudo-LAB.NODE for every node, veth pairs for
 * links, a namespace with a bridge for a link of more than two ends. `ip netns exec` sees them.
 * Another process makes them before anything lives in them, and takes them away (lab_keeper.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "cli/frr/frr_outbox.h"
#include "cli/lab/lab_keeper.h"
#include "cli/lab/lab_place.h"

#define LINE_TIME 50 /* milliseconds: what a typed line sets off on this machine comes at once */

struct netns_node {
	const struct lab_node_spec *spec;
	int netns; /* its namespace, until the host has it; -1 */
	struct host *host;
	struct place *place;
	char *namespace;
	struct log_sink log;
};

struct place {
	struct lab_place base;
	uv_loop_t *loop;
	uv_timer_t alarm;
	enum linux_dataplane dataplane;
	int speaker; /* -1: there is none, or it has ended */
	struct frr_outbox orders;
	uv_poll_t reports;
	size_t n_nodes;
	struct netns_node *nodes;
};

static struct place *
place_of(struct lab_place *p)
{
	return (struct place *)p;
}

static struct netns_node *
node_find(struct place *p, const char *name)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		if (!strcmp(p->nodes[i].spec->name, name))
			return &p->nodes[i];
	return NULL;
}

/* --- FRR -------------------------------------------------------------------------------------- */

static void on_line(uv_poll_t *poll, int status, int events);

/* What the line does not take now goes when it does. */
static void
send_orders(struct place *p)
{
	const bool waits = frr_outbox_send(&p->orders, p->speaker) == -EAGAIN;

	uv_poll_start(&p->reports, UV_READABLE | (waits ? UV_WRITABLE : 0), on_line);
}

static int
speak_routing(void *arg, unsigned daemons, const char *text)
{
	const struct netns_node *n = arg;
	struct place *p = n->place;
	int error = p->speaker < 0 ? -EPIPE
	                           : frr_outbox_put(&p->orders, n->spec->name, n->namespace,
	                                            FRR_OWN, daemons, text);

	if (!error)
		send_orders(p);
	return error;
}

static bool
ask_routing(void *arg, enum frr_question question, struct text *ret)
{
	const struct netns_node *n = arg;

	return !frr_outbox_waits(&n->place->orders) &&
	       frr_speaker_ask(n->place->speaker, n->spec->name, question, ret);
}

static void
on_line(uv_poll_t *poll, int status, int events)
{
	struct place *p = poll->data;
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];
	const struct netns_node *n;

	if (status >= 0 && events == UV_WRITABLE) {
		send_orders(p);
		return;
	}
	if (status < 0 || !frr_speaker_hear(p->speaker, node, report)) {
		uv_poll_stop(poll);
		p->speaker = -1;
		return;
	}
	n = node_find(p, node);
	if (n && n->host)
		LOG(&n->log, HOST_ERROR, "FRR", report);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static struct host *
host_new(struct place *p, struct netns_node *n, const struct host_events *events,
         const char **ret_error)
{
	struct linux_interface map[LAB_INTERFACES_MAX];
	char devices[LAB_INTERFACES_MAX][LAB_DEVICE_MAX];
	struct linux_options o = {.loop = p->loop,
	                          .name = n->spec->name,
	                          .events = *events,
	                          .newborn = true,
	                          .terminals = true,
	                          .dataplane = p->dataplane,
	                          .interfaces = map};
	struct host *host = NULL;

	for (size_t i = 0; i < n->spec->n_interfaces; i++) {
		const char *name = n->spec->interfaces[i].name;

		if (policy_names_loopback(name))
			continue;
		lab_keeper_device(name, devices[o.n_interfaces]);
		map[o.n_interfaces].name = name;
		map[o.n_interfaces].device = devices[o.n_interfaces];
		o.n_interfaces++;
	}
	n->log = events->log;
	if (p->speaker >= 0) {
		o.speak = speak_routing;
		o.ask = ask_routing;
		o.speak_arg = n;
	}
	o.netns = n->netns;
	n->netns = -1;
	if (linux_new(&o, &host, ret_error))
		return NULL;
	linux_take(host);
	return host;
}

static struct host *
op_node(struct lab_place *place, const struct lab_node_spec *spec, const struct host_events *events,
        const char **ret_error)
{
	struct place *p = place_of(place);
	struct netns_node *n = node_find(p, spec->name);

	n->host = host_new(p, n, events, ret_error);
	return n->host;
}

static void
op_power(struct lab_place *place, const char *node, bool on)
{
	struct netns_node *n = node_find(place_of(place), node);

	if (n && n->host)
		linux_power(n->host, on);
}

/* --- links ------------------------------------------------------------------------------------ */

static int
op_link_set(struct lab_place *place, const char *node, const char *interface, bool up)
{
	struct netns_node *n = node_find(place_of(place), node);

	return n ? linux_link_set(n->host, interface, up) : -ENOENT;
}

static int
op_faults(struct lab_place *place, const double faults[LAB_FAULTS])
{
	(void)place;
	for (int i = 0; i < LAB_FAULTS; i++)
		if (faults[i] > 0)
			return -EOPNOTSUPP;
	return 0;
}

/* --- time ------------------------------------------------------------------------------------- */

static msec
op_now(struct lab_place *place)
{
	struct timespec t;

	(void)place;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
on_alarm(uv_timer_t *timer)
{
	(void)timer; /* it only ends the loop's sleep */
}

/* Runs the loop until an event has come, or until `when`. */
static void
turn_loop(struct place *p, msec when)
{
	msec left = when - op_now(&p->base);

	uv_update_time(p->loop);
	uv_timer_start(&p->alarm, on_alarm, left > 0 ? (uint64_t)left : 0, 0);
	uv_run(p->loop, UV_RUN_ONCE);
	uv_timer_stop(&p->alarm);
}

static void
op_run_until(struct lab_place *place, msec when)
{
	while (op_now(place) < when)
		turn_loop(place_of(place), when);
}

static bool
op_step(struct lab_place *place, msec limit)
{
	if (op_now(place) >= limit)
		return false;
	turn_loop(place_of(place), limit);
	return true;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
op_leave(struct lab_place *place)
{
	struct place *p = place_of(place);

	for (size_t i = 0; i < p->n_nodes; i++) {
		if (p->nodes[i].host)
			p->nodes[i].host->ops->close(p->nodes[i].host);
		p->nodes[i].host = NULL;
	}
	if (!uv_is_closing((uv_handle_t *)&p->alarm))
		uv_close((uv_handle_t *)&p->alarm, NULL);
	if (p->reports.data && !uv_is_closing((uv_handle_t *)&p->reports))
		uv_close((uv_handle_t *)&p->reports, NULL);
}

static void
op_close(struct lab_place *place)
{
	struct place *p = place_of(place);

	op_leave(place);
	uv_run(p->loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < p->n_nodes; i++)
		if (p->nodes[i].netns >= 0)
			close(p->nodes[i].netns);
	for (size_t i = 0; i < p->n_nodes; i++)
		free(p->nodes[i].namespace);
	frr_outbox_fini(&p->orders);
	free(p->nodes);
	free(p);
}

static const struct lab_place_ops ops = {
    .node = op_node,
    .link_set = op_link_set,
    .power = op_power,
    .faults = op_faults,
    .now = op_now,
    .run_until = op_run_until,
    .step = op_step,
    .leave = op_leave,
    .close = op_close,
    .line_time = LINE_TIME,
};

/* Opens the nodes' namespaces: the way into each of them, whatever this process gives up. */
static bool
open_namespaces(struct place *p, const struct lab_spec *spec)
{
	bool open_all = true;

	for (size_t i = 0; i < spec->n_nodes && open_all; i++) {
		char *name = lab_keeper_namespace(spec, spec->nodes[i].name);
		char *path = x_asprintf("/run/netns/%s", name);
		struct netns_node *n = &p->nodes[p->n_nodes++];

		n->spec = &spec->nodes[i];
		n->place = p;
		n->netns = open(path, O_RDONLY | O_CLOEXEC);
		open_all = n->netns >= 0;
		free(path);
		n->namespace = name;
	}
	return open_all;
}

struct lab_place *
lab_place_netns(const struct lab_spec *spec, const struct lab_options *o, const char **ret_error)
{
	struct place *p;

	if (o->pcap) {
		*ret_error = "captures are of the virtual network; here: ip netns exec ... tcpdump";
		return NULL;
	}
	p = x_alloc(sizeof(*p));
	p->base.ops = &ops;
	p->loop = o->netns_loop;
	uv_timer_init(p->loop, &p->alarm);
	p->dataplane = o->dataplane;
	p->speaker = o->speaker;
	if (p->speaker >= 0 && uv_poll_init(p->loop, &p->reports, p->speaker))
		p->speaker = -1;
	if (p->speaker >= 0) {
		p->reports.data = p;
		send_orders(p);
	}
	p->nodes = x_alloc(spec->n_nodes * sizeof(*p->nodes));
	if (lab_keeper_build(o->keeper, spec, ret_error)) {
		if (open_namespaces(p, spec))
			return &p->base;
		*ret_error = "cannot open a node's namespace";
	}
	op_close(&p->base);
	return NULL;
}

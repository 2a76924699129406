/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab in network namespaces of this machine: testudo-LAB-NODE for every node, veth pairs for
 * links, a namespace with a bridge for a link of more than two ends. `ip netns exec` sees them.
 * They go when the lab ends; what a killed lab left is taken away when it starts again. The
 * building is iproute2's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "cli/lab/lab_place.h"

#define ARGS_MAX   24
#define LINE_TIME  50 /* milliseconds: what a typed line sets off on this machine comes at once */
#define DEVICE_MAX 16

struct netns_node {
	const struct lab_node_spec *spec;
	char *namespace;
	struct host *host;
};

struct place {
	struct lab_place base;
	const struct lab_spec *spec;
	uv_loop_t *loop;
	uv_timer_t alarm;
	enum linux_dataplane dataplane;
	size_t n_nodes;
	struct netns_node *nodes;
	size_t n_bridges;
	char **bridges; /* namespaces of links with more than two ends */
};

static struct place *
place_of(struct lab_place *p)
{
	return (struct place *)p;
}

/* --- iproute2 --------------------------------------------------------------------------------- */

/*
 * Runs `ip` with the words up to NULL; 0 or -errno. quiet: its complaints are thrown away. It is an
 * int because va_start may not have what is promoted.
 */
static int
run_ip(int quiet, ...)
{
	char *args[ARGS_MAX] = {(char *)"ip"};
	posix_spawn_file_actions_t actions;
	int n = 1, status = 0, error;
	va_list ap;
	pid_t pid;

	va_start(ap, quiet);
	while (n < ARGS_MAX - 1 && (args[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	posix_spawn_file_actions_init(&actions);
	if (quiet)
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, "ip", &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* "FastEthernet0/0" is Fa0-0: a device's name is short and has no slash. */
static void
device_name(const char *interface, char ret[static DEVICE_MAX])
{
	const char *unit = interface + strcspn(interface, "0123456789");
	char *slash;

	snprintf(ret, DEVICE_MAX, "%.2s%.12s", interface, unit);
	while ((slash = strchr(ret, '/')))
		*slash = '-';
}

static struct netns_node *
node_find(struct place *p, const char *name)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		if (!strcmp(p->nodes[i].spec->name, name))
			return &p->nodes[i];
	return NULL;
}

static int
namespace_new(const char *name)
{
	int error;

	run_ip(true, "netns", "del", name, NULL);
	error = run_ip(false, "netns", "add", name, NULL);
	return error ? error : run_ip(false, "-n", name, "link", "set", "lo", "up", NULL);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static struct host *
host_new(struct place *p, struct netns_node *n, const struct host_events *events,
         const char **ret_error)
{
	struct linux_interface map[LAB_INTERFACES_MAX];
	char devices[LAB_INTERFACES_MAX][DEVICE_MAX];
	struct linux_options o = {.loop = p->loop,
	                          .name = n->spec->name,
	                          .events = *events,
	                          .newborn = true,
	                          .dataplane = p->dataplane,
	                          .interfaces = map};
	char *path = x_asprintf("/run/netns/%s", n->namespace);
	struct host *host = NULL;

	for (size_t i = 0; i < n->spec->n_interfaces; i++) {
		const char *name = n->spec->interfaces[i].name;

		if (!strncmp(name, "Loopback", 8))
			continue;
		device_name(name, devices[o.n_interfaces]);
		map[o.n_interfaces].name = name;
		map[o.n_interfaces].device = devices[o.n_interfaces];
		o.n_interfaces++;
	}
	o.netns = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	*ret_error = "cannot open a node's namespace";
	if (o.netns < 0 || linux_new(&o, &host, ret_error))
		return NULL;
	linux_take(host);
	return host;
}

static struct host *
op_node(struct lab_place *place, const struct lab_node_spec *spec, const struct host_events *events,
        const char **ret_error)
{
	struct place *p = place_of(place);
	struct netns_node *n = &p->nodes[p->n_nodes++];

	n->spec = spec;
	n->namespace = x_asprintf("testudo-%s-%s", p->spec->name, spec->name);
	*ret_error = "cannot make a network namespace (is this root, is iproute2 there?)";
	if (namespace_new(n->namespace))
		return NULL;
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
make_pair(const char *ns1, const char *dev1, const char *ns2, const char *dev2)
{
	int error = run_ip(false, "link", "add", dev1, "netns", ns1, "type", "veth", "peer", "name",
	                   dev2, "netns", ns2, NULL);

	if (!error)
		error = run_ip(false, "-n", ns1, "link", "set", dev1, "up", NULL);
	return error ? error : run_ip(false, "-n", ns2, "link", "set", dev2, "up", NULL);
}

static int
make_bridge(struct place *p, const struct lab_link *link)
{
	char *name = x_asprintf("testudo-%s-link%zu", p->spec->name, p->n_bridges);
	int error = namespace_new(name);

	p->bridges[p->n_bridges++] = name;
	if (!error)
		error = run_ip(false, "-n", name, "link", "add", "br0", "type", "bridge", NULL);
	if (!error)
		error = run_ip(false, "-n", name, "link", "set", "br0", "up", NULL);
	for (size_t i = 0; i < link->n_ends && !error; i++) {
		struct netns_node *n = node_find(p, link->ends[i].node);
		char device[DEVICE_MAX], port[DEVICE_MAX];

		device_name(link->ends[i].interface, device);
		snprintf(port, sizeof(port), "p%u", (unsigned)i);
		error = make_pair(n->namespace, device, name, port);
		if (!error)
			error =
			    run_ip(false, "-n", name, "link", "set", port, "master", "br0", NULL);
	}
	return error;
}

static int
op_link(struct lab_place *place, const struct lab_link *link)
{
	struct place *p = place_of(place);
	char one[DEVICE_MAX], two[DEVICE_MAX];

	if (link->n_ends != 2)
		return make_bridge(p, link);
	device_name(link->ends[0].interface, one);
	device_name(link->ends[1].interface, two);
	return make_pair(node_find(p, link->ends[0].node)->namespace, one,
	                 node_find(p, link->ends[1].node)->namespace, two);
}

static int
op_link_set(struct lab_place *place, const char *node, const char *interface, bool up)
{
	struct netns_node *n = node_find(place_of(place), node);
	char device[DEVICE_MAX];

	device_name(interface, device);
	return n ? run_ip(false, "-n", n->namespace, "link", "set", device, up ? "up" : "down",
	                  NULL)
	         : -ENOENT;
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
}

static void
op_close(struct lab_place *place)
{
	struct place *p = place_of(place);

	op_leave(place);
	uv_run(p->loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < p->n_nodes; i++) {
		run_ip(true, "netns", "del", p->nodes[i].namespace, NULL);
		free(p->nodes[i].namespace);
	}
	for (size_t i = 0; i < p->n_bridges; i++) {
		run_ip(true, "netns", "del", p->bridges[i], NULL);
		free(p->bridges[i]);
	}
	free(p->bridges);
	free(p->nodes);
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
    .leave = op_leave,
    .close = op_close,
    .line_time = LINE_TIME,
};

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
	p->spec = spec;
	p->loop = o->netns_loop;
	uv_timer_init(p->loop, &p->alarm);
	p->dataplane = o->dataplane;
	p->nodes = x_alloc((spec->n_nodes + 1) * sizeof(*p->nodes));
	p->bridges = x_alloc((spec->n_links + 1) * sizeof(*p->bridges));
	return &p->base;
}

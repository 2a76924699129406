/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab come alive: see lab.h. The lab owns the sim, and for every node its struct node and its
 * router; the sim owns the hosts. Power goes one way: the router is switched, and its hook takes
 * the virtual machine along.
 */
#include "cli/lab/lab.h"

#include <stdatomic.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/lab/lab_keep.h"
#include "cli/lab/lab_place.h"
#include "cli/lab/lab_start.h"
#include "cli/lab/lab_wait.h"
#include "cli/shell/acting.h"
#include "runtime/store/store_line.h"
#include "runtime/store/store_memory.h"

struct lab_node {
	struct lab *lab;
	const struct lab_node_spec *spec;
	struct node *node;
	struct router *router;
	struct store *store; /* of its key servers; it outlives a crash */
	struct store *line;  /* to the lab's, which key servers of several nodes share */
	struct lab_start start;
};

struct lab {
	const struct lab_spec *spec;
	struct lab_options options;
	struct lab_place *place;
	struct lab_wait *wait; /* NULL: time is real */
	struct store *engine;  /* what key servers of several nodes share */
	msec ahead;            /* of the machine's clock, once the lab is live */
	atomic_bool live;
	bool left; /* its nodes' hosts are closed */
	size_t n_nodes;
	struct lab_node *nodes;
};

/* --- building --------------------------------------------------------------------------------- */

/* The node needs its log before its router exists, so the lab passes the records on. */
static void
node_log(void *arg, const struct log_record *record)
{
	struct lab_node *n = arg;
	struct log_sink sink;

	if (!n->router)
		return;
	sink = router_log_sink(n->router);
	sink.write(sink.arg, record);
}

static void
node_submit(void *arg, struct node *node, struct job *job)
{
	struct lab_node *n = arg;

	if (n->lab->options.submit) {
		n->lab->options.submit(n->lab->options.arg, node, job);
	} else if (n->lab->wait && store_line_is_slow(n->line)) {
		lab_wait_run(n->lab->wait, node, n->spec->name, job);
	} else {
		job->run(job);
		node_job_done(node, job);
	}
}

static void
switch_power(void *arg, bool on)
{
	struct lab_node *n = arg;

	n->lab->place->ops->power(n->lab->place, n->spec->name, on);
}

static int
on_saved(void *arg)
{
	struct lab_node *n = arg;

	return lab_start_saved(&n->start);
}

static void
on_touched(void *arg)
{
	struct lab_node *n = arg;

	n->lab->options.touched(n->lab->options.arg, n->router);
}

static struct store *
node_store(void *arg, const struct policy_store *wanted)
{
	struct lab_node *n = arg;

	return wanted->none ? NULL : n->store;
}

static struct store *
node_shared(void *arg, const struct policy *wanted, bool *ret_other)
{
	struct lab_node *n = arg;

	(void)wanted;
	*ret_other = false;
	return n->line;
}

/* The node's way to the store that key servers share. */
static struct store *
make_line(struct lab *lab, size_t i)
{
	const struct lab_options *o = &lab->options;
	struct store *door = store_memory_door(lab->engine), *line;

	line = store_line_new(o->shared ? o->shared(o->arg, i, door) : door);
	if (lab->wait)
		store_line_set_pause(line, lab_wait_pause, lab->wait);
	return line;
}

static struct router *
find_peer(void *arg, const char *name)
{
	const struct lab_node *n = arg;

	for (size_t i = 0; i < n->lab->n_nodes; i++)
		if (strcmp(n->lab->nodes[i].spec->name, name) == 0)
			return n->lab->nodes[i].router;
	return NULL;
}

static void
on_readdressed(void *arg)
{
	struct lab_node *n = arg;

	router_touch(n->router);
}

static bool
add_node(struct lab *lab, const struct lab_node_spec *spec, const char **ret_error)
{
	struct lab_node *n = &lab->nodes[lab->n_nodes++];
	struct node_config config = {.name = spec->name, .log = {.write = node_log, .arg = n}};
	struct router_hooks hooks = {
	    .power = switch_power, .saved = on_saved, .peer = find_peer, .arg = n};
	struct host_events events;
	struct host *host;

	n->lab = lab;
	n->spec = spec;
	config.submit = node_submit;
	config.arg = n;
	n->store = store_memory_new();
	config.store = node_store;
	n->line = make_line(lab, lab->n_nodes - 1);
	config.shared = node_shared;
	config.shares = true;
	config.readdressed = on_readdressed;
	config.store_arg = n;
	n->node = node_new(&config);
	events = node_events(n->node);
	host = lab->place->ops->node(lab->place, spec, &events, ret_error);
	if (!host)
		return false;
	node_attach(n->node, host);
	n->router = router_new_as(spec->name, n->node, spec->kind);
	n->start = (struct lab_start){.spec = spec, .options = &lab->options, .router = n->router};
	router_set_actor(n->router, &shell_actor);
	if (lab->options.touched)
		hooks.touched = on_touched;
	router_set_hooks(n->router, &hooks);
	if (lab->options.keep)
		router_set_files(n->router, lab_keep_flash(lab->options.keep, spec->name));
	return true;
}

static bool
build_lab(struct lab *lab, const char **ret_error)
{
	const struct lab_spec *spec = lab->spec;
	int error = 0;

	*ret_error = "its process could not be shut in";
	if (lab->options.placed && !lab->options.placed(lab->options.arg))
		return false;
	for (size_t i = 0; i < spec->n_nodes; i++)
		if (!add_node(lab, &spec->nodes[i], ret_error))
			return false;
	for (size_t i = 0; i < spec->n_links && !error && lab->place->ops->link; i++)
		error = lab->place->ops->link(lab->place, &spec->links[i]);
	if (error)
		*ret_error = strerror(-error);
	return !error;
}

static msec
machine_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Leases end by the lab's time. A live lab follows the machine, and other threads ask. */
static msec
engine_now(void *arg)
{
	struct lab *lab = arg;

	return atomic_load(&lab->live) ? machine_now() + lab->ahead : lab_now(lab);
}

void
lab_go_live(struct lab *lab)
{
	lab->ahead = lab_now(lab) - machine_now();
	atomic_store(&lab->live, true);
}

struct lab *
lab_new(const struct lab_spec *spec, const struct lab_options *options, const char **ret_error)
{
	struct lab *lab = x_alloc(sizeof(*lab));

	lab->spec = spec;
	lab->options = *options;
	lab->nodes = x_alloc(spec->n_nodes * sizeof(*lab->nodes));
	lab->engine = store_memory_new();
	lab->place = options->netns_loop ? lab_place_netns(spec, options, ret_error)
	                                 : lab_place_sim(options, ret_error);
	if (lab->place && !options->netns_loop)
		store_memory_set_clock(lab->engine, engine_now, lab);
	/* Where jobs run in threads of their own, time is real. */
	if (lab->place && !options->submit)
		lab->wait = lab_wait_new(lab_place_is_sim(lab->place));
	if (!lab->place || !build_lab(lab, ret_error)) {
		lab_free(lab);
		return NULL;
	}
	for (size_t i = 0; i < lab->n_nodes; i++)
		lab_start_node(&lab->nodes[i].start);
	return lab;
}

void
lab_leave(struct lab *lab)
{
	if (!lab->place->ops->leave)
		return;
	for (size_t i = 0; i < lab->n_nodes; i++)
		node_stop(lab->nodes[i].node);
	lab->place->ops->leave(lab->place);
	lab->left = true;
}

void
lab_free(struct lab *lab)
{
	if (!lab)
		return;
	for (size_t i = 0; i < lab->n_nodes; i++) {
		struct router *r = lab->nodes[i].router;

		/* What the node says as it goes has no reader any more. */
		lab->nodes[i].router = NULL;
		if (r && !lab->left)
			node_stop(lab->nodes[i].node);
		router_free(r);
	}
	lab_wait_free(lab->wait);
	/* The hosts first: in namespaces their last events come while they close. */
	if (lab->place)
		lab->place->ops->close(lab->place);
	for (size_t i = 0; i < lab->n_nodes; i++) {
		node_free(lab->nodes[i].node);
		store_close(lab->nodes[i].store);
		store_close(lab->nodes[i].line);
	}
	store_close(lab->engine);
	free(lab->nodes);
	free(lab);
}

/* --- while it lives --------------------------------------------------------------------------- */

const struct lab_spec *
lab_spec(const struct lab *lab)
{
	return lab->spec;
}

struct sim *
lab_sim(struct lab *lab)
{
	return lab_place_is_sim(lab->place);
}

msec
lab_now(const struct lab *lab)
{
	return lab->place->ops->now(lab->place);
}

void
lab_run_until(struct lab *lab, msec when)
{
	lab->place->ops->run_until(lab->place, when);
}

bool
lab_step(struct lab *lab, msec limit)
{
	return lab->place->ops->step(lab->place, limit);
}

msec
lab_line_time(const struct lab *lab)
{
	return lab->place->ops->line_time;
}

int
lab_faults(struct lab *lab, const double faults[LAB_FAULTS])
{
	return lab->place->ops->faults(lab->place, faults);
}

struct router *
lab_router(struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->n_nodes; i++)
		if (strcmp(lab->nodes[i].spec->name, name) == 0)
			return lab->nodes[i].router;
	return NULL;
}

struct router *
lab_router_at(struct lab *lab, size_t i)
{
	return i < lab->n_nodes ? lab->nodes[i].router : NULL;
}

/* A node's line to the store that key servers share; NULL: there is no such node. */
static struct store *
find_line(struct lab *lab, const char *node)
{
	for (size_t i = 0; i < lab->n_nodes; i++)
		if (strcmp(lab->nodes[i].spec->name, node) == 0)
			return lab->nodes[i].line;
	return NULL;
}

bool
lab_store_line(struct lab *lab, const char *node, enum store_line_state state)
{
	struct store *line = find_line(lab, node);

	if (line)
		store_line_set(line, state);
	return line != NULL;
}

bool
lab_store_slow(struct lab *lab, const char *node, msec time)
{
	struct store *line = find_line(lab, node);

	if (line)
		store_line_set_slow(line, time);
	return line != NULL;
}

struct store *
lab_store_shared(struct lab *lab)
{
	return lab->engine;
}

bool
lab_saved(const struct lab *lab, size_t i)
{
	return i < lab->n_nodes && lab->nodes[i].start.saved;
}

struct store *
lab_store_at(struct lab *lab, size_t i)
{
	return i < lab->n_nodes ? lab->nodes[i].store : NULL;
}

int
lab_link_set(struct lab *lab, const char *node, const char *interface, bool up)
{
	struct arena *a = arena_new();
	const char *name = lab_interface_name(a, interface);
	int error = name ? lab->place->ops->link_set(lab->place, node, name, up) : -ENOENT;

	arena_free(a);
	return error;
}

int
lab_crash(struct lab *lab, const char *node)
{
	struct router *r = lab_router(lab, node);

	if (!r)
		return -ENOENT;
	if (lab->wait)
		lab_wait_kill(lab->wait, router_node(r));
	router_crash(r);
	return 0;
}

int
lab_boot(struct lab *lab, const char *node)
{
	struct router *r = lab_router(lab, node);

	if (!r)
		return -ENOENT;
	if (!router_is_up(r))
		router_boot(r);
	return 0;
}

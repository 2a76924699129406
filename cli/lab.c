/*
 * A lab come alive: see lab.h. The lab owns the sim, and for every node its struct node and its
 * router; the sim owns the hosts. Power goes one way: the router is switched, and its hook takes
 * the virtual machine along.
 */
#include "cli/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lab_node {
	struct lab *lab;
	const struct lab_node_spec *spec;
	struct node *node;
	struct router *router;
};

struct lab {
	const struct lab_spec *spec;
	struct lab_options options;
	struct sim *sim;
	size_t n_nodes;
	struct lab_node *nodes;
};

/* --- startup ---------------------------------------------------------------------------------- */

struct startup {
	struct lab_node *node;
	unsigned generated; /* lines before the file's own */
};

static void
startup_refused(void *arg, unsigned line, const char *text)
{
	struct startup *s = arg;
	const struct lab *lab = s->node->lab;
	unsigned at =
	    line > s->generated ? s->node->spec->startup_line + line - s->generated - 1 : 0;

	if (lab->options.refused)
		lab->options.refused(lab->options.arg, s->node->spec->name, at, text);
}

static unsigned
count_lines(const char *s, const char *end)
{
	unsigned n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

static void
start(struct lab_node *n)
{
	char *text = lab_startup_text(n->spec);
	struct startup s = {.node = n};

	s.generated = count_lines(text, text + strlen(text) - strlen(n->spec->startup));
	router_load(n->router, text, startup_refused, &s);
	router_set_startup(n->router, text);
	free(text);
}

/* --- building --------------------------------------------------------------------------------- */

/* The node must have its log before it has its router, so the lab stands between. */
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

	n->lab->options.submit(n->lab->options.arg, node, job);
}

static void
power(void *arg, bool on)
{
	struct lab_node *n = arg;

	sim_node_power(n->lab->sim, n->spec->name, on);
}

static void
touched(void *arg)
{
	struct lab_node *n = arg;

	n->lab->options.touched(n->lab->options.arg, n->router);
}

static void
add_node(struct lab *lab, const struct lab_node_spec *spec)
{
	struct lab_node *n = &lab->nodes[lab->n_nodes++];
	struct node_config config = {
	    .name = spec->name, .log = {.write = node_log, .arg = n}
        };
	struct router_hooks hooks = {.power = power, .arg = n};
	struct host_events events;

	n->lab = lab;
	n->spec = spec;
	if (lab->options.submit)
		config.submit = node_submit;
	config.arg = n;
	n->node = node_new(&config);
	events = node_events(n->node);
	node_attach(n->node, sim_node_add(lab->sim, spec->name, &events));
	n->router = router_new(spec->name, n->node);
	if (lab->options.touched)
		hooks.touched = touched;
	router_set_hooks(n->router, &hooks);
}

static int
add_link(struct lab *lab, const struct lab_link *link)
{
	int error = sim_link_add(lab->sim, link->name, link->latency);

	for (size_t i = 0; i < link->n_ends && !error; i++)
		error = sim_link_attach(lab->sim, link->name, link->ends[i].node,
					link->ends[i].interface);
	return error;
}

struct lab *
lab_new(const struct lab_spec *spec, const struct lab_options *options, const char **ret_error)
{
	struct lab *lab = x_alloc(sizeof(*lab));
	int error = 0;

	lab->spec = spec;
	lab->options = *options;
	lab->sim = sim_new(options->seed, options->wall);
	lab->nodes = x_alloc(spec->n_nodes * sizeof(*lab->nodes));
	for (size_t i = 0; i < spec->n_nodes; i++)
		add_node(lab, &spec->nodes[i]);
	for (size_t i = 0; i < spec->n_links && !error; i++)
		error = add_link(lab, &spec->links[i]);
	if (!error && options->pcap)
		error = sim_pcap(lab->sim, options->pcap);
	if (error) {
		*ret_error = strerror(-error);
		lab_free(lab);
		return NULL;
	}
	for (size_t i = 0; i < lab->n_nodes; i++)
		start(&lab->nodes[i]);
	return lab;
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
		node_stop(lab->nodes[i].node);
		router_free(r);
		node_free(lab->nodes[i].node);
	}
	sim_free(lab->sim);
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
	return lab->sim;
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

int
lab_link_set(struct lab *lab, const char *node, const char *interface, bool up)
{
	struct arena *a = arena_new();
	const char *name = lab_interface_name(a, interface);
	int error = name ? sim_interface_set(lab->sim, node, name, up) : -ENOENT;

	arena_free(a);
	return error;
}

int
lab_crash(struct lab *lab, const char *node)
{
	struct router *r = lab_router(lab, node);

	if (!r)
		return -ENOENT;
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes random networks, computes their tables, and renders what FRR is told of them.
 *
 *   routes --seed N [--kind KIND] DIR   writes DIR/plan.json, and DIR/RN.cfg and DIR/RN.frr of each
 *                                       router
 *   routes --render FILE                writes FILE's configuration as FRR's, on standard output;
 *                                       what FRR lacks on standard error
 */
#include "tests/hunter/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/emit.h"
#include "compiler/compile/compile.h"
#include "compiler/frr/frr.h"
#include "compiler/routing/routing.h"
#include "compiler/session/script.h"

#define SETTLED SECONDS(600)

/* --- configurations --------------------------------------------------------------------------- */

static void
say_refused(void *arg, const struct script_refusal *r)
{
	size_t *refused = arg;

	fprintf(stderr, "line %u \"%s\": %s", r->line, r->text, r->message);
	(*refused)++;
}

static struct policy *
policy_of(const char *text, size_t *refused)
{
	const struct compile_facts facts = {.kind = &compile_router, .default_hostname = "R"};
	struct session_setup setup = {.tree = tree_new(), .name = "Router"};
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	script_read(&setup, text, SCRIPT_TYPED, say_refused, refused);
	p = compile(setup.tree, &facts, &diags);
	diag_list_fini(&diags);
	tree_free(setup.tree);
	return p;
}

/* GigabitEthernet0/3 is g3. */
static const char *
device_of(void *arg, const char *interface)
{
	static char device[16];
	const char *slash = strrchr(interface, '/');

	(void)arg;
	if (policy_names_loopback(interface))
		return "lo";
	snprintf(device, sizeof(device), "g%s", slash ? slash + 1 : interface);
	return device;
}

static void
say_lack(void *arg, const struct frr_lack *lack)
{
	(void)arg;
	fprintf(stderr, "lacks: %s\n", lack->what);
}

static void
write_text(const char *dir, const char *name, const char *ending, const struct text *t)
{
	char *path = x_asprintf("%s/%s%s", dir, name, ending);
	FILE *f = fopen(path, "we");

	if (!f || fwrite(text_string(t), 1, t->n, f) != t->n || fclose(f)) {
		perror(path);
		exit(2);
	}
	free(path);
}

/* --- the engine ------------------------------------------------------------------------------- */

struct world {
	const struct plan *plan;
	struct routing *routing;
	struct policy *policies[ROUTERS_MAX];
	msec now;
	bool up[ROUTERS_MAX][PORTS_MAX];
};

static void
settle_world(struct world *w)
{
	msec start = w->now, next;

	while ((next = routing_update(w->routing, w->now)) <= start + SETTLED)
		w->now = next;
	w->now = start + SETTLED;
	routing_update(w->routing, w->now);
}

static void
set_port(struct world *w, size_t router, size_t port, bool up)
{
	char name[40];

	snprintf(name, sizeof(name), "GigabitEthernet0/%u", (unsigned)port);
	routing_interface(w->routing, router, name, w->plan->routers[router].ports[port].segment,
	                  up);
	w->up[router][port] = up;
}

static size_t
ends_of(const struct plan *plan, unsigned segment)
{
	size_t n = 0;

	for (size_t k = 0; k < plan->n_routers; k++)
		for (size_t i = 0; i < plan->routers[k].n_ports; i++)
			n += plan->routers[k].ports[i].segment == segment;
	return n;
}

/* A cable between two is down at both ends. */
static void
play_event(struct world *w, const struct event *e)
{
	const struct plan *plan = w->plan;
	unsigned segment = plan->routers[e->router].ports[e->port].segment;
	bool cable = ends_of(plan, segment) == 2;

	for (size_t k = 0; k < plan->n_routers; k++)
		for (size_t i = 0; i < plan->routers[k].n_ports; i++)
			if ((k == e->router && i == e->port) ||
			    (cable && plan->routers[k].ports[i].segment == segment))
				set_port(w, k, i, e->up);
	settle_world(w);
}

static bool
start_world(struct world *w, const char *dir)
{
	const struct routing_env env = {.arg = NULL};
	const struct frr_options o = {.device = device_of, .lacks = say_lack};
	size_t refused = 0;

	w->routing = routing_new(&env);
	for (size_t k = 0; k < w->plan->n_routers; k++) {
		const struct router *r = &w->plan->routers[k];
		struct text config = TEXT_INIT, frr = TEXT_INIT;
		char name[16];

		snprintf(name, sizeof(name), "R%u", r->number);
		routes_config(w->plan, r, &config);
		w->policies[k] = policy_of(text_string(&config), &refused);
		routing_node_add(w->routing);
		routing_node_policy(w->routing, k, w->policies[k]);
		frr_render(w->policies[k], &o, &frr);
		write_text(dir, name, ".cfg", &config);
		write_text(dir, name, ".frr", &frr);
		text_fini(&config);
		text_fini(&frr);
		routing_interface(w->routing, k, "Loopback0", 0, r->loopback != 0);
		for (size_t i = 0; i < r->n_ports; i++)
			set_port(w, k, i, true);
	}
	settle_world(w);
	return !refused;
}

static void
end_world(struct world *w)
{
	routing_free(w->routing);
	for (size_t k = 0; k < w->plan->n_routers; k++)
		policy_free(w->policies[k]);
}

/* --- plan.json -------------------------------------------------------------------------------- */

static void
emit_prefix(struct emit *e, const char *key, struct prefix p)
{
	char a[ADDR_TEXT_MAX];

	emit_printf(e, key, "%s/%u", addr_text(p.addr, a), p.len);
}

static void
emit_router(struct emit *e, const struct world *w, size_t k)
{
	const struct router *r = &w->plan->routers[k];
	unsigned daemons = frr_daemons(w->policies[k]);
	char key[16], device[24];

	snprintf(key, sizeof(key), "R%u", r->number);
	emit_map(e, key);
	emit_list(e, "daemons");
	for (int d = 0; d < FRR_DAEMONS; d++)
		if (daemons & FRR_DAEMON(d))
			emit_string(e, NULL, frr_daemon_names[d]);
	emit_end(e);
	if (r->loopback)
		emit_prefix(e, "loopback", (struct prefix){r->loopback, 32});
	emit_list(e, "ports");
	for (size_t i = 0; i < r->n_ports; i++) {
		snprintf(device, sizeof(device), "g%u", (unsigned)i);
		emit_map(e, NULL);
		emit_string(e, "device", device);
		emit_int(e, "segment", r->ports[i].segment);
		emit_prefix(e, "address", (struct prefix){r->ports[i].addr, r->ports[i].len});
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

/* What is connected goes before what any protocol knows of it. */
static bool
is_connected(const struct world *w, size_t k, struct prefix to)
{
	const struct router *r = &w->plan->routers[k];
	struct prefix loopback = {r->loopback, 32};

	if (r->loopback && to.addr == loopback.addr && to.len == loopback.len)
		return true;
	for (size_t i = 0; i < r->n_ports; i++)
		if (w->up[k][i] && to.len == r->ports[i].len &&
		    prefix_contains(to, r->ports[i].addr))
			return true;
	return false;
}

static void
emit_route(struct emit *e, const struct routing_route *r)
{
	char a[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_prefix(e, "to", r->to);
	emit_string(e, "protocol", routing_kind_names[r->kind].protocol);
	emit_printf(e, "code", "%s%s", routing_kind_names[r->kind].code,
	            routing_kind_names[r->kind].more);
	emit_int(e, "distance", r->distance);
	emit_int(e, "metric", r->metric);
	emit_list(e, "hops");
	for (uint8_t k = 0; k < r->n_hops; k++) {
		emit_list(e, NULL);
		emit_string(e, NULL, r->hops[k].via ? addr_text(r->hops[k].via, a) : "");
		emit_string(e, NULL,
		            r->hops[k].interface ? device_of(NULL, r->hops[k].interface) : "");
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

static void
emit_phase(struct emit *e, const struct world *w, const struct event *event)
{
	char name[16], device[16];

	emit_map(e, NULL);
	if (event) {
		snprintf(name, sizeof(name), "R%u", w->plan->routers[event->router].number);
		snprintf(device, sizeof(device), "g%u", event->port);
		emit_string(e, "router", name);
		emit_string(e, "device", device);
		emit_bool(e, "up", event->up);
	}
	emit_bool(e, "settles", routing_settles(w->routing));
	emit_map(e, "tables");
	for (size_t k = 0; k < w->plan->n_routers; k++) {
		const struct routing_table *t = routing_table(w->routing, k, NULL);

		snprintf(name, sizeof(name), "R%u", w->plan->routers[k].number);
		emit_list(e, name);
		for (size_t i = 0; i < t->n; i++)
			if (!is_connected(w, k, t->routes[i].to))
				emit_route(e, &t->routes[i]);
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

static int
make_network(const char *dir, uint64_t seed, const char *kind)
{
	struct text json = TEXT_INIT;
	struct plan plan;
	struct world w = {.plan = &plan};
	struct emit *e;
	bool good;

	if (!routes_plan(&plan, seed, kind)) {
		fprintf(stderr, "routes: no such kind of network: %s\n", kind);
		return 2;
	}
	good = start_world(&w, dir);
	e = emit_new(EMIT_JSON, &json);
	emit_map(e, NULL);
	emit_string(e, "kind", plan.kind);
	emit_map(e, "routers");
	for (size_t k = 0; k < plan.n_routers; k++)
		emit_router(e, &w, k);
	emit_end(e);
	emit_list(e, "phases");
	emit_phase(e, &w, NULL);
	for (size_t k = 0; k < plan.n_events; k++) {
		play_event(&w, &plan.events[k]);
		emit_phase(e, &w, &plan.events[k]);
	}
	emit_free(e);
	write_text(dir, "plan", ".json", &json);
	text_fini(&json);
	end_world(&w);
	routes_plan_fini(&plan);
	return good ? 0 : 1;
}

/* --- a file ----------------------------------------------------------------------------------- */

static int
render_file(const char *path)
{
	const struct frr_options o = {.device = device_of, .lacks = say_lack};
	struct text text = TEXT_INIT, frr = TEXT_INIT;
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n, refused = 0;
	struct policy *p;

	if (!f) {
		perror(path);
		return 2;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		text_add(&text, piece, n);
	fclose(f);
	p = policy_of(text_string(&text), &refused);
	frr_render(p, &o, &frr);
	fputs(text_string(&frr), stdout);
	text_fini(&text);
	text_fini(&frr);
	policy_free(p);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *kind = NULL;
	uint64_t seed = 1;

	for (; argc > 2 && argv[1][0] == '-'; argc -= 2, argv += 2) {
		if (strcmp(argv[1], "--render") == 0)
			return render_file(argv[2]);
		if (strcmp(argv[1], "--seed") == 0)
			seed = strtoull(argv[2], NULL, 10);
		else if (strcmp(argv[1], "--kind") == 0)
			kind = argv[2];
		else
			break;
	}
	if (argc != 2) {
		fprintf(stderr, "usage: routes [--seed N] [--kind KIND] DIR | --render FILE\n");
		return 2;
	}
	return make_network(argv[1], seed, kind);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The live lab: see lab_live.h. */
#include "cli/lab/lab_live.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/live/loop.h"

#define PORT_MAX 0xffff

/* What loop_bind gave. */
struct bound {
	int telnet, ssh;
	int local;
	char *path; /* of that one; NULL: there is none */
};

struct lab_live {
	struct loop *loop;
	uv_timer_t clock;
	struct lab *lab;
	size_t n_nodes;
	struct loop_consoles **consoles; /* of each node */
	struct bound *bound;             /* of each node, until its console listens */
	uint64_t real0;                  /* the real clock when the lab went live */
	msec virtual0;                   /* and the virtual one */
	bool live;
	bool running; /* the network: a console is told something from within an event */
};

/* --- time ------------------------------------------------------------------------------------- */

static void set_clock(struct lab_live *l);

static msec
real_now(struct lab_live *l)
{
	uv_update_time(loop_uv(l->loop));
	return l->virtual0 + (msec)(uv_now(loop_uv(l->loop)) - l->real0);
}

/* Brings the virtual network up to the real clock. */
static void
catch_up(void *arg)
{
	struct lab_live *l = arg;
	msec now = real_now(l);

	/* In namespaces the machine's own time is the lab's. */
	if (!lab_sim(l->lab) || l->running || now <= sim_now(lab_sim(l->lab)))
		return;
	l->running = true;
	sim_run_until(lab_sim(l->lab), now);
	l->running = false;
}

static void
on_clock(uv_timer_t *timer)
{
	struct lab_live *l = timer->data;

	catch_up(l);
	set_clock(l);
}

/* Sleeps until the next event of the virtual network. */
static void
set_clock(struct lab_live *l)
{
	msec next = lab_sim(l->lab) ? sim_next(lab_sim(l->lab)) : MSEC_NEVER, now;

	if (loop_stopping(l->loop))
		return;
	if (next == MSEC_NEVER) {
		uv_timer_stop(&l->clock);
		return;
	}
	now = real_now(l);
	uv_timer_start(&l->clock, on_clock, next > now ? (uint64_t)(next - now) : 0, 0);
}

static void
look_again(void *arg)
{
	set_clock(arg);
}

/* --- before it is live, all happens at once --------------------------------------------------- */

void
lab_live_submit(struct lab_live *l, struct node *node, struct job *job)
{
	if (l->live) {
		loop_submit(l->loop, node, job);
		return;
	}
	job->run(job);
	node_job_done(node, job);
}

void
lab_live_touched(struct lab_live *l, struct router *router)
{
	if (l->live)
		loop_touched(l->loop, router);
	else
		router_commit(router, false);
}

/* --- consoles --------------------------------------------------------------------------------- */

/* The i-th node's port; 0: any. */
static uint16_t
port_at(uint16_t base, size_t i)
{
	return base ? (uint16_t)(base + i) : 0;
}

static int
bind_at(struct bound *b, size_t i, const char *node, const struct lab_live_options *o)
{
	uint16_t port = port_at(o->telnet_base, i);
	const char *option = "--telnet-base";
	int *last = &b->telnet;

	*last = loop_bind("127.0.0.1", port);
	if (*last >= 0) {
		port = port_at(o->ssh_base, i);
		option = "--ssh-base";
		last = &b->ssh;
		*last = loop_bind("127.0.0.1", port);
	}
	if (*last >= 0)
		return 0;
	fprintf(o->out, "testudo: 127.0.0.1 port %u for %s's console: %s (try %s 0)\n", port, node,
	        uv_strerror(*last), option);
	return *last;
}

/* The folder keeps others away. */
static int
bind_in(struct bound *b, const char *node, const struct lab_live_options *o)
{
	b->path = x_asprintf("%s/%s", o->sockets, node);
	b->local = loop_bind_local(b->path);
	if (b->local >= 0)
		return 0;
	fprintf(o->out, "testudo: %s: %s\n", b->path, uv_strerror(b->local));
	return b->local;
}

int
lab_live_bind(struct lab_live *l, const struct lab_spec *spec, const struct lab_live_options *o)
{
	const uint16_t highest = o->telnet_base > o->ssh_base ? o->telnet_base : o->ssh_base;
	int error = 0;

	if (highest + spec->n_nodes - 1 > PORT_MAX) {
		fprintf(o->out, "testudo: no ports for %zu consoles from %u on\n", spec->n_nodes,
		        highest);
		return UV_EINVAL;
	}
	l->n_nodes = spec->n_nodes;
	l->bound = x_alloc(l->n_nodes * sizeof(*l->bound));
	for (size_t i = 0; i < l->n_nodes; i++)
		l->bound[i] = (struct bound){UV_ENOTSOCK, UV_ENOTSOCK, UV_ENOTSOCK, NULL};
	for (size_t i = 0; i < l->n_nodes && !error; i++) {
		error = bind_at(&l->bound[i], i, spec->nodes[i].name, o);
		if (!error && o->sockets)
			error = bind_in(&l->bound[i], spec->nodes[i].name, o);
	}
	return error;
}

/* A socket that a listener takes is no longer ours, whatever becomes of it. */
static int
take_bound(int *fd)
{
	const int taken = *fd;

	*fd = UV_ENOTSOCK;
	return taken;
}

static int
listen_at(struct lab_live *l, size_t i, const struct lab_live_options *o)
{
	struct bound *b = &l->bound[i];
	int error = loop_listen_telnet(l->consoles[i], take_bound(&b->telnet));

	if (!error)
		error = loop_listen_ssh(l->consoles[i], take_bound(&b->ssh), true);
	if (!error && b->local >= 0)
		error = loop_listen_own(l->consoles[i], take_bound(&b->local), b->path);
	if (error)
		fprintf(o->out, "testudo: %s's console: %s\n", lab_spec(l->lab)->nodes[i].name,
		        uv_strerror(error));
	return error;
}

static int
listen_all(struct lab_live *l, const struct lab_live_options *o)
{
	int error = 0;

	for (size_t i = 0; i < l->n_nodes && !error; i++)
		error = listen_at(l, i, o);
	return error;
}

static void
close_bound(struct lab_live *l)
{
	for (size_t i = 0; l->bound && i < l->n_nodes; i++) {
		if (l->bound[i].telnet >= 0)
			close(l->bound[i].telnet);
		if (l->bound[i].ssh >= 0)
			close(l->bound[i].ssh);
		if (l->bound[i].local >= 0) {
			close(l->bound[i].local);
			unlink(l->bound[i].path);
		}
		free(l->bound[i].path);
	}
	free(l->bound);
}

static void
tell_consoles(struct lab_live *l, const struct lab_live_options *o)
{
	const struct lab_spec *spec = lab_spec(l->lab);

	fprintf(o->out, "\nThe lab \"%s\" is up. Consoles:\n", spec->name);
	for (size_t i = 0; i < l->n_nodes; i++)
		fprintf(o->out, "  %-10s ssh -p %-5u 127.0.0.1   telnet 127.0.0.1 %u\n",
		        spec->nodes[i].name, loop_ssh_port(l->consoles[i]),
		        loop_telnet_port(l->consoles[i]));
	if (o->terminal)
		fprintf(o->out,
		        "This is %s's console; the others are a telnet away, from another "
		        "terminal.\nexit ends a session here; Ctrl-D, where there is none, "
		        "ends the lab. Press RETURN to get started.\n\n",
		        spec->nodes[0].name);
	else
		fprintf(o->out, "SIGTERM or SIGINT ends the lab.\n");
	fflush(o->out);
}

/* --- start and stop --------------------------------------------------------------------------- */

struct lab_live *
lab_live_new(void)
{
	struct lab_live *l = x_alloc(sizeof(*l));

	l->loop = loop_new();
	return l;
}

void *
lab_live_uv(struct lab_live *l)
{
	return loop_uv(l->loop);
}

bool
lab_live_was_left(const struct lab_live *l)
{
	return loop_was_left(l->loop);
}

void
lab_live_free(struct lab_live *l)
{
	if (!l)
		return;
	close_bound(l);
	loop_free(l->loop);
	free(l->consoles);
	free(l);
}

static void
end_lab(void *arg)
{
	struct lab_live *l = arg;

	uv_close((uv_handle_t *)&l->clock, NULL);
	lab_leave(l->lab);
}

static void
go_live(struct lab_live *l)
{
	const struct loop_hooks hooks = {
	    .enter = catch_up, .leave = look_again, .end = end_lab, .arg = l};
	uv_loop_t *uv = loop_uv(l->loop);

	loop_start(l->loop, &hooks);
	uv_timer_init(uv, &l->clock);
	l->clock.data = l;
	for (size_t i = 0; i < l->n_nodes; i++) {
		l->consoles[i] = loop_consoles_new(l->loop, lab_router_at(l->lab, i), false);
		loop_consoles_stay(l->consoles[i]);
	}
	uv_update_time(uv);
	l->real0 = uv_now(uv);
	l->virtual0 = lab_now(l->lab);
	lab_go_live(l->lab);
	l->live = true;
}

int
lab_live_run(struct lab_live *l, struct lab *lab, const struct lab_live_options *o)
{
	int error;

	l->lab = lab;
	l->consoles = x_alloc(l->n_nodes * sizeof(struct loop_consoles *));
	go_live(l);
	error = listen_all(l, o);
	if (!error) {
		tell_consoles(l, o);
		if (o->terminal)
			error = loop_open_terminal(l->consoles[0], "the lab");
		if (error)
			fprintf(o->out, "testudo: this terminal: %s\n", uv_strerror(error));
	}
	set_clock(l);
	if (error)
		loop_stop(l->loop);
	loop_run(l->loop);
	l->live = false;
	return error;
}

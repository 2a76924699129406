/* SPDX-License-Identifier: Apache-2.0 */
/* The live lab: see loop.h. All of it runs in the loop's thread but job->run. */
#include "cli/live/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "cli/term/console.h"
#include "cli/shell/login_loop.h"
#include "cli/ssh/ssh.h"
#include "cli/term/telnet.h"
#include "cli/term/tty.h"
#include "runtime/core/core.h"

#define COMMIT_DELAY 5 /* milliseconds without input before a paste is compiled */
#define PORT_MAX     0xffff

struct loop_node {
	struct console_service service;
	struct telnet_server *telnet;
	struct sshd *ssh;
	bool touched;
};

struct loop {
	uv_loop_t uv;
	uv_timer_t clock, commit;
	uint64_t commit_took; /* milliseconds; the next waits as long: a paste may come slowly */
	uv_signal_t signals[3];
	struct login_loop checks;
	struct lab *lab;
	size_t n_nodes;
	struct loop_node *nodes;
	struct tty *tty;
	uint64_t real0; /* the real clock when the lab went live */
	msec virtual0;  /* and the virtual one */
	bool live, stopping;
	bool running; /* the network: a console is told something from within an event */
};

struct work {
	uv_work_t req;
	struct loop *loop;
	struct node *node;
	struct job *job;
};

/* --- time ------------------------------------------------------------------------------------- */

static void clock_set(struct loop *l);

static msec
real_now(struct loop *l)
{
	uv_update_time(&l->uv);
	return l->virtual0 + (msec)(uv_now(&l->uv) - l->real0);
}

/* Brings the virtual network up to the real clock. */
static void
catch_up(void *arg)
{
	struct loop *l = arg;
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
	struct loop *l = timer->data;

	catch_up(l);
	clock_set(l);
}

/* Sleeps until the next event of the virtual network. */
static void
clock_set(struct loop *l)
{
	msec next = lab_sim(l->lab) ? sim_next(lab_sim(l->lab)) : MSEC_NEVER, now;

	if (l->stopping)
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
	clock_set(arg);
}

/* --- work ------------------------------------------------------------------------------------- */

static void
work_run(uv_work_t *req)
{
	struct work *w = req->data;

	w->job->run(w->job);
}

static void
work_done(uv_work_t *req, int status)
{
	struct work *w = req->data;
	struct loop *l = w->loop;

	(void)status; /* never cancelled */
	if (!l->stopping)
		catch_up(l);
	node_job_done(w->node, w->job);
	if (!l->stopping)
		clock_set(l);
	free(w);
}

void
loop_submit(void *loop, struct node *node, struct job *job)
{
	struct loop *l = loop;
	struct work *w;

	if (!l->live) {
		job->run(job);
		node_job_done(node, job);
		return;
	}
	w = x_alloc(sizeof(*w));
	w->req.data = w;
	w->loop = l;
	w->node = node;
	w->job = job;
	if (uv_queue_work(&l->uv, &w->req, work_run, work_done))
		abort(); /* only for bad arguments */
}

static void
on_commit(uv_timer_t *timer)
{
	struct loop *l = timer->data;
	uint64_t start = uv_hrtime();

	catch_up(l);
	for (size_t i = 0; i < l->n_nodes; i++) {
		if (!l->nodes[i].touched)
			continue;
		l->nodes[i].touched = false;
		router_commit(l->nodes[i].service.router, false);
	}
	l->commit_took = (uv_hrtime() - start) / 1000000;
	clock_set(l);
}

void
loop_touched(void *loop, struct router *router)
{
	struct loop *l = loop;

	if (!l->live) {
		router_commit(router, false);
		return;
	}
	for (size_t i = 0; i < l->n_nodes; i++)
		if (l->nodes[i].service.router == router)
			l->nodes[i].touched = true;
	if (!l->stopping)
		uv_timer_start(&l->commit, on_commit, COMMIT_DELAY + l->commit_took, 0);
}

/* --- start and stop --------------------------------------------------------------------------- */

struct loop *
loop_new(void)
{
	struct loop *l = x_alloc(sizeof(*l));

	if (uv_loop_init(&l->uv))
		abort();
	return l;
}

void *
loop_uv(struct loop *l)
{
	return &l->uv;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	uv_loop_close(&l->uv);
	for (size_t i = 0; i < l->n_nodes; i++)
		sshd_free(l->nodes[i].ssh);
	free(l->nodes);
	free(l);
}

static void
stop(struct loop *l)
{
	if (l->stopping)
		return;
	l->stopping = true;
	for (size_t i = 0; i < l->n_nodes; i++) {
		if (l->nodes[i].telnet)
			telnet_close(l->nodes[i].telnet);
		if (l->nodes[i].ssh)
			sshd_close(l->nodes[i].ssh);
	}
	if (l->tty)
		tty_close(l->tty);
	l->tty = NULL;
	uv_close((uv_handle_t *)&l->clock, NULL);
	uv_close((uv_handle_t *)&l->commit, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(l->signals); i++)
		uv_close((uv_handle_t *)&l->signals[i], NULL);
	lab_leave(l->lab);
}

static void
on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	stop(handle->data);
}

static void
on_tty_closed(void *arg)
{
	struct loop *l = arg;

	l->tty = NULL;
	stop(l);
}

/* The i-th node's port; 0: any. */
static uint16_t
port_at(uint16_t base, size_t i)
{
	return base ? (uint16_t)(base + i) : 0;
}

static int
listen_at(struct loop *l, size_t i, const struct loop_options *o)
{
	struct loop_node *n = &l->nodes[i];
	uint16_t port = port_at(o->telnet_base, i);
	const char *option = "--telnet-base";
	int error = telnet_listen(&l->uv, "127.0.0.1", port, &console_ops, &n->service, &n->telnet);

	if (!error) {
		port = port_at(o->ssh_base, i);
		option = "--ssh-base";
		error = sshd_listen(&l->uv, "127.0.0.1", port, -1, &n->service, &n->ssh);
		if (!error)
			sshd_open_door(n->ssh);
	}
	if (error)
		fprintf(o->out, "testudo: 127.0.0.1 port %u for %s's console: %s (try %s 0)\n",
		        port, lab_spec(l->lab)->nodes[i].name, uv_strerror(error), option);
	return error;
}

static int
listen_all(struct loop *l, const struct loop_options *o)
{
	uint16_t highest = o->telnet_base > o->ssh_base ? o->telnet_base : o->ssh_base;
	int error = 0;

	if (highest + l->n_nodes - 1 > PORT_MAX) {
		fprintf(o->out, "testudo: no ports for %zu consoles from %u on\n", l->n_nodes,
		        highest);
		return -EINVAL;
	}
	for (size_t i = 0; i < l->n_nodes && !error; i++)
		error = listen_at(l, i, o);
	return error;
}

static void
tell_consoles(struct loop *l, const struct loop_options *o)
{
	const struct lab_spec *spec = lab_spec(l->lab);

	fprintf(o->out, "\nThe lab \"%s\" is up. Consoles:\n", spec->name);
	for (size_t i = 0; i < l->n_nodes; i++)
		fprintf(o->out, "  %-10s ssh -p %-5u 127.0.0.1   telnet 127.0.0.1 %u\n",
		        spec->nodes[i].name, sshd_port(l->nodes[i].ssh),
		        telnet_port(l->nodes[i].telnet));
	if (o->terminal)
		fprintf(o->out,
		        "This is %s's console; the others are a telnet away, from another "
		        "terminal.\nexit, from EXEC, ends the lab. Press Enter to get started.\n\n",
		        spec->nodes[0].name);
	else
		fprintf(o->out, "SIGTERM or SIGINT ends the lab.\n");
	fflush(o->out);
}

static void
prepare(struct loop *l)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	_Static_assert(ARRAY_SIZE(numbers) == ARRAY_SIZE(l->signals), "one handle each");
	signal(SIGPIPE, SIG_IGN);
	uv_timer_init(&l->uv, &l->clock);
	uv_timer_init(&l->uv, &l->commit);
	l->clock.data = l->commit.data = l;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uv_signal_init(&l->uv, &l->signals[i]);
		l->signals[i].data = l;
		uv_signal_start(&l->signals[i], on_signal, numbers[i]);
	}
	uv_update_time(&l->uv);
	l->real0 = uv_now(&l->uv);
	l->virtual0 = lab_now(l->lab);
	l->live = true;
}

int
loop_run(struct loop *l, struct lab *lab, const struct loop_options *o)
{
	int error;

	l->lab = lab;
	l->n_nodes = lab_spec(lab)->n_nodes;
	l->nodes = x_alloc(l->n_nodes * sizeof(*l->nodes));
	for (size_t i = 0; i < l->n_nodes; i++)
		l->nodes[i].service = (struct console_service){.router = lab_router_at(lab, i),
		                                               .enter = catch_up,
		                                               .leave = look_again,
		                                               .arg = l,
		                                               .checker = &l->checks.checker};
	prepare(l);
	error = listen_all(l, o);
	if (!error) {
		tell_consoles(l, o);
		if (o->terminal)
			error = tty_open(&l->uv, &console_ops, &l->nodes[0].service, on_tty_closed,
			                 l, &l->tty);
		if (error)
			fprintf(o->out, "testudo: this terminal: %s\n", uv_strerror(error));
	}
	clock_set(l);
	if (error)
		stop(l);
	/* Returns when every handle is closed and every job is done. */
	uv_run(&l->uv, UV_RUN_DEFAULT);
	l->live = false;
	return error;
}

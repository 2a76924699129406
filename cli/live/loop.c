/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of live routers: see loop.h. */
#define _GNU_SOURCE
#include "cli/live/loop.h"

#include <signal.h>
#include <stdlib.h>

#include "cli/live/loop_jobs.h"
#include "cli/local/local.h"
#include "cli/local/local_socket.h"
#include "cli/shell/login_loop.h"
#include "cli/ssh/ssh.h"
#include "cli/term/listener.h"
#include "cli/term/telnet.h"
#include "cli/term/tty.h"
#include "runtime/base/cpu.h"
#include "runtime/core/core.h"

#define COMMIT_DELAY 5 /* milliseconds without input before a paste is compiled */

struct loop_consoles {
	struct loop *loop;
	struct loop_consoles *next;
	struct console_service service;
	struct telnet_server *telnet;
	struct sshd *ssh;
	struct local_server *local;
};

struct loop {
	uv_loop_t uv;
	struct loop_hooks hooks;
	uv_timer_t commit;
	uv_timer_t cpu;       /* the processor's time is looked at */
	uint64_t commit_took; /* milliseconds; the next one waits as long: a paste may be slow */
	uv_signal_t signals[5];
	struct loop_jobs jobs;
	struct login_loop checks;
	struct loop_consoles *consoles;
	size_t n_touched, touched_capacity;
	struct router **touched;
	struct tty *tty;
	struct console_service own; /* the terminal's */
	bool started, stopping, left;
};

static void
call_hook(const struct loop *l, void (*hook)(void *arg))
{
	if (hook)
		hook(l->hooks.arg);
}

/* --- jobs ------------------------------------------------------------------------------------- */

struct work {
	struct loop *loop;
	struct node *node;
};

static void
finish_job(void *arg, struct job *job)
{
	struct work *w = arg;
	struct loop *l = w->loop;

	if (!l->stopping)
		call_hook(l, l->hooks.enter);
	node_job_done(w->node, job);
	if (!l->stopping)
		call_hook(l, l->hooks.leave);
	free(w);
}

void
loop_submit(void *loop, struct node *node, struct job *job)
{
	struct loop *l = loop;
	struct work *w = x_alloc(sizeof(*w));

	*w = (struct work){l, node};
	loop_jobs_submit(&l->jobs, job, finish_job, w);
}

/* --- what was typed --------------------------------------------------------------------------- */

static void
commit_touched(uv_timer_t *timer)
{
	struct loop *l = timer->data;
	uint64_t start = uv_hrtime();
	struct router **touched = l->touched;
	size_t n = l->n_touched;

	/* A router that a commit touches is compiled by the next commit. */
	l->touched = NULL;
	l->n_touched = l->touched_capacity = 0;
	call_hook(l, l->hooks.enter);
	for (size_t i = 0; i < n; i++)
		router_commit(touched[i], false);
	free(touched);
	l->commit_took = (uv_hrtime() - start) / 1000000;
	call_hook(l, l->hooks.leave);
}

static void
note_touched(struct loop *l, struct router *router)
{
	for (size_t i = 0; i < l->n_touched; i++)
		if (l->touched[i] == router)
			return;
	x_grow(&l->touched, &l->touched_capacity, l->n_touched + 1, sizeof(struct router *));
	l->touched[l->n_touched++] = router;
}

void
loop_touched(struct loop *l, struct router *router)
{
	if (l->stopping)
		return;
	note_touched(l, router);
	uv_timer_start(&l->commit, commit_touched, COMMIT_DELAY + l->commit_took, 0);
}

/* --- consoles --------------------------------------------------------------------------------- */

static void
before_line(void *arg)
{
	struct loop *l = arg;

	call_hook(l, l->hooks.enter);
}

static void
after_line(void *arg)
{
	struct loop *l = arg;

	call_hook(l, l->hooks.leave);
	call_hook(l, l->hooks.after_line);
}

struct loop_consoles *
loop_consoles_new(struct loop *l, struct router *router, bool vty)
{
	struct loop_consoles *c = x_alloc(sizeof(*c));

	c->loop = l;
	c->service =
	    (struct console_service){.router = router,
	                             .vty = vty,
	                             .checker = l->hooks.check_in_pool ? &l->checks.checker : NULL,
	                             .enter = before_line,
	                             .leave = after_line,
	                             .arg = l};
	c->next = l->consoles;
	l->consoles = c;
	return c;
}

int
loop_bind(const char *addr, uint16_t port)
{
	return listener_bind(addr, port);
}

int
loop_listen_telnet(struct loop_consoles *c, int take_bound)
{
	return telnet_listen(&c->loop->uv, take_bound, &console_ops, &c->service, &c->telnet);
}

int
loop_listen_ssh(struct loop_consoles *c, int take_bound, bool open_door)
{
	int error =
	    sshd_listen(&c->loop->uv, take_bound, &c->service, &c->loop->checks.checker, &c->ssh);

	if (!error && open_door)
		sshd_open_door(c->ssh);
	return error;
}

int
loop_listen_local(struct loop_consoles *c, const char *path)
{
	return local_listen(&c->loop->uv, path, &c->service, &c->local);
}

int
loop_bind_local(const char *path)
{
	return local_bind(path, NULL);
}

int
loop_listen_own(struct loop_consoles *c, int take_bound, const char *path)
{
	return local_listen_own(&c->loop->uv, take_bound, path, &c->service, &c->local);
}

uint16_t
loop_telnet_port(const struct loop_consoles *c)
{
	return c->telnet ? telnet_port(c->telnet) : 0;
}

uint16_t
loop_ssh_port(const struct loop_consoles *c)
{
	return c->ssh ? sshd_port(c->ssh) : 0;
}

static void
on_terminal_closed(void *arg)
{
	struct loop *l = arg;

	l->tty = NULL;
	l->left = !l->stopping;
	loop_stop(l);
}

bool
loop_was_left(const struct loop *l)
{
	return l->left;
}

void
loop_consoles_stay(struct loop_consoles *c)
{
	c->service.stays = true;
}

int
loop_open_terminal(struct loop_consoles *c, const char *what)
{
	struct loop *l = c->loop;

	l->own = c->service;
	l->own.ends = what;
	return tty_open(&l->uv, &console_ops, &l->own, on_terminal_closed, l, &l->tty);
}

/* --- start and stop --------------------------------------------------------------------------- */

struct loop *
loop_new(void)
{
	struct loop *l = x_alloc(sizeof(*l));

	if (uv_loop_init(&l->uv))
		abort();
	loop_jobs_init(&l->jobs, &l->uv);
	login_loop_init(&l->checks, &l->uv);
	return l;
}

uv_loop_t *
loop_uv(struct loop *l)
{
	return &l->uv;
}

bool
loop_stopping(const struct loop *l)
{
	return l->stopping;
}

static void
on_signal(uv_signal_t *handle, int number)
{
	struct loop *l = handle->data;

	if (number != SIGHUP || !l->hooks.reload)
		loop_stop(l);
	else if (!l->stopping)
		l->hooks.reload(l->hooks.arg);
}

/*
 * Signals that nobody here waits for, and that end a process: it would leave in the kernel what is
 * to go when it ends.
 */
static void
ignore_signals(void)
{
	static const int numbers[] = {SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM,
	                              SIGPROF, SIGPOLL, SIGPWR,  SIGXFSZ, SIGSTKFLT};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		signal(numbers[i], SIG_IGN);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN);
}

static void
on_cpu_look(uv_timer_t *timer)
{
	(void)timer;
	cpu_look();
}

void
loop_start(struct loop *l, const struct loop_hooks *hooks)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGHUP};

	_Static_assert(ARRAY_SIZE(numbers) == ARRAY_SIZE(l->signals), "one handle each");
	l->hooks = *hooks;
	ignore_signals();
	uv_timer_init(&l->uv, &l->commit);
	l->commit.data = l;
	uv_timer_init(&l->uv, &l->cpu);
	on_cpu_look(&l->cpu);
	uv_timer_start(&l->cpu, on_cpu_look, CPU_LOOK_EVERY, CPU_LOOK_EVERY);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uv_signal_init(&l->uv, &l->signals[i]);
		l->signals[i].data = l;
		uv_signal_start(&l->signals[i], on_signal, numbers[i]);
	}
	l->started = true;
}

void
loop_stop(struct loop *l)
{
	if (l->stopping)
		return;
	l->stopping = true;
	for (struct loop_consoles *c = l->consoles; c; c = c->next) {
		if (c->telnet)
			telnet_close(c->telnet);
		if (c->ssh)
			sshd_close(c->ssh);
		if (c->local)
			local_close(c->local);
	}
	if (l->tty)
		tty_close(l->tty);
	l->tty = NULL;
	login_loop_stop(&l->checks);
	if (!l->started)
		return;
	uv_close((uv_handle_t *)&l->commit, NULL);
	uv_close((uv_handle_t *)&l->cpu, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(l->signals); i++)
		uv_close((uv_handle_t *)&l->signals[i], NULL);
	call_hook(l, l->hooks.end);
}

void
loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void
loop_free(struct loop *l)
{
	struct loop_consoles *next;

	if (!l)
		return;
	uv_loop_close(&l->uv);
	for (struct loop_consoles *c = l->consoles; c; c = next) {
		next = c->next;
		sshd_free(c->ssh);
		local_free(c->local);
		free(c);
	}
	free(l->touched);
	free(l);
}

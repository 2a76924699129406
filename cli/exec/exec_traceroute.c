/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `traceroute`: echoes that go one router farther each time, three for each distance, until the
 * destination answers. The session is held meanwhile; Ctrl-C ends it.
 */
#include "cli/exec/echo.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/exec/exec.h"

#define TRACE_SIZE 60

struct trace {
	struct shell *sh;
	struct host *host;
	struct echo_request request;
	uint8_t most;          /* the last distance tried */
	uint32_t each, probed; /* probes for a distance, and how many of this one are done */
	uint32_t from;         /* who answered the last probe of this distance; 0: nobody yet */
	bool arrived, stopped; /* no farther after this distance */
	bool sending, waiting;
};

static void
trace_end(struct trace *t)
{
	struct shell *sh = t->sh;

	free(t);
	shell_finish(sh);
}

static void
trace_mark(struct trace *t, const struct echo_answer *answer)
{
	char a[ADDR_TEXT_MAX];

	if (!answer->from) {
		shell_puts(t->sh, " * ");
		return;
	}
	if (answer->from != t->from)
		shell_printf(t->sh, "%s%s", t->from ? "\n    " : "", addr_text(answer->from, a));
	t->from = answer->from;
	if (answer->result == ECHO_UNREACHABLE || answer->result == ECHO_TOO_BIG) {
		shell_puts(t->sh, answer->result == ECHO_TOO_BIG ? " !M " : " !H ");
		t->stopped = true;
		return;
	}
	t->arrived = answer->result == ECHO_REPLY;
	shell_printf(t->sh, " %lld msec", (long long)(answer->rtt ? answer->rtt : 1));
}

/* Begins a probe; false when all is done, and then t is gone. */
static bool
trace_probe(struct trace *t)
{
	if (t->probed == t->each) {
		shell_puts(t->sh, "\n");
		if (t->arrived || t->stopped || t->request.ttl == t->most) {
			trace_end(t);
			return false;
		}
		t->request.ttl++;
		t->probed = 0;
		t->from = 0;
	}
	if (!t->probed)
		shell_printf(t->sh, "%3u ", t->request.ttl);
	t->probed++;
	t->waiting = true;
	t->sending = true;
	if (t->host->ops->echo(t->host, &t->request) < 0) {
		t->waiting = false;
		trace_mark(t, &(struct echo_answer){.result = ECHO_SEND_FAILED});
	}
	t->sending = false;
	return true;
}

static void
trace_next(struct trace *t)
{
	while (trace_probe(t) && !t->waiting)
		;
}

static void
trace_done(void *arg, const struct echo_answer *answer)
{
	struct trace *t = arg;

	t->waiting = false;
	trace_mark(t, answer);
	if (!t->sending)
		trace_next(t);
}

static void
trace_interrupt(struct shell *sh, void *state)
{
	struct trace *t = state;

	t->host->ops->echo_cancel(t->host, t);
	shell_puts(sh, "\n");
	trace_end(t);
}

void
exec_traceroute(struct shell *sh, const struct command *cmd)
{
	uint32_t timeout = command_has(cmd, ARG_TIMEOUT) ? command_u32(cmd, ARG_TIMEOUT) : 3;
	bool sourced = command_has(cmd, ARG_SRC) || command_has(cmd, ARG_SRCIF);
	struct trace *t;
	uint32_t vrf;
	char a[ADDR_TEXT_MAX];
	uint32_t dst;

	if (!echo_target(sh, cmd, &dst) || !echo_vrf(sh, cmd, &vrf))
		return;
	t = x_alloc(sizeof(*t));
	*t = (struct trace){
	    .sh = sh,
	    .host = node_host(router_node(shell_router(sh))),
	    .each = command_has(cmd, ARG_PROBE) ? command_u32(cmd, ARG_PROBE) : 3,
	    .most = command_has(cmd, ARG_MAX) ? (uint8_t)command_u32(cmd, ARG_MAX) : 30,
	    .request = {.dst = dst,
	                .size = TRACE_SIZE,
	                .timeout = SECONDS(timeout),
	                .vrf = vrf,
	                .done = trace_done,
	                .arg = t,
	                .ttl = command_has(cmd, ARG_MIN) ? (uint8_t)command_u32(cmd, ARG_MIN) : 1},
	};
	if (sourced && !echo_source(sh, cmd, &t->request.src)) {
		free(t);
		return;
	}
	if (t->most < t->request.ttl)
		t->most = t->request.ttl;
	shell_printf(sh, "Type escape sequence to abort.\nTracing the route to %s\n\n",
	             addr_text(t->request.dst, a));
	shell_hold(sh, trace_interrupt, t);
	trace_next(t);
}

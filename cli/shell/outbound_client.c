/* SPDX-License-Identifier: Apache-2.0 */
/* Real clients of a router on a machine: see outbound.h. */
#include "cli/shell/outbound_parts.h"

/* --- keys ------------------------------------------------------------------------------------- */

static void
end_wire(struct shell *sh)
{
	sh->wired = NULL;
	sh->io.through(sh->arg, false);
}

/* The session ends, or its user gives up before the client runs. */
static void
stop_client(struct shell *sh, void *state)
{
	struct outbound *o = state;

	if (sh->wired == o)
		end_wire(sh);
	outbound_end_client(o);
	shell_puts(sh, "\n");
	shell_finish(sh);
}

void
outbound_wire(struct outbound *o)
{
	struct shell *sh = o->owner;

	sh->wired = o;
	o->touched = router_uptime(sh->router);
	shell_hold(sh, stop_client, o);
	o->starter->resize(o->client, shell_length(sh), shell_width(sh));
	sh->io.through(sh->arg, true);
	o->starter->pause(o->client, false);
}

void
outbound_unwire(struct shell *sh)
{
	struct outbound *o = sh->wired;

	o->starter->pause(o->client, true);
	end_wire(sh);
}

void
shell_keys(struct shell *sh, const char *octets, size_t n)
{
	struct outbound *o = shell_front(sh)->wired;

	if (!o)
		return;
	o->touched = router_uptime(o->owner->router);
	o->starter->type(o->client, octets, n);
}

void
shell_keys_full(struct shell *sh, bool full)
{
	struct outbound *o = shell_front(sh)->wired;

	if (o)
		o->starter->pause(o->client, full);
}

void
shell_keys_window(struct shell *sh)
{
	const struct outbound *o = sh->wired;

	if (o)
		o->starter->resize(o->client, shell_length(sh), shell_width(sh));
}

/* --- what the client tells -------------------------------------------------------------------- */

static void
client_opened(void *arg, const char *why)
{
	struct outbound *o = arg;

	if (!why) {
		outbound_wire(o);
		return;
	}
	o->over = true;
	shell_refuse(o->owner);
	shell_puts(o->owner, why);
	shell_finish(o->owner);
}

static void
client_says(void *arg, const char *octets, size_t n)
{
	struct outbound *o = arg;

	if (o->owner->wired == o)
		o->owner->io.octets(o->owner->arg, octets, n);
}

static void
client_ended(void *arg)
{
	struct outbound *o = arg;
	struct shell *sh = o->owner;

	o->over = true;
	if (sh->wired != o)
		return;
	end_wire(sh);
	outbound_say_closed(o);
	shell_finish(sh);
}

/* --- its life --------------------------------------------------------------------------------- */

const char *
outbound_start(struct shell *sh, const char *host, const char *address,
               const struct client_call *call)
{
	const struct client_starter *starter = router_clients(sh->router);
	struct client_call sized = *call;
	struct client_told told = {client_opened, client_says, client_ended, NULL};
	struct outbound *o;

	if (!sh->io.through)
		return "% A terminal is needed for a session on another device\n";
	o = outbound_add(sh, host, address);
	o->starter = starter;
	o->used = node_now(router_node(sh->router));
	told.arg = o;
	sized.rows = shell_length(sh);
	sized.columns = shell_width(sh);
	o->client = starter->open(starter->arg, &sized, &told);
	if (!o->client) {
		o->over = true;
		return "% Not opened: the process that starts programs has ended\n";
	}
	shell_hold(sh, stop_client, o);
	return NULL;
}

void
outbound_end_client(struct outbound *o)
{
	if (o->starter)
		o->over = true;
	if (o->client)
		o->starter->close(o->client);
	o->client = NULL;
}

msec
outbound_client_idle(const struct outbound *o)
{
	return router_uptime(o->owner->router) - o->touched;
}

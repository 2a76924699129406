/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See outbound.h. A shell there may end at any time, from within itself too; so it is marked, and
 * freed before the next line, when nothing of it is on the stack.
 */
#include "cli/shell/outbound.h"

#include <stdlib.h>
#include <string.h>

#include "cli/shell/login.h"
#include "cli/shell/outbound_parts.h"

struct shell *
shell_front(const struct shell *sh)
{
	while (sh->active)
		sh = sh->active->remote;
	return (struct shell *)(uintptr_t)sh;
}

/* The shell that somebody types into. */
static struct shell *
outermost_of(struct shell *sh)
{
	while (sh->via)
		sh = sh->via->owner;
	return sh;
}

/* --- what the shell there says ---------------------------------------------------------------- */

static bool
is_shown(const struct outbound *o)
{
	return o->owner->active == o && !o->owner->closed;
}

static void
remote_writes(void *arg, const char *text, size_t n)
{
	struct outbound *o = arg;

	if (is_shown(o))
		o->owner->io.write(o->owner->arg, text, n);
}

static void
remote_done(void *arg)
{
	struct outbound *o = arg;

	if (is_shown(o) && !o->opening)
		o->owner->io.done(o->owner->arg);
}

static void
remote_notifies(void *arg, const char *text)
{
	struct outbound *o = arg;

	if (is_shown(o) && o->owner->io.notify)
		o->owner->io.notify(o->owner->arg, text);
}

static void
remote_pages(void *arg, unsigned length, unsigned width)
{
	struct outbound *o = arg;

	if (is_shown(o) && o->owner->io.page)
		o->owner->io.page(o->owner->arg, length, width);
}

static void
remote_again(void *arg)
{
	struct outbound *o = arg;

	if (is_shown(o) && o->owner->io.again)
		o->owner->io.again(o->owner->arg);
}

void
outbound_say_closed(struct outbound *o)
{
	static const char by[] = "\n[Connection to %s closed by foreign host]\n";
	char *text = x_asprintf(by, o->host);

	o->owner->io.write(o->owner->arg, text, strlen(text));
	free(text);
}

/* Leaves the active connection when it is over; false: it is not. */
static bool
leave_over(struct shell *outermost)
{
	struct shell *sh = outermost;

	while (sh->active && !sh->active->over)
		sh = sh->active->remote;
	if (!sh->active || outermost->closed)
		return false;
	outbound_say_closed(sh->active);
	sh->active = NULL;
	return true;
}

void
outbound_settle(struct shell *sh)
{
	if (leave_over(sh))
		sh->io.done(sh->arg);
}

/* Ended by its own command, or by somebody else while the user looks at its prompt. */
static void
remote_closes(void *arg)
{
	struct outbound *o = arg;
	struct shell *outermost = outermost_of(o->owner);

	o->over = true;
	if (!o->opening && !outermost->inside && leave_over(outermost) && outermost->io.again)
		outermost->io.again(outermost->arg);
}

/* --- opening ---------------------------------------------------------------------------------- */

static const struct shell_io remote_io = {.write = remote_writes,
                                          .done = remote_done,
                                          .notify = remote_notifies,
                                          .close = remote_closes,
                                          .page = remote_pages,
                                          .again = remote_again};

const char *
outbound_refusal(struct shell *sh)
{
	unsigned chain = 0;
	size_t n = 0;

	for (const struct outbound *o = sh->outbounds; o; o = o->next)
		n += !o->over;
	for (const struct outbound *o = sh->via; o; o = o->owner->via)
		chain++;
	if (n >= OUTBOUND_MAX)
		return "% No more connections can be opened: disconnect one\n";
	return chain >= OUTBOUND_CHAIN ? "% Too many routers behind one another\n" : NULL;
}

/* Its number is the lowest that is free. */
struct outbound *
outbound_add(struct shell *sh, const char *host, const char *address)
{
	struct outbound *o = x_alloc(sizeof(*o)), **at = &sh->outbounds;

	*o = (struct outbound){
	    .owner = sh, .number = 1, .host = x_strdup(host), .address = x_strdup(address)};
	while (*at && (*at)->number == o->number) {
		o->number++;
		at = &(*at)->next;
	}
	o->next = *at;
	*at = o;
	return o;
}

static void
enter_outbound(struct outbound *o)
{
	o->used = node_now(router_node(o->owner->router));
	if (o->starter) {
		outbound_wire(o);
		return;
	}
	o->owner->active = o;
	shell_window(o->remote, shell_length(o->owner), shell_width(o->owner));
}

enum line_refusal
outbound_open(struct shell *sh, const struct outbound_call *call)
{
	struct line_caller who = {.how = call->how, .peer = call->source};
	enum line_refusal why;
	struct line_id id;
	struct outbound *o;

	why = line_find(call->to, &who, &id);
	if (why != LINE_ADMITTED)
		return why;
	o = outbound_add(sh, call->host, call->address);
	o->opening = true;
	o->remote = shell_new(call->to, &remote_io, o, false);
	o->remote->via = o;
	shell_set_line(o->remote, &id, call->source);
	enter_outbound(o);
	if (call->how == LINE_TELNET)
		remote_writes(o, "Open\n", strlen("Open\n"));
	if (call->user)
		login_begin_as(o->remote, call->user, shell_checker(sh));
	else
		login_begin(o->remote, NULL, 0, shell_checker(sh));
	o->opening = false;
	leave_over(outermost_of(sh));
	return LINE_ADMITTED;
}

/* --- the user's connections ------------------------------------------------------------------- */

static struct outbound *
find_outbound(const struct shell *sh, unsigned number)
{
	struct outbound *found = NULL;

	for (struct outbound *o = sh->outbounds; o; o = o->next)
		if (!o->over && (number ? o->number == number : !found || o->used > found->used))
			found = o;
	return found;
}

bool
outbound_resume(struct shell *sh, unsigned number)
{
	struct outbound *o = find_outbound(sh, number);
	char *text;

	if (!o)
		return false;
	text = x_asprintf("[Resuming connection %u to %s ... ]\n\n", o->number, o->host);
	sh->io.write(sh->arg, text, strlen(text));
	free(text);
	enter_outbound(o);
	leave_over(outermost_of(sh)); /* behind it one may have ended while nobody looked */
	return true;
}

bool
outbound_resume_by(struct shell *sh, const char *line)
{
	unsigned number = 0;
	size_t digits;

	line += strspn(line, " \t");
	digits = strspn(line, "0123456789");
	if (digits > 2 || line[digits + strspn(line + digits, " \t")])
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (unsigned)(line[i] - '0');
	return (!digits || number) && outbound_resume(sh, number);
}

static void
end_outbound(struct outbound *o)
{
	if (o->starter)
		outbound_end_client(o);
	else
		shell_close(o->remote);
}

bool
outbound_disconnect(struct shell *sh, unsigned number)
{
	struct outbound *o = find_outbound(sh, number);

	if (o)
		end_outbound(o);
	return o != NULL;
}

bool
outbound_at(struct shell *sh, size_t i, struct outbound_info *ret)
{
	const struct outbound *o = sh->outbounds, *last = find_outbound(sh, 0);

	while (o && (o->over || i--))
		o = o->next;
	if (!o)
		return false;
	*ret = (struct outbound_info){.number = o->number,
	                              .last = o == last,
	                              .host = o->host,
	                              .address = o->address,
	                              .idle = o->starter ? outbound_client_idle(o)
	                                                 : shell_idle(o->remote)};
	return true;
}

bool
shell_suspend(struct shell *sh)
{
	struct shell *front = shell_front(sh);

	if (!sh->closed && front->wired) {
		outbound_unwire(front);
		front->held = false;
		return true;
	}
	if (!sh->active || sh->closed)
		return false;
	sh->active = NULL; /* what its command says when it is interrupted is not shown */
	if (front->held && front->interrupt)
		front->interrupt(front, front->held_state);
	return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void
free_outbound(struct outbound *o)
{
	outbound_end_client(o);
	shell_free(o->remote);
	free(o->host);
	free(o->address);
	free(o);
}

void
outbound_reap(struct shell *sh)
{
	struct outbound **at = &sh->outbounds, *o;

	while ((o = *at)) {
		if (o->over && o != sh->active) {
			*at = o->next;
			free_outbound(o);
		} else {
			if (o->remote)
				outbound_reap(o->remote);
			at = &o->next;
		}
	}
}

void
outbound_end_all(struct shell *sh)
{
	for (struct outbound *o = sh->outbounds; o; o = o->next)
		end_outbound(o);
}

void
outbound_free_all(struct shell *sh)
{
	struct outbound *o;

	sh->active = NULL;
	while ((o = sh->outbounds)) {
		sh->outbounds = o->next;
		free_outbound(o);
	}
}

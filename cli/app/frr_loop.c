/* SPDX-License-Identifier: Apache-2.0 */
/* See frr_loop.h. */
#include "cli/app/frr_loop.h"

#include <errno.h>
#include <string.h>

#define PATIENCE SECONDS(10) /* before the log says that FRR does not take its orders */

void
frr_loop_start(struct frr_loop *f, const struct run_options *o)
{
	f->line = frr_speaker_there() ? frr_speaker_start(o->netns) : -1;
	f->name = o->name;
	f->routing = o->system_routing ? FRR_SYSTEM : FRR_OWN;
}

static void on_line(uv_poll_t *poll, int status, int events);

static void
on_impatience(uv_timer_t *timer)
{
	const struct frr_loop *f = timer->data;

	LOG(f->log, HOST_ERROR, "FRR",
	    "it has not taken what it is told for 10 s: it goes on with what it was told last");
}

/* The loop waits for nothing: what the line does not take now goes when it does. */
static void
send_orders(struct frr_loop *f)
{
	const bool waits = frr_outbox_send(&f->orders, f->line) == -EAGAIN;

	uv_poll_start(&f->poll, UV_READABLE | (waits ? UV_WRITABLE : 0), on_line);
	if (!waits)
		uv_timer_stop(&f->patience);
	else if (!uv_is_active((uv_handle_t *)&f->patience))
		uv_timer_start(&f->patience, on_impatience, (uint64_t)PATIENCE, 0);
}

/* Before the loop watches the line an order waits; once it has left it, the line's end says all. */
int
frr_loop_tell(void *arg, unsigned daemons, const char *text)
{
	struct frr_loop *f = arg;
	int error;

	if (f->line < 0)
		return -EPIPE;
	if (f->log && !f->watched)
		return 0;
	error = frr_outbox_put(&f->orders, f->name, "", f->routing, daemons, text);
	if (!error && f->watched)
		send_orders(f);
	return error;
}

bool
frr_loop_ask(void *arg, enum frr_question question, struct text *ret)
{
	const struct frr_loop *f = arg;

	return !frr_outbox_waits(&f->orders) && frr_speaker_ask(f->line, f->name, question, ret);
}

static void
line_ended(struct frr_loop *f)
{
	uv_poll_stop(&f->poll);
	uv_timer_stop(&f->patience);
	frr_outbox_fini(&f->orders);
	frr_speaker_end(f->line);
	f->line = -1;
	LOG(f->log, HOST_ERROR, "FRR",
	    "the process that runs it has ended: nobody speaks any more until the router is "
	    "started again");
}

static void
on_line(uv_poll_t *poll, int status, int events)
{
	struct frr_loop *f = poll->data;
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];

	if (status >= 0 && events == UV_WRITABLE) {
		send_orders(f);
		return;
	}
	if (status < 0 || !frr_speaker_hear(f->line, node, report)) {
		line_ended(f);
		return;
	}
	LOG(f->log, HOST_ERROR, "FRR", report);
}

void
frr_loop_watch(struct frr_loop *f, uv_loop_t *loop, const struct log_sink *log)
{
	f->log = log;
	if (f->line < 0 || uv_poll_init(loop, &f->poll, f->line))
		return;
	f->watched = true;
	f->poll.data = f->patience.data = f;
	uv_timer_init(loop, &f->patience);
	send_orders(f);
}

void
frr_loop_close(struct frr_loop *f)
{
	if (f->watched) {
		uv_close((uv_handle_t *)&f->poll, NULL);
		uv_close((uv_handle_t *)&f->patience, NULL);
	}
	f->watched = false;
	frr_outbox_fini(&f->orders);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See frr_loop.h. */
#include "cli/app/frr_loop.h"

#include <errno.h>
#include <string.h>

void
frr_loop_start(struct frr_loop *f, const struct run_options *o)
{
	f->line = frr_speaker_there() ? frr_speaker_start(o->netns) : -1;
	f->name = o->name;
	f->routing = o->system_routing ? FRR_SYSTEM : FRR_OWN;
}

int
frr_loop_tell(void *arg, unsigned daemons, const char *text)
{
	const struct frr_loop *f = arg;

	return f->line < 0 ? -EPIPE
	                   : frr_speaker_tell(f->line, f->name, "", f->routing, daemons, text);
}

bool
frr_loop_ask(void *arg, enum frr_question question, struct text *ret)
{
	const struct frr_loop *f = arg;

	return frr_speaker_ask(f->line, f->name, question, ret);
}

static void
on_report(uv_poll_t *poll, int status, int events)
{
	struct frr_loop *f = poll->data;
	char node[FRR_NAME_MAX], report[FRR_REPORT_MAX];

	(void)events;
	if (status < 0 || !frr_speaker_hear(f->line, node, report)) {
		uv_poll_stop(poll);
		frr_speaker_end(f->line);
		f->line = -1;
		strcpy(report, "the process that runs it has ended: nobody speaks any more");
	}
	LOG(f->log, HOST_ERROR, "FRR", report);
}

void
frr_loop_watch(struct frr_loop *f, uv_loop_t *loop, const struct log_sink *log)
{
	f->log = log;
	if (f->line < 0 || uv_poll_init(loop, &f->reports, f->line))
		return;
	f->watched = true;
	f->reports.data = f;
	uv_poll_start(&f->reports, UV_READABLE, on_report);
}

void
frr_loop_close(struct frr_loop *f)
{
	if (f->watched)
		uv_close((uv_handle_t *)&f->reports, NULL);
	f->watched = false;
}

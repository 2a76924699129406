/* SPDX-License-Identifier: Apache-2.0 */
/* FRR of a router on this machine: its speaker (cli/frr/frr_speaker.h), and what that reports. */
#ifndef TESTUDO_FRR_LOOP_H
#define TESTUDO_FRR_LOOP_H

#include <uv.h>

#include "cli/app/run_loop.h"
#include "cli/frr/frr_outbox.h"
#include "runtime/base/log.h"

struct frr_loop {
	int line; /* to the speaker; below 0: there is none */
	const char *name;
	enum frr_routing routing;
	struct frr_outbox orders;
	uv_poll_t poll;
	uv_timer_t patience; /* runs while orders wait */
	bool watched;
	const struct log_sink *log;
};

/* While there is one thread, and before anything secret is read. */
void frr_loop_start(struct frr_loop *f, const struct run_options *o);
/* Orders go out, and reports to the log, from now on. */
void frr_loop_watch(struct frr_loop *f, uv_loop_t *loop, const struct log_sink *log);
void frr_loop_close(struct frr_loop *f); /* its handles; the speaker is still there */
/* As linux_options.speak and ask have it; arg: a struct frr_loop. */
int frr_loop_tell(void *arg, unsigned daemons, const char *text);
bool frr_loop_ask(void *arg, enum frr_question question, struct text *ret);

#endif

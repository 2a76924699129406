/* SPDX-License-Identifier: Apache-2.0 */
/* A script on a channel: see ssh_script.h. */
#include "cli/ssh/ssh_script.h"

#include "cli/ssh/ssh_priv.h"
#include "cli/term/script.h"

/* --- what the script says --------------------------------------------------------------------- */

static void
wire_write(void *arg, const char *text, size_t n)
{
	sshd_channel_write(arg, text, n);
}

static void
wire_pause(void *arg, bool paused)
{
	sshd_channel_pause(arg, paused);
}

static void
wire_wake(void *arg)
{
	sshd_wake(((struct sshd_channel *)arg)->c);
}

static void
wire_finish(void *arg, int status)
{
	sshd_channel_finish(arg, status);
}

/* --- what the channel says -------------------------------------------------------------------- */

static void
script_takes_run(void *arg)
{
	script_run(arg);
}

static void
script_takes_input(void *arg, const char *data, size_t n)
{
	script_input(arg, data, n);
}

static void
script_takes_end(void *arg)
{
	script_end(arg);
}

static void
script_takes_full(void *arg, bool full)
{
	script_output_full(arg, full);
}

static void
script_takes_tick(void *arg)
{
	script_tick(arg);
}

static void
script_takes_hangup(void *arg)
{
	script_hangup(arg);
}

static const struct sshd_worker script_worker = {
    .run = script_takes_run,
    .input = script_takes_input,
    .end = script_takes_end,
    .full = script_takes_full,
    .tick = script_takes_tick,
    .hangup = script_takes_hangup,
};

bool
ssh_script_start(struct sshd_channel *ch, const char *commands)
{
	const struct script_wire wire = {.write = wire_write,
	                                 .pause = wire_pause,
	                                 .wake = wire_wake,
	                                 .finish = wire_finish,
	                                 .arg = ch,
	                                 .crlf = ch->pty};

	ch->worker = &script_worker; /* until it finishes, which may be at once */
	ch->arg = script_open(sshd_service_new(ch->c), &wire, commands);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user sends to SFTP ('s'), `scp -t` ('t') and `scp -f` (else), by the first octet: whatever
 * it is, the other side ends when the user does, and holds no more than it says.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/shell/acting.h"
#include "cli/ssh/ssh_files.h"
#include "cli/ssh/ssh_priv.h"
#include "runtime/host/sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
do_nothing(void *arg)
{
	(void)arg;
}

static void
feed_channel(struct sshd_channel *ch, const uint8_t *data, size_t n)
{
	bool start =
	    n && (*data == 's' ? ssh_sftp_start(ch)
	                       : ssh_scp_start(ch, *data == 't' ? "scp -t flash:"
	                                                        : "scp -f running-config"));

	for (size_t i = 1; start && i < n && ch->worker; i += 4096) {
		size_t some = n - i < 4096 ? n - i : 4096;

		ch->worker->input(ch->arg, (const char *)data + i, some);
		for (int k = 0; k < 100 && ch->worker && ch->worker->run; k++)
			ch->worker->run(ch->arg);
	}
	if (ch->worker)
		ch->worker->end(ch->arg);
	if (ch->worker)
		abort(); /* it does not end */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sim *sim = sim_new(1, 0);
	struct node_config config = {.name = "R1"};
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct sshd s = {0};
	/* Closing: there is no loop to be woken, and no wire. */
	struct sshd_connection c = {.server = &s, .level = SSHD_LEVEL_MAX, .closing = true};
	struct sshd_channel ch = {.c = &c};

	commands_install();
	node_attach(node, sim_node_add(sim, "R1", &events));
	s.router = router_new("R1", node);
	router_set_actor(s.router, &shell_actor);
	s.service =
	    (struct console_service){.router = s.router, .enter = do_nothing, .leave = do_nothing};
	router_load(s.router, "ip scp server enable\n", NULL, NULL);
	feed_channel(&ch, data, n);
	free(ch.out);
	router_free(s.router);
	node_free(node);
	sim_free(sim);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a router or a lab says to its speaker, and hears: see frr_speaker.h. */
#include "cli/frr/frr_speaker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/files/helper_process.h"
#include "cli/frr/frr_instance.h"

int
frr_speaker_start(const char *netns)
{
	return helper_start("testudo-speaker", frr_instances_run, (void *)(uintptr_t)netns);
}

void
frr_speaker_end(int line)
{
	char rest[64];

	if (line < 0)
		return;
	shutdown(line, SHUT_WR);
	while (read(line, rest, sizeof(rest)) > 0)
		;
	close(line);
}

bool
frr_speaker_there(void)
{
	return geteuid() == 0 && access(FRR_DAEMON_DIR "/zebra", X_OK) == 0 &&
	       access(FRR_VTYSH, X_OK) == 0;
}

int
frr_speaker_tell(int line, const char *node, const char *netns, enum frr_routing routing,
                 unsigned daemons, const char *text)
{
	struct frr_order order = {
	    .daemons = daemons, .routing = (uint32_t)routing, .size = (uint32_t)strlen(text)};
	int error = strlen(text) > FRR_TEXT_MAX ? -E2BIG : helper_give_word(line, node);

	if (!error)
		error = helper_give_word(line, netns);
	if (!error)
		error = helper_give(line, SPAN(&order, sizeof(order)));
	return error ? error : helper_give(line, SPAN(text, order.size));
}

bool
frr_speaker_hear(int line, char node[static FRR_NAME_MAX], char report[static FRR_REPORT_MAX])
{
	return helper_take_word(line, node, FRR_NAME_MAX) &&
	       helper_take_word(line, report, FRR_REPORT_MAX);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `ssh router 'show clock'` and `ssh router < commands.txt`: cli/term/script.h on a channel. */
#ifndef TESTUDO_SSH_SCRIPT_H
#define TESTUDO_SSH_SCRIPT_H

#include <stdbool.h>

struct sshd_channel;

/*
 * Becomes the channel's worker. commands: what to run, one a line; what the user sends answers
 * their questions. NULL: what the user sends is what to run.
 */
bool ssh_script_start(struct sshd_channel *ch, const char *commands);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell without a terminal: `ssh router 'show clock'` and `ssh router < commands.txt`. There is
 * no prompt, echo or pager; what a command prints comes as it is. A line that is refused is shown
 * with its prompt above the error, so that the caret has something to point at, and the next line
 * is taken. The exit status is 0, or 1 when a line was refused.
 */
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

/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd is told of the service: sd_notify(3), without its library. */
#ifndef TESTUDO_NOTIFY_H
#define TESTUDO_NOTIFY_H

#include "compiler/base/base.h"

/* Before the process changes its network namespace, on which an abstract socket depends. */
void notify_open(void);
#define NOTIFY_ALIVE "WATCHDOG=1"
/*
 * state: "READY=1", lines of NAME=VALUE, short. Without $NOTIFY_SOCKET nobody is told. It never
 * waits: what systemd does not take now is sent with the next state, unless that replaces it.
 */
void notify_tell(const char *state);
/* "RELOADING=1" with the time that systemd wants beside it. */
void notify_reloading(void);
/* How often "WATCHDOG=1" is to be told at the latest; 0: nobody waits for it. */
msec notify_watchdog(void);

#endif

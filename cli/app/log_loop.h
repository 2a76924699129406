/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines to syslog servers (`logging host`): RFC 5424, over UDP (RFC 5426) or over TCP with the
 * octets counted (RFC 6587 3.4.1). Nothing waits for a server: what cannot go is dropped and
 * counted.
 */
#ifndef TESTUDO_LOG_LOOP_H
#define TESTUDO_LOG_LOOP_H

#include <uv.h>

#include "cli/device/router.h"

struct log_loop;

struct log_loop *log_loop_new(uv_loop_t *loop);
/* To every server that is configured now. */
void log_loop_send(struct log_loop *l, const struct router *r, const struct log_record *record);
/* What became of the lines for this server: fills its counts. */
void log_loop_count(const struct log_loop *l, struct router_log_host *host);
void log_loop_close(struct log_loop *l); /* then the loop can end; nothing is sent any more */
void log_loop_free(struct log_loop *l);  /* after the loop has ended; NULL is fine */

#endif

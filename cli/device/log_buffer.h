/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a router's log that `show logging` shows, the oldest of which make room, and how
 * many lines went where. Begins with zeros.
 */
#ifndef TESTUDO_LOG_BUFFER_H
#define TESTUDO_LOG_BUFFER_H

#include "cli/device/router.h"

struct log_buffer {
	size_t first, n;
	char *lines[ROUTER_LOG_MAX]; /* a ring */
	uint64_t written[LOG_TO_COUNT];
};

void log_buffer_keep(struct log_buffer *b, char *take_line);
const char *log_buffer_line(const struct log_buffer *b, size_t i); /* oldest first */
void log_buffer_clear(struct log_buffer *b);                       /* its lines */
/*
 * Counts a line of that severity. The console is there whether somebody looks at it or not, and so
 * are syslog servers; a monitor has to be heard.
 */
void log_buffer_count(struct log_buffer *b, const struct router *r, int severity, bool monitored);

#endif

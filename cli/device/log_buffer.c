/* SPDX-License-Identifier: Apache-2.0 */
/* See log_buffer.h. */
#include "cli/device/log_buffer.h"

#include <stdlib.h>

void
log_buffer_keep(struct log_buffer *b, char *take_line)
{
	const size_t i = (b->first + b->n) % ROUTER_LOG_MAX;

	if (b->n == ROUTER_LOG_MAX) {
		free(b->lines[b->first]);
		b->first = (b->first + 1) % ROUTER_LOG_MAX;
		b->n--;
	}
	b->lines[i] = take_line;
	b->n++;
}

const char *
log_buffer_line(const struct log_buffer *b, size_t i)
{
	return b->lines[(b->first + i) % ROUTER_LOG_MAX];
}

void
log_buffer_clear(struct log_buffer *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->lines[(b->first + i) % ROUTER_LOG_MAX]);
	b->n = b->first = 0;
}

void
log_buffer_count(struct log_buffer *b, const struct router *r, int severity, bool monitored)
{
	b->written[LOG_TO_CONSOLE] += severity <= router_log_level(r, LOG_TO_CONSOLE);
	b->written[LOG_TO_TRAP] += severity <= router_log_level(r, LOG_TO_TRAP);
	b->written[LOG_TO_MONITOR] += monitored;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Log records from events.def: see log.h. */
#include "runtime/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *facility, *mnemonic;
	uint8_t severity;
} events[] = {
#define EVENT(id, f, s, m, format) [EV_##id] = {.facility = (f), .mnemonic = (m), .severity = (s)},
#include "runtime/base/events.def"
#undef EVENT
};

void
log_write(const struct log_sink *sink, enum event_id id, const char *format, ...)
{
	struct log_record r = {.id = id, .severity = events[id].severity};
	va_list ap;
	int n;

	if (!sink || !sink->write)
		return;
	n = snprintf(r.text, sizeof(r.text), "%%%s-%u-%s: ", events[id].facility, r.severity,
	             events[id].mnemonic);
	va_start(ap, format);
	vsnprintf(r.text + n, sizeof(r.text) - (size_t)n, format, ap);
	va_end(ap);
	sink->write(sink->arg, &r);
}

void
log_debug(const struct log_sink *sink, const char *format, ...)
{
	struct log_record r = {.id = EV_COUNT, .severity = 7};
	va_list ap;

	if (!sink->write)
		return;
	va_start(ap, format);
	vsnprintf(r.text, sizeof(r.text), format, ap);
	va_end(ap);
	sink->write(sink->arg, &r);
}

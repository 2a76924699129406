/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto key mypubkey`. */
#include "cli/show/show.h"

#include <stdio.h>
#include <time.h>

#define GROUP_OCTETS 4
#define LINE_OCTETS  32

/* "03:56:15 UTC Nov 5 2022" */
static void
generated_at(struct text *t, int64_t wall)
{
	char clock[16], date[16];
	time_t s = (time_t)(wall / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(date, sizeof(date), "%b", &tm);
	text_printf(t, "%% Key pair was generated at: %s UTC %s %d %d\n", clock, date, tm.tm_mday,
	            tm.tm_year + 1900);
}

/* Groups of four octets, eight a line; what is left of less than a group ends the last line. */
static void
key_data(struct text *t, struct span der)
{
	for (size_t i = 0; i < der.n; i++) {
		bool remainder = der.n - i < GROUP_OCTETS;

		if (i % LINE_OCTETS == 0 && !(i && remainder))
			text_puts(t, i ? "\n  " : "  ");
		else if (i % GROUP_OCTETS == 0)
			text_puts(t, " ");
		text_printf(t, "%02X", der.p[i]);
	}
	text_puts(t, "\n");
}

void
show_key_pair(struct text *t, const struct keystore_entry *e, struct span der)
{
	generated_at(t, e->created);
	text_printf(t, "Key name: %s\nKey type: %s KEYS\n Storage Device: not specified\n",
	            e->label, e->ec ? "EC" : "RSA");
	text_printf(t, " Usage: %s Key\n", e->ec ? "Signature" : "General Purpose");
	text_printf(t, " Key is %sexportable.\n Key Data:\n", e->exportable ? "" : "not ");
	key_data(t, der);
}

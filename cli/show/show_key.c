/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto key mypubkey`. */
#include "cli/show/show.h"

#define GROUP_OCTETS 4
#define LINE_OCTETS  32

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
show_key_pair(struct text *t, const struct keystore_entry *e, struct span der,
              const struct clock_zone *zone)
{
	char when[CLOCK_TEXT_MAX];

	text_printf(t, "%% Key pair was generated at: %s\n",
	            clock_text_short(zone, e->created, when));
	text_printf(t, "Key name: %s\nKey type: %s KEYS\n Storage Device: not specified\n",
	            e->label, e->ec ? "EC" : "RSA");
	text_printf(t, " Usage: %s Key\n", e->ec ? "Signature" : "General Purpose");
	text_printf(t, " Key is %sexportable.\n Key Data:\n", e->exportable ? "" : "not ");
	key_data(t, der);
}

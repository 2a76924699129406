/* SPDX-License-Identifier: Apache-2.0 */
/* How long a box has been up. */
#include "cli/show/show.h"

void
show_uptime(struct text *t, msec up)
{
	static const struct {
		const char *name;
		msec seconds;
	} units[] = {
	    /* clang-format off */
	    {"week",   604800},
	    {"day",    86400},
	    {"hour",   3600},
	    {"minute", 60}
	    /* clang-format on */
	};
	msec left = up / 1000;
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		msec n = left / units[i].seconds;

		left %= units[i].seconds;
		/* Minutes are always said: a router is up for 0 minutes at first. */
		if (!n && i + 1 < ARRAY_SIZE(units))
			continue;
		text_printf(t, "%s%lld %s%s", any ? ", " : "", (long long)n, units[i].name,
		            n == 1 ? "" : "s");
		any = true;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Time, uptime and what else belongs to the box. */
#include "cli/show/show.h"

#include <stdio.h>
#include <time.h>

const char *
show_time(int64_t wall, char buf[static SHOW_TIME_MAX])
{
	char clock[16], date[16];
	time_t s = (time_t)(wall / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(date, sizeof(date), "%a %b", &tm);
	snprintf(buf, SHOW_TIME_MAX, "%s.%03d UTC %s %d %d", clock, (int)(wall % 1000), date,
	         tm.tm_mday, tm.tm_year + 1900);
	return buf;
}

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

/* SPDX-License-Identifier: Apache-2.0 */
/* How long a box has been up, how long ago something was, and what machine it is. */
#include "cli/show/show.h"

#include <stdio.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

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

void
show_ago(struct text *t, msec ago)
{
	long long s = ago / 1000;

	if (ago < 0)
		text_puts(t, "never");
	else if (s < 86400)
		text_printf(t, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else if (s < 604800)
		text_printf(t, "%lldd%02lldh", s / 86400, s / 3600 % 24);
	else
		text_printf(t, "%lldw%lldd", s / 604800, s / 86400 % 7);
}

struct show_machine
show_machine(void)
{
	struct show_machine m = {.processor = "unknown"};
	struct utsname name;
	struct sysinfo info;

	if (!uname(&name))
		snprintf(m.processor, sizeof(m.processor), "%s", name.machine);
	if (!sysinfo(&info)) {
		m.memory = (uint64_t)info.totalram * info.mem_unit;
		m.free = (uint64_t)info.freeram * info.mem_unit;
	}
	return m;
}

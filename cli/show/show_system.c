/* SPDX-License-Identifier: Apache-2.0 */
/* How long a box has been up, and what machine it is. */
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

struct show_machine
show_machine(void)
{
	struct show_machine m = {"unknown", 0};
	struct utsname name;
	struct sysinfo info;

	if (!uname(&name))
		snprintf(m.processor, sizeof(m.processor), "%s", name.machine);
	if (!sysinfo(&info))
		m.memory = (uint64_t)info.totalram * info.mem_unit;
	return m;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `show debugging`: see show_debug.h. */
#include "cli/show/show_debug.h"

#include "cli/show/show_commands.h"

static const struct {
	unsigned what;
	const char *name;
} kinds[] = {
    {DEBUG_ISAKMP, "Crypto ISAKMP"},
    {DEBUG_IPSEC, "Crypto IPSEC"},
    {DEBUG_KS, "Crypto GDOI key server"},
    {DEBUG_KS_INFRASTRUCTURE, "Crypto GDOI key server infrastructure"},
    {DEBUG_KS_REGISTRATION, "Crypto GDOI key server registration"},
    {DEBUG_KS_REKEY, "Crypto GDOI key server rekey"},
    {DEBUG_KS_COOP, "Crypto GDOI key server coop"},
    {DEBUG_GM, "Crypto GDOI member"},
    {DEBUG_GM_INFRASTRUCTURE, "Crypto GDOI member infrastructure"},
    {DEBUG_GM_REGISTRATION, "Crypto GDOI member registration"},
    {DEBUG_GM_REKEY, "Crypto GDOI member rekey"},
};

const char *
show_debug_name(unsigned *what)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((*what & kinds[i].what) != kinds[i].what)
			continue;
		*what &= ~kinds[i].what;
		return kinds[i].name;
	}
	return NULL;
}

void
show_debugging(struct shell *sh, unsigned what, const char *before, bool on)
{
	const char *name;

	while ((name = show_debug_name(&what)))
		shell_printf(sh, "%s%s debugging is %s\n", before, name, on ? "on" : "off");
}

void
cmd_show_debugging(struct shell *sh, const struct command *cmd)
{
	unsigned now = node_debug(router_node(shell_router(sh)));

	(void)cmd;
	if (now)
		shell_puts(sh, "\nCryptographic Subsystem:\n");
	show_debugging(sh, now, "  ", true);
}

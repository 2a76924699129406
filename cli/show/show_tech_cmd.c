/* SPDX-License-Identifier: Apache-2.0 */
/* `show tech-support`: many shows in a row for whoever helps, without secrets. */
#include "cli/show/show_cmd.h"

#include <string.h>

#include "cli/accounts/auth_level.h"
#include "compiler/tree/render.h"

/*
 * A line that is kept without effect may hold a secret that the grammar does not know as one, and
 * explains nothing of what this router does.
 */
static bool
is_harmless(void *arg, const struct tnode *n)
{
	(void)arg;
	return !tnode_has_secret(n) && !tnode_entry(n)->kept;
}

static void
show_config(struct shell *sh)
{
	const struct device_kind *kind = router_kind(shell_router(sh));
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));
	struct text t = TEXT_INIT;

	tree_filter(config, is_harmless, NULL);
	if (kind->render)
		kind->render(config, &t);
	else
		render_brief(config, text_line, &t);
	shell_puts(sh, "! Lines with secrets, and those without effect, are left out.\n");
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
}

/* Without the lines that repeat what was typed. */
static void
show_log(struct shell *sh)
{
	struct router *r = shell_router(sh);

	for (size_t i = 0; i < router_log_count(r); i++)
		if (!strstr(router_log_line(r, i), "CFGLOG_LOGGEDCMD"))
			shell_printf(sh, "%s\n", router_log_line(r, i));
}

/* The crypto of a router, and what one must know to read it. */
static bool
is_of_crypto(const char *show)
{
	static const char *const others[] = {"show clock", "show version", "show running-config",
	                                     "show testudo drops"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(show, others[i]))
			return true;
	return !strncmp(show, "show crypto ", strlen("show crypto "));
}

void
cmd_show_tech_support(struct shell *sh, const struct command *cmd)
{
	static const char *const shows[] = {
	    "show clock",
	    "show version",
	    "show running-config",
	    "show interfaces",
	    "show ip interface",
	    "show arp",
	    "show ip route",
	    "show access-lists",
	    "show crypto isakmp policy",
	    "show crypto isakmp sa detail",
	    "show crypto gdoi",
	    "show crypto gdoi ks members",
	    "show crypto gdoi ks policy",
	    "show crypto gdoi ks coop detail",
	    "show crypto gdoi gm rekey detail",
	    "show crypto gdoi gm replay",
	    "show crypto gdoi store",
	    "show crypto ipsec sa detail",
	    "show crypto engine connections active",
	    "show crypto map",
	    "show crypto pki certificates",
	    "show crypto pki crls",
	    "show crypto key mypubkey all",
	    "show processes",
	    "show memory",
	    "show file systems",
	    "show users",
	    "show testudo drops",
	    "show testudo store",
	    "show logging",
	};

	for (size_t i = 0, n = 0; i < ARRAY_SIZE(shows); i++) {
		if (command_has(cmd, ARG_CRYPTO) && !is_of_crypto(shows[i]))
			continue;
		shell_printf(sh, "%s------------------ %s ------------------\n\n",
		             n++ ? "\n\n" : "", shows[i]);
		if (!strcmp(shows[i], "show running-config"))
			show_config(sh);
		else if (!strcmp(shows[i], "show logging"))
			show_log(sh);
		else
			shell_show(sh, shows[i]);
	}
}

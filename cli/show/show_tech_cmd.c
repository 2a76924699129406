/* SPDX-License-Identifier: Apache-2.0 */
/* `show tech-support`: many shows in a row for whoever helps, without secrets. */
#define _GNU_SOURCE
#include "cli/show/show_cmd.h"

#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/accounts/auth_seal.h"
#include "compiler/tree/render.h"

/*
 * A line that is kept without effect may hold a secret that the grammar does not know as one: none
 * with a word that announces such a thing is shown, nor what is in it.
 */
static bool
speaks_of_secret(const struct tnode *n)
{
	char line[512];
	size_t length = tnode_text(n, line, sizeof(line)), end;

	if (length >= sizeof(line) || strcasestr(line, "key") || strcasestr(line, "community"))
		return true;
	for (size_t at = 0; at < length; at = end + 1) {
		end = at + strcspn(line + at, " ");
		if (auth_announces_secret(line + at, end - at, false))
			return true;
	}
	return false;
}

static bool
is_harmless(void *arg, const struct tnode *n)
{
	(void)arg;
	return !tnode_has_secret(n) && !(tnode_entry(n)->kept && speaks_of_secret(n));
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
	shell_puts(sh, "! Lines with secrets are left out.\n");
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
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

	(void)cmd;
	for (size_t i = 0; i < ARRAY_SIZE(shows); i++) {
		shell_printf(sh, "%s------------------ %s ------------------\n\n", i ? "\n\n" : "",
		             shows[i]);
		if (!strcmp(shows[i], "show running-config"))
			show_config(sh);
		else
			shell_show(sh, shows[i]);
	}
}
